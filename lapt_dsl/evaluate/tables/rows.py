"""From the raw rows of a file to a checked table. Every format ends here, so every format has the same checks."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from lapt_dsl.compiler.building.library import load_space, shipped_names
from lapt_dsl.compiler.space.model import Space
from lapt_dsl.diagnostics.diagnostic import Diagnostic, LaptError, Note
from lapt_dsl.diagnostics.span import Span
from lapt_dsl.diagnostics.suggestions import shortened
from lapt_dsl.evaluate.tables.columns import BadHeader, TableColumn, read_column
from lapt_dsl.evaluate.tables.table import Encoding, Table

MAX_ROWS = 2_000_000
MAX_COLUMNS = 256
MAX_DIAGNOSTICS = 20
"""Reading stops after this number of errors: the first ones usually show the cause."""

_TRIED_ROWS = 5


@dataclass
class RawRows:
    """Rows of a file before validation.

    `names`: headings of the value columns; `archs`: an architecture's text per row; `values`: per row, the values in
    the order of `names`, a missing one None. `locate(row, column)` is the place (line and column, from 1) of a row
    (from 0), or of its value in a column (an index into `names`). `problems`: errors that the reader found.
    `numbers`: the number of each row in the file, from 1, including rows that the reader left out.
    """

    file: str
    names: Sequence[str]
    archs: list[str] = field(default_factory=list)
    values: list[Sequence[object]] = field(default_factory=list)
    locate: Callable[[int, int | None], tuple[int, int]] = lambda row, column: (row + 1, 1)
    problems: list[Diagnostic] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    passed_over: int = 0

    def add(self, arch: str, values: Sequence[object]) -> None:
        """Add a row.

        Raises:
            LaptError: E710, there are too many.
        """
        if len(self.archs) >= MAX_ROWS:
            raise LaptError.of("E710", f"the table has more than {MAX_ROWS:,} rows", self.file)
        self.numbers.append(len(self.archs) + self.passed_over + 1)
        self.archs.append(arch)
        self.values.append(values)

    def problem(self, code: str, message: str, row: int, hint: str) -> None:
        """Record an error of a row, up to MAX_DIAGNOSTICS of them."""
        if len(self.problems) < MAX_DIAGNOSTICS:
            self.problems.append(self.diagnostic(code, message, row, hint=hint))

    def diagnostic(
        self, code: str, message: str, row: int, column: int | None = None, hint: str | None = None
    ) -> Diagnostic:
        """A diagnostic that names row and column."""
        where = f"row {self.numbers[row]}" + (
            f", column `{shortened(self.names[column])}`" if column is not None else ""
        )
        line, position = self.locate(row, column)
        return Diagnostic.of(code, f"{where}: {message}", self.file, line=line, column=position, hint=hint)


def build_table(raw: RawRows, space: Space | None = None) -> Table:
    """Check raw rows and make a table of them.

    Args:
        raw: The rows.
        space: Their space; None looks for the shipped space that reads them.

    Returns:
        The table.

    Raises:
        LaptError: Up to MAX_DIAGNOSTICS errors, each with its row and column: E702 no rows, E703 to E708, E713.
    """
    if not raw.archs:
        if raw.problems:
            raise LaptError(raw.problems)
        raise LaptError.of("E702", "the table is empty: it has no rows", raw.file, hint="is the download complete?")
    columns = _columns(raw)
    if space is None:
        space = detect_space(raw)
    diagnostics = list(raw.problems)
    encodings = _encodings(raw, space, diagnostics)
    values = [_values(raw, index, diagnostics) for index in range(len(columns))]
    if diagnostics:
        raise LaptError(sorted(diagnostics[:MAX_DIAGNOSTICS], key=lambda found: (found.span.line, found.span.column)))
    return Table(space, columns, encodings, values, raw.file)


def detect_space(raw: RawRows) -> Space:
    """The shipped space in whose notation the first rows are written.

    Raises:
        LaptError: E708, there is none.
    """
    for name in shipped_names():
        space = load_space(name)
        if any(_reads(space, text) for text in raw.archs[:_TRIED_ROWS]):
            return space
    message = f"no shipped space ({', '.join(shipped_names())}) reads `{shortened(raw.archs[0])}`"
    line, column = raw.locate(0, None)
    raise LaptError.of("E708", message, raw.file, line=line, column=column, hint="name the table's space with --space")


def _reads(space: Space, text: str) -> bool:
    try:
        space.parse_arch(text)
    except LaptError:
        return False
    return True


def _columns(raw: RawRows) -> list[TableColumn]:
    diagnostics: list[Diagnostic] = []
    columns: list[TableColumn] = []
    seen: dict[str, int] = {}
    if len(raw.names) > MAX_COLUMNS:
        raise LaptError.of("E710", f"the table has more than {MAX_COLUMNS} columns", raw.file)
    if not raw.names:
        hint = "add a column of measurements, e.g. `val_acc`"
        raise LaptError.of("E701", "the table has architectures and no column of measurements", raw.file, hint=hint)
    for index, heading in enumerate(raw.names):
        try:
            column = read_column(heading)
        except BadHeader as problem:
            hint = "write NAME, or NAME:higher|lower:validation|test|cost"
            diagnostics.append(Diagnostic.of("E713", f"value column {index + 1} {problem}", raw.file, hint=hint))
            continue
        if column.name in seen:
            message = f"the columns {seen[column.name] + 1} and {index + 1} are both called `{shortened(column.name)}`"
            diagnostics.append(Diagnostic.of("E713", message, raw.file, hint="rename one of them"))
        seen.setdefault(column.name, index)
        columns.append(column)
    if diagnostics:
        raise LaptError(diagnostics[:MAX_DIAGNOSTICS])
    return columns


def _encodings(raw: RawRows, space: Space, diagnostics: list[Diagnostic]) -> list[Encoding]:
    first: dict[Encoding, int] = {}
    for row, text in enumerate(raw.archs):
        try:
            encoding = space.parse_arch(text).encoding
        except LaptError as error:
            diagnostics.append(_foreign(raw, space, row, error.diagnostics[0].message))
        else:
            before = first.setdefault(encoding, row)
            if before != row:
                line, column = raw.locate(before, None)
                note = Note(f"row {raw.numbers[before]} is the first", Span(0, 0, line, column, raw.file))
                found = raw.diagnostic(
                    "E703", f"the architecture of row {raw.numbers[before]} again", row, hint="keep one of them"
                )
                diagnostics.append(
                    Diagnostic(found.code, found.severity, found.message, found.span, found.hint, (note,))
                )
        if len(diagnostics) >= MAX_DIAGNOSTICS:
            break
    return list(first)


def _foreign(raw: RawRows, space: Space, row: int, reason: str) -> Diagnostic:
    others = [name for name in shipped_names() if name != space.name and _reads(load_space(name), raw.archs[row])]
    hint = (
        f"it is one of `{others[0]}`: --space {others[0]}"
        if others
        else f"an architecture reads {space.codec.example()}"
    )
    return raw.diagnostic("E707", f"no architecture of `{space.name}`: {reason}", row, hint=hint)


def _values(raw: RawRows, column: int, diagnostics: list[Diagnostic]) -> list[float]:
    numbers: list[float] = []
    for row, values in enumerate(raw.values):
        value = values[column]
        # The common case first: a table has millions of numbers and few errors.
        if type(value) is float and value - value == 0.0:
            numbers.append(value)
            continue
        number = _number(value)
        if isinstance(number, float) and math.isfinite(number):
            numbers.append(number)
            continue
        if len(diagnostics) >= MAX_DIAGNOSTICS:
            break
        if isinstance(number, float):
            hint = "leave out the row, or the column"
            diagnostics.append(raw.diagnostic("E704", f"the value is {number}", row, column, hint))
        elif value is None or value == "":
            diagnostics.append(raw.diagnostic("E705", "the value is missing", row, column, "is the file cut off?"))
        else:
            diagnostics.append(raw.diagnostic("E706", f"`{shortened(str(value)[:80])}` is no number", row, column))
    return numbers


def _number(value: object) -> float | None:
    """A value as a number, or None; text as CSV holds it counts, Python's `1_000` does not."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    if isinstance(value, str) and ("_" in value or len(value) > 400):
        return None
    try:
        return float(value)
    except ValueError:
        return None
    except OverflowError:
        return math.inf
