"""From the raw rows of a file to a checked table. Every format ends here, so every format has the same checks."""

from __future__ import annotations

import math
from collections.abc import Sequence

from lapt_dsl.compiler.building.library import load_space, shipped_names
from lapt_dsl.compiler.space.model import Space
from lapt_dsl.diagnostics.diagnostic import Diagnostic, LaptError, Note
from lapt_dsl.diagnostics.span import Span
from lapt_dsl.diagnostics.suggestions import shortened
from lapt_dsl.evaluate.tables.columns import BadHeader, TableColumn, read_column
from lapt_dsl.evaluate.tables.raw_columns import number_of, select_columns
from lapt_dsl.evaluate.tables.raw_rows import MAX_COLUMNS, MAX_DIAGNOSTICS, RawRows, Unclear
from lapt_dsl.evaluate.tables.table import Encoding, Table

_TRIED_ROWS = 5


def build_table(raw: RawRows, space: Space | None = None, chosen: Sequence[str] = ()) -> Table:
    """Check raw rows and make a table of them.

    Args:
        raw: The rows.
        space: Their space; None looks for the shipped space that reads them.
        chosen: Names of the columns that become the table's; none takes all that hold numbers.

    Returns:
        The table.

    Raises:
        LaptError: Up to MAX_DIAGNOSTICS errors, each with its row and column: E702 no rows, E703 to E708, E713.
    """
    if not raw.archs:
        if raw.problems:
            raise LaptError(raw.problems)
        raise LaptError.of("E702", "the table is empty: it has no rows", raw.file, hint="is the download complete?")
    raw = select_columns(raw, chosen)
    columns = _columns(raw)
    if space is None:
        space = detect_space(raw)
    diagnostics = list(raw.problems)
    encodings = _encodings(raw, space, diagnostics)
    values = [_values(raw, index, diagnostics) for index in range(len(columns))]
    if diagnostics:
        raise LaptError(sorted(diagnostics[:MAX_DIAGNOSTICS], key=lambda found: (found.span.line, found.span.column)))
    return Table(space, columns, encodings, values, raw.file, raw.notes)


def detect_space(raw: RawRows) -> Space:
    """The shipped space in whose notation the first rows are written.

    Raises:
        LaptError: E708, there is none.
    """
    for name in shipped_names():
        space = load_space(name)
        if any(reads(space, text) for text in raw.archs[:_TRIED_ROWS]):
            return space
    message = f"no shipped space ({', '.join(shipped_names())}) reads `{shortened(raw.archs[0])}`"
    line, column = raw.locate(0, None)
    raise LaptError.of("E708", message, raw.file, line=line, column=column, hint="name the table's space with --space")


def reads(space: Space, text: str) -> bool:
    """Whether a text is an architecture of a space."""
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
    others = [name for name in shipped_names() if name != space.name and reads(load_space(name), raw.archs[row])]
    hint = (
        f"it is one of `{others[0]}`: --space {others[0]}"
        if others
        else f"an architecture reads {space.codec.example()}"
    )
    return raw.diagnostic("E707", f"no architecture of `{space.name}`: {reason}", row, hint=hint)


def _values(raw: RawRows, column: int, diagnostics: list[Diagnostic]) -> list[float]:
    numbers: list[float] = []
    percents: list[int] = []
    for row, values in enumerate(raw.values):
        value = values[column]
        # The common case first: a table has millions of numbers and few errors.
        if type(value) is float and value - value == 0.0:
            numbers.append(value)
            continue
        number = number_of(value)
        if isinstance(number, float) and math.isfinite(number):
            numbers.append(number)
            if isinstance(value, str) and "%" in value:
                percents.append(row)
            continue
        if len(diagnostics) >= MAX_DIAGNOSTICS:
            break
        if isinstance(number, float):
            hint = "leave out the row, or the column"
            diagnostics.append(raw.diagnostic("E704", f"the value is {number}", row, column, hint))
        elif value is None or value == "":
            diagnostics.append(raw.diagnostic("E705", "the value is missing", row, column, "is the file cut off?"))
        elif isinstance(value, Unclear):
            hint = "write numbers with a decimal point and without marks of thousands"
            message = f"`{shortened(value.text)}` is ambiguous: {value.reason}"
            diagnostics.append(raw.diagnostic("E706", message, row, column, hint))
        else:
            diagnostics.append(raw.diagnostic("E706", f"`{shortened(str(value)[:80])}` is no number", row, column))
    if percents and len(percents) != len(raw.values) and len(diagnostics) < MAX_DIAGNOSTICS:
        diagnostics.append(_mixed_percent(raw, column, percents))
    return numbers


def _mixed_percent(raw: RawRows, column: int, percents: list[int]) -> Diagnostic:
    """The first value without a percent sign in a column that has such values: 0.914 and 91.4% must not mix."""
    marked = set(percents)
    row = next(row for row in range(len(raw.values)) if row not in marked)
    message = f"the value has no percent sign, and that of row {raw.numbers[percents[0]]} has one"
    return raw.diagnostic("E706", message, row, column, "write all values of a column alike")
