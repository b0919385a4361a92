"""How a table as text separates its fields and writes its numbers."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Sequence

SEPARATORS = (",", ";", "\t", "|")
_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
_SEP_LINE = re.compile(r'"?sep=([^\r\n])"?[;,\t]*\r?(?:\n|$)', re.IGNORECASE)
_HEADER = 2**16
"""Characters in which the heading line is looked for; 256 columns take a fraction of them."""


def separator_name(separator: str) -> str:
    """The separator for a message.

    >>> separator_name(";"), separator_name("#")
    ('semicolon', '`#`')
    """
    return _NAMES.get(separator, f"`{separator}`")


def separator_line(text: str) -> str | None:
    """The separator that a first line `sep=;` names, as Excel writes and reads it; None without such a line."""
    match = _SEP_LINE.match(text)
    return None if match is None else match[1]


def find_separator(text: str, wanted: Collection[str]) -> str:
    """The separator of a table without a `sep=` line, from its headings.

    Args:
        text: The table.
        wanted: Headings in lower case; a separator that gives one of them is preferred over one that does not.

    >>> find_separator("arch;acc, top-1;loss, top-1, mean", {"arch"})
    ';'
    """
    ranks: dict[str, tuple[bool, int]] = {}
    for separator in SEPARATORS:
        headings = first_record(text, separator)
        names = {heading.strip().lower() for heading in headings}
        ranks[separator] = (not names.isdisjoint(wanted), len(headings))
    return max(SEPARATORS, key=ranks.__getitem__)


def first_record(text: str, separator: str) -> list[str]:
    """The fields of the first line that is not blank; none where they are no CSV."""
    lines = text[:_HEADER].lstrip("\r\n").splitlines(keepends=True)
    try:
        return next((record for record in csv.reader(lines, delimiter=separator, strict=True) if record), [])
    except csv.Error:
        return []


_COMMA = re.compile(r"[+-]?(\d+|\d{1,3}(\.\d{3})+)?,\d+([eE][+-]?\d+)?")
_COMMA_OR_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")
_POINT_OR_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+")
AMBIGUOUS = "it has a decimal mark or a mark of thousands"


def read_decimal_commas(rows: Sequence[list[object]], separator: str) -> tuple[list[int], list[tuple[int, int]]]:
    """Replace text such as `91,4` by text with a decimal point, in place.

    A comma followed by three digits is ambiguous (`1,234`). It is a decimal comma where the separator is a semicolon,
    which spreadsheets use where numbers have decimal commas, or where another number of the column shows it.

    Args:
        rows: The fields of every row, all of one length. No field is split by a comma, since `separator` is another.
        separator: The separator of the fields.

    Returns:
        The columns that have decimal commas, and the places (row, column) of numbers that stay ambiguous.
    """
    found: list[int] = []
    ambiguous: list[tuple[int, int]] = []
    for column in range(len(rows[0]) if rows else 0):
        texts = [_bare(row[column]) for row in rows]
        written = [row for row, text in enumerate(texts) if "," in text and _COMMA.fullmatch(text)]
        if not written:
            continue
        clear = separator == ";" or any(not _COMMA_OR_THOUSANDS.fullmatch(texts[row]) for row in written)
        if not clear:
            ambiguous += [(row, column) for row in written]
            continue
        found.append(column)
        ambiguous += [(row, column) for row, text in enumerate(texts) if _POINT_OR_THOUSANDS.fullmatch(text)]
        for row in written:
            field = str(rows[row][column])
            rows[row][column] = field.replace(".", "").replace(",", ".")
    if found:
        # A column without commas in such a file may use points for thousands.
        others = [column for column in range(len(rows[0])) if column not in found]
        for column in others:
            texts = [_bare(row[column]) for row in rows]
            if all(_POINT_OR_THOUSANDS.fullmatch(text) for text in texts):
                ambiguous += [(row, column) for row in range(len(rows))]
    return found, ambiguous


def _bare(field: object) -> str:
    """A number's text without white space and percent sign."""
    return str(field).strip().removesuffix("%").rstrip() if field is not None else ""
