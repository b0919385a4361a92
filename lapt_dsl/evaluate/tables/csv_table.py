"""Tables as CSV: `arch,METRIC...`, architectures in the space's notation. TransNAS-Bench-101's is one of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from lapt_dsl.compiler.program.source_files import SourceFile
from lapt_dsl.diagnostics.diagnostic import Diagnostic, LaptError
from lapt_dsl.diagnostics.suggestions import listed, shortened
from lapt_dsl.evaluate.tables.rows import MAX_COLUMNS, MAX_DIAGNOSTICS, RawRows

ARCH_NAMES = ("arch", "architecture", "arch_str", "genotype")
"""What the column of architectures may be called."""


def arch_column(headings: Sequence[str], file: str) -> int:
    """Which column holds the architectures.

    Raises:
        LaptError: E701, none is called so.
    """
    names = [heading.strip().lower() for heading in headings]
    for name in ARCH_NAMES:
        if name in names:
            return names.index(name)
    message = "this is no table of architectures: it has no column `arch`"
    hint = f"its columns: {listed(shortened(heading) for heading in headings)}; call one of them `arch`"
    raise LaptError.of("E701", message, file, hint=hint)


def read_csv(source: SourceFile) -> RawRows:
    """The rows of a CSV table.

    Args:
        source: The file's text, with a header line; blank lines do not count.

    Raises:
        LaptError: E701, no column `arch`; E702, no CSV; E710, too many rows or columns. A row of more or
            fewer fields than the header is a problem of the rows (E705).
    """
    text = source.text.removeprefix("\ufeff")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    lines: list[int] = []
    raw, key, width, started, row = RawRows(source.name, []), 0, 0, 1, 0
    try:
        for record in reader:
            line, started = started, reader.line_num + 1
            if not record:
                continue
            if width == 0:
                key, width = _header(record, source.name)
                names = [heading.strip() for column, heading in enumerate(record) if column != key]
                raw = RawRows(source.name, names, locate=_Locator(text, lines, key).locate)
                continue
            row += 1
            if len(record) != width:
                message = f"row {row}: {len(record)} fields where the header has {width}"
                hint = "is the file cut off?" if len(record) < width else "put a field that holds commas into quotes"
                raw.problems.append(Diagnostic.of("E705", message, source.name, line=line, hint=hint))
                raw.passed_over += 1
                if len(raw.problems) >= MAX_DIAGNOSTICS:
                    break
                continue
            lines.append(line)
            raw.add(record[key], record[:key] + record[key + 1 :])
    except csv.Error as error:
        message = f"{f'row {row + 1}' if width else 'the header'}: this is no CSV: {error}"
        raise LaptError.of("E702", message, source.name, line=started, hint="is the file cut off?") from error
    if width == 0:
        raise LaptError.of("E702", "the table is empty", source.name, hint="is the download complete?")
    return raw


def _header(record: list[str], file: str) -> tuple[int, int]:
    if len(record) > MAX_COLUMNS + 1:
        raise LaptError.of("E710", f"the table has more than {MAX_COLUMNS} columns", file)
    return arch_column(record, file), len(record)


class _Locator:
    """Finds the place of a value in the text, once something is wrong with it."""

    def __init__(self, text: str, lines: list[int], key: int) -> None:
        self._text, self._lines, self._key = text, lines, key

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
            elif self._text[place] == "," and not quoted:
                field += 1
            place += 1
        begin = self._text.rfind("\n", 0, place) + 1
        return line + self._text.count("\n", start, place), place - begin + 1
