"""A table of measured architectures, indexed by their encodings."""

from __future__ import annotations

import hashlib
import struct
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from lapt_dsl.compiler.space.model import Architecture, Space
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.diagnostics.suggestions import Suggestions, shortened
from lapt_dsl.evaluate.evaluator import Direction
from lapt_dsl.evaluate.metric_names import read_metric_name, undecided_direction
from lapt_dsl.evaluate.tables.columns import TableColumn, partner_on_test

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lapt_dsl.compiler.refined.refined_space import RefinedSpace

Encoding = tuple[int, ...]


class Table:
    """Measurements of architectures of one space; rows are in canonical order, by encoding. Must not be changed.

    `name` is its name in messages, usually the file's path. `index` gives the row of an encoding, and `values(metric)`
    a column as a list in row order: the fast way in for a search that reads a table a million times.
    """

    def __init__(
        self,
        space: Space,
        columns: Sequence[TableColumn],
        encodings: Sequence[Encoding],
        values: Sequence[Sequence[float]],
        name: str = "<table>",
        notes: Sequence[str] = (),
    ) -> None:
        """Bring the rows into canonical order.

        Args:
            space: The space of the architectures.
            columns: The columns, names pairwise different.
            encodings: The encodings, one for each row, pairwise different.
            values: Per column, its finite values in the order of `encodings`.
            name: The name of the table in messages.
            notes: What its reader took or left out by itself, a sentence each.
        """
        self.space, self.columns, self.name, self.notes = space, tuple(columns), name, tuple(notes)
        order = sorted(range(len(encodings)), key=encodings.__getitem__)
        self._encodings = [encodings[row] for row in order]
        self._values = {
            column.name: [column_values[row] for row in order]
            for column, column_values in zip(self.columns, values, strict=True)
        }
        self.index: dict[Encoding, int] = {encoding: row for row, encoding in enumerate(self._encodings)}
        self._sorted: dict[str, list[float]] = {}

    def __len__(self) -> int:
        return len(self._encodings)

    def __contains__(self, arch: object) -> bool:
        return isinstance(arch, Architecture) and arch.encoding in self.index and arch.space == self.space

    def __iter__(self) -> Iterator[Architecture]:
        return (Architecture(self.space, encoding) for encoding in self._encodings)

    def __repr__(self) -> str:
        return f"Table({self.name!r}, {self.space.name}, {len(self)} rows, {[column.name for column in self.columns]})"

    def column(self, metric: str) -> TableColumn:
        """The column of this name.

        Raises:
            LaptError: E712, there is none.
        """
        for column in self.columns:
            if column.name == metric:
                return column
        hint = Suggestions().hint(metric, [column.name for column in self.columns], "columns")
        raise LaptError.of("E712", f"the table has no column `{shortened(metric)}`", self.name, hint=hint)

    def direction(self, metric: str) -> Direction:
        """Which values of a column are better.

        Raises:
            LaptError: E712, there is no such column; E714, its name does not decide.
        """
        direction = self.column(metric).direction
        if direction is None:
            raise undecided_direction(metric, self.name)
        return direction

    def with_direction(self, metric: str, direction: Direction) -> Table:
        """The same table with a column of which `direction` values are better. Errors as for `column`."""
        changed = replace(self.column(metric), direction=direction, measures=True)
        columns = [changed if column.name == metric else column for column in self.columns]
        values = [self._values[column.name] for column in columns]
        return Table(self.space, columns, self._encodings, values, self.name, self.notes)

    def values(self, metric: str) -> list[float]:
        """The values of a column, in row order. Errors as for `column`."""
        return self._values[self.column(metric).name]

    def array(self, metric: str) -> NDArray[np.float64]:
        """The values of a column as a new array of shape (rows,), in row order. Errors as for `column`."""
        import numpy as np

        return np.array(self.values(metric), dtype=np.float64)

    def encodings(self) -> list[Encoding]:
        """The encodings, in row order."""
        return list(self._encodings)

    def value(self, arch: Architecture, metric: str) -> float | None:
        """The values of an architecture; None where the table does not have it. Errors as for `column`."""
        values = self.values(metric)
        return values[self.index[arch.encoding]] if arch in self else None

    def rank(self, metric: str, value: float) -> int:
        """The rank that a value has in a column: 1 plus the number of rows strictly better, so that ties share one.

        Errors as for `column`.
        """
        if metric not in self._sorted:
            self._sorted[metric] = sorted(self.values(metric))
        ascending = self._sorted[metric]
        if self.direction(metric) == "higher":
            return 1 + len(ascending) - bisect_right(ascending, value)
        return 1 + bisect_left(ascending, value)

    def top(self, count: int, metric: str) -> list[tuple[Architecture, float]]:
        """The best `count` rows with their values, best first, ties in canonical order. Errors as for `column`."""
        values = self.values(metric)
        sign = -1.0 if self.direction(metric) == "higher" else 1.0
        # Sorting is stable and rows stand in canonical order already.
        best = sorted(range(len(values)), key=lambda row: sign * values[row])[: max(count, 0)]
        return [(Architecture(self.space, self._encodings[row]), values[row]) for row in best]

    def best(self, metric: str) -> tuple[Architecture, float]:
        """The best row and its value; of several, the first in canonical order. Errors as for `column`."""
        values = self.values(metric)
        value = max(values) if self.direction(metric) == "higher" else min(values)
        return Architecture(self.space, self._encodings[values.index(value)]), value

    def metrics(self) -> tuple[str, ...]:
        """The names of the columns that a search may optimise: those of the validation split."""
        found = [column.name for column in self.columns if column.split == "validation" and column.measures]
        # Measurements on training data stand last, so that no search takes them by default.
        return tuple(sorted(found, key=lambda name: read_metric_name(name).split == "train"))

    def test_metric(self, metric: str) -> str | None:
        """The test column that belongs to a validation column, or None."""
        return partner_on_test(metric, self.columns)

    @cached_property
    def coverage(self) -> Fraction:
        """The exact share of the space that the table has."""
        from lapt_dsl.compiler.refined.refined_space import full

        return Fraction(len(self), full(self.space).size)

    @cached_property
    def covered(self) -> RefinedSpace:
        """The architectures of the table, as a refined space."""
        from lapt_dsl.compiler.refined.refined_space import full

        return full(self.space).listed(self._encodings)

    @property
    def coverage_text(self) -> str:
        """What share of the space the table covers, for messages: `covers 200 of 15,625 architectures`."""
        from lapt_dsl.compiler.refined.refined_space import full

        return f"covers {len(self):,} of {full(self.space).size:,} architectures"

    @cached_property
    def digest(self) -> str:
        """SHA-256 of space, columns, encodings and values: equal for equal tables, whatever file they came from."""
        content = hashlib.sha256(self.space.digest.encode())
        for encoding in self._encodings:
            content.update(struct.pack(f"<{len(encoding)}I", *encoding))
        for column in self.columns:
            values = self._values[column.name]
            content.update(f"\n{column.name}:{column.direction}:{column.split}\n".encode())
            content.update(struct.pack(f"<{len(values)}d", *values))
        return content.hexdigest()
