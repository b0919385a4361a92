"""Which columns of a file become columns of the table: those that hold numbers, or those that were chosen."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.diagnostics.suggestions import Suggestions, listed, shortened
from lapt_dsl.evaluate.tables.raw_rows import RawRows, Unclear

_ROW_LABELS = re.compile(r"Unnamed: \d+(\.\d+)?(_level_\d+)?|__index_level_\d+__")
"""What pandas calls a column of row labels, and any other column that has no heading."""


def select_columns(raw: RawRows, chosen: Sequence[str] = ()) -> RawRows:
    """The same rows with fewer columns; a note names the columns that were left out.

    Args:
        raw: The rows of a file.
        chosen: Names of columns, or `NAME:DIRECTION:SPLIT` to say what a column means. None takes every column with a
            number in it, but not the row labels of pandas.

    Raises:
        LaptError: E712, there is no such column.
    """
    if chosen:
        return _chosen(raw, chosen)
    labels = [column for column, name in enumerate(raw.names) if _ROW_LABELS.fullmatch(name)]
    others = [column for column in range(len(raw.names)) if column not in labels]
    text = [column for column in others if not _has_number(raw, column)]
    if not labels and not text:
        return raw
    if len(text) == len(others):
        # Nothing but text: the errors in its rows say more than a table without columns.
        text = []
    notes = []
    if labels:
        notes.append(f"ignored the row labels in {_listed(raw, labels)}")
    if text:
        columns = "column" if len(text) == 1 else "columns"
        notes.append(f"ignored the {columns} {_listed(raw, text)}, without any number")
    kept = [column for column in others if column not in text]
    return _projected(raw, kept, [raw.names[column] for column in kept], notes)


def _chosen(raw: RawRows, chosen: Sequence[str]) -> RawRows:
    names = [_name(heading) for heading in raw.names]
    wanted: dict[str, str] = {}
    for heading in chosen:
        name = _name(heading)
        if name not in names:
            hint = Suggestions().hint(name, names, "columns")
            raise LaptError.of("E712", f"the table has no column `{shortened(name)}`", raw.file, hint=hint)
        wanted[name] = heading
    kept = [column for column, name in enumerate(names) if name in wanted]
    headings = [wanted[names[column]] if ":" in wanted[names[column]] else raw.names[column] for column in kept]
    found = _projected(raw, kept, headings, [])
    # Tasks may have been measured on different architectures: what was not chosen does not make a row incomplete.
    empty = [row for row, values in enumerate(found.values) if all(value in (None, "") for value in values)]
    if not empty or len(empty) == len(found.values):
        return found
    rows = "1 row" if len(empty) == 1 else f"{len(empty):,} rows"
    found.notes.append(f"left out {rows} without a value in the chosen columns")
    return _without(found, set(empty))


def _name(heading: str) -> str:
    return heading.split(":")[0].strip() if not _ROW_LABELS.fullmatch(heading) else heading


def _has_number(raw: RawRows, column: int) -> bool:
    return any(number_of(row[column]) is not None or isinstance(row[column], Unclear) for row in raw.values)


def _listed(raw: RawRows, columns: Sequence[int]) -> str:
    return listed(f"`{shortened(raw.names[column])}`" for column in columns)


def _projected(raw: RawRows, kept: Sequence[int], headings: list[str], notes: list[str]) -> RawRows:
    values = [[row[column] for column in kept] for row in raw.values]
    locate = raw.locate
    return RawRows(
        raw.file,
        headings,
        raw.archs,
        list(values),
        lambda row, column: locate(row, None if column is None else kept[column]),
        raw.problems,
        raw.numbers,
        raw.passed_over,
        [*raw.notes, *notes],
    )


def _without(raw: RawRows, rows: set[int]) -> RawRows:
    kept = [row for row in range(len(raw.values)) if row not in rows]
    locate = raw.locate
    return RawRows(
        raw.file,
        raw.names,
        [raw.archs[row] for row in kept],
        [raw.values[row] for row in kept],
        lambda row, column: locate(kept[row], column),
        raw.problems,
        [raw.numbers[row] for row in kept],
        raw.passed_over,
        raw.notes,
    )


def number_of(value: object) -> float | None:
    """A value as a number, or None. Text as CSV holds it counts, with a percent sign or not; Python's `1_000` does not.

    >>> number_of("91.4 %"), number_of("1_000")
    (91.4, None)
    """
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    if isinstance(value, str):
        if "_" in value or len(value) > 400:
            return None
        if value.endswith(("%", " ")):
            value = value.rstrip().removesuffix("%")
    try:
        return float(value)
    except ValueError:
        return None
    except OverflowError:
        return math.inf
