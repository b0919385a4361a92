"""Tables as CSV: `arch,METRIC...`, architectures in the space's notation. TransNAS-Bench-101's is one of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lapt_dsl.diagnostics.diagnostic import Diagnostic, LaptError
from lapt_dsl.diagnostics.suggestions import listed, shortened
from lapt_dsl.evaluate.tables.raw_rows import MAX_COLUMNS, MAX_DIAGNOSTICS, RawRows, Unclear
from lapt_dsl.evaluate.tables.separators import (
    AMBIGUOUS,
    find_separator,
    read_decimal_commas,
    separator_line,
    separator_name,
)
from lapt_dsl.evaluate.tables.table_text import TableText

ARCH_NAMES = ("arch", "architecture", "arch_str", "genotype")
"""What the column of architectures may be called."""

UNNAMED = "Unnamed: 0"
"""What pandas calls the column of row labels that it wrote without a heading."""


def named_arch_column(headings: Sequence[str]) -> int | None:
    """Which column holds the architectures according to its heading; None where no heading says so."""
    names = [heading.strip().lower() for heading in headings]
    return next((names.index(name) for name in ARCH_NAMES if name in names), None)


def arch_column(
    headings: Sequence[str],
    file: str,
    fields: Sequence[object] = (),
    reads: Callable[[str], bool] = lambda text: False,
    seen: str = "",
) -> int:
    """Which column holds the architectures: by its heading, else the only one whose first value is an architecture.

    Args:
        headings: The headings.
        file: The file's name.
        fields: The first row.
        reads: Whether a text is an architecture.
        seen: How the file was read, for the message.

    Raises:
        LaptError: E701, there is none.
    """
    named = named_arch_column(headings)
    if named is not None:
        return named
    found = [column for column, field in enumerate(fields) if isinstance(field, str) and reads(field)]
    if len(found) == 1:
        return found[0]
    message = f"this is no table of architectures: it has no column `arch`{f' ({seen})' if seen else ''}"
    hint = f"its columns: {listed(shortened(heading) for heading in headings)}; call one of them `arch`"
    raise LaptError.of("E701", message, file, hint=hint)


@dataclass(frozen=True, slots=True)
class _Layout:
    """How the fields of a file are laid out: headings, the column of architectures, and what was seen of the file."""

    headings: list[str]
    separator: str
    seen: str
    key: int


def read_csv(text: TableText, reads: Callable[[str], bool] = lambda text: False) -> RawRows:
    """The rows of a CSV table.

    Args:
        text: The file's text, with a header line; lines without any value do not count. The separator is that of a
            first line `sep=;`, else the one that fits the header.
        reads: Whether a text is an architecture, for files without a column called `arch`.

    Raises:
        LaptError: E701, no column `arch`; E702, no CSV; E710, too many rows or columns. A row of more or
            fewer fields than the header is a problem of the rows (E705), and so is a number whose comma may be a
            decimal comma or not (E706).
    """
    source, content = text.source, text.source.text.removeprefix("\ufeff")
    given = separator_line(content)
    separator = given or find_separator(content, ARCH_NAMES)
    seen = _seen(separator, given is not None, text.compression)
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=separator, strict=True)
    lines: list[int] = []
    raw = RawRows(source.name, [])
    headings: list[str] = []
    layout: _Layout | None = None
    started, row = 1, 0
    try:
        if given is not None:
            next(reader)
            started = reader.line_num + 1
        for record in reader:
            line, started = started, reader.line_num + 1
            if not any(record):
                continue
            if not headings:
                headings = _headings(record, source.name)
                continue
            row += 1
            if layout is None:
                layout = _layout(headings, separator, seen, record, source.name, reads)
                raw = _rows_of(source.name, layout, content, lines)
            if len(record) != len(headings):
                message = f"row {row}: {len(record)} fields where the header has {len(headings)} ({seen})"
                hint = "is the file cut off?" if len(record) < len(headings) else _quotes_hint(separator)
                raw.problems.append(Diagnostic.of("E705", message, source.name, line=line, hint=hint))
                raw.passed_over += 1
                if len(raw.problems) >= MAX_DIAGNOSTICS:
                    break
                continue
            lines.append(line)
            raw.add(record[layout.key], record[: layout.key] + record[layout.key + 1 :])
    except csv.Error as error:
        message = f"{f'row {row + 1}' if headings else 'the header'}: this is no CSV: {error}"
        raise LaptError.of("E702", message, source.name, line=started, hint="is the file cut off?") from error
    if not headings:
        raise LaptError.of("E702", "the table is empty", source.name, hint="is the download complete?")
    if layout is None:
        arch_column(headings, source.name, seen=seen)
    if separator != ",":
        _decimal_commas(raw, separator)
    return raw


def _seen(separator: str, given: bool, compression: str | None) -> str:
    """How the file was read, in words for a message."""
    words = f"separator: {separator_name(separator)}{', from its `sep=` line' if given else ''}"
    return words if compression is None else f"{words}; compression: {compression}"


def _quotes_hint(separator: str) -> str:
    plural = {",": "commas", ";": "semicolons", "\t": "tabs"}.get(separator, f"`{separator}`")
    return f"put a field that holds {plural} into quotes"


def _headings(record: list[str], file: str) -> list[str]:
    if len(record) > MAX_COLUMNS + 1:
        raise LaptError.of("E710", f"the table has more than {MAX_COLUMNS} columns", file)
    headings = [heading.strip() for heading in record]
    if not headings[0]:
        headings[0] = UNNAMED
    return headings


def _layout(
    headings: list[str], separator: str, seen: str, first: list[str], file: str, reads: Callable[[str], bool]
) -> _Layout:
    return _Layout(headings, separator, seen, arch_column(headings, file, first, reads, seen))


def _rows_of(file: str, layout: _Layout, text: str, lines: list[int]) -> RawRows:
    key = layout.key
    names = [heading for column, heading in enumerate(layout.headings) if column != key]
    raw = RawRows(file, names, locate=_Locator(text, lines, key, layout.separator).locate)
    if named_arch_column(layout.headings) is None:
        raw.notes.append(f"took the column `{shortened(layout.headings[key])}` for the architectures")
    return raw


def _decimal_commas(raw: RawRows, separator: str) -> None:
    rows = [values if isinstance(values, list) else list(values) for values in raw.values]
    columns, ambiguous = read_decimal_commas(rows, separator)
    raw.values = list(rows)
    if columns:
        names = listed(f"`{shortened(raw.names[column])}`" for column in columns)
        raw.notes.append(f"read decimal commas in {names} (separator: {separator_name(separator)})")
    reason = f"{AMBIGUOUS} (separator: {separator_name(separator)})"
    for row, column in ambiguous:
        rows[row][column] = Unclear(str(rows[row][column]), reason)


class _Locator:
    """Finds the place of a value in the text, once something is wrong with it."""

    def __init__(self, text: str, lines: list[int], key: int, separator: str) -> None:
        self._text, self._lines, self._key, self._separator = text, lines, key, separator

    def locate(self, row: int, column: int | None) -> tuple[int, int]:
        """Line and column of a row's architecture, or of the value in one of the other columns."""
        wanted = self._key if column is None else column + (column >= self._key)
        line = self._lines[row]
        start = 0
        for _ in range(line - 1):
            start = self._text.find("\n", start) + 1
        place, field, quoted = start, 0, False
        while field < wanted and place < len(self._text):
            if self._text[place] == '"':
                quoted = not quoted
            elif self._text[place] == self._separator and not quoted:
                field += 1
            place += 1
        begin = self._text.rfind("\n", 0, place) + 1
        return line + self._text.count("\n", start, place), place - begin + 1
