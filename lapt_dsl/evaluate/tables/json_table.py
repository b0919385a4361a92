"""Tables as JSON: `{"ARCH": {"val_acc_200": 91.4, "test_acc_200": 94.1}, ...}` and other shapes, and JSON lines."""

from __future__ import annotations

import json
from collections.abc import Sequence

from lapt_dsl.compiler.program.source_files import SourceFile
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.diagnostics.suggestions import shortened
from lapt_dsl.evaluate.tables.json_shapes import Pairs, Reads, rows_of
from lapt_dsl.evaluate.tables.raw_rows import RawRows


def read_json(source: SourceFile, reads: Reads = lambda text: False) -> RawRows:
    """The rows of a JSON table, or of JSON lines: one object per line.

    Args:
        source: The file's text.
        reads: Whether a text is an architecture, to tell tasks from architectures.

    Raises:
        LaptError: E702, the text is no JSON (cut off, most likely); E701, it is JSON of another shape. A row that has
            other columns than the first is a problem of the rows (E705).
    """
    lines: list[int] | None = None
    content: object
    if _is_lines(source.text):
        content, lines = _parse_lines(source)
    else:
        content = _parse(source)
    rows = rows_of(content, reads)
    if rows is None:
        raise _other_shape(source)
    names = [name for name, _ in rows.entries[0]] if rows.entries else []
    raw = RawRows(source.name, names, notes=rows.notes)
    raw.locate = _Locator(source.text, rows.keys, names, lines).locate
    for row, (arch, entry) in enumerate(zip(rows.archs, rows.entries, strict=True)):
        raw.add(arch, [value for _, value in entry])
        if [name for name, _ in entry] != names:
            raw.values[-1] = _reordered(raw, row, entry)
    return raw


def _is_lines(text: str) -> bool:
    """Whether the first line is an object of its own and another one follows."""
    start = text.lstrip("\ufeff \t\r\n")
    line, _, rest = start.partition("\n")
    if not line.rstrip().endswith("}") or not rest.lstrip().startswith("{"):
        return False
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _parse_lines(source: SourceFile) -> tuple[list[object], list[int]]:
    records: list[object] = []
    numbers: list[int] = []
    for number, line in enumerate(source.text.removeprefix("\ufeff").split("\n"), 1):
        if line.strip():
            records.append(_parse(SourceFile(source.name, line, ""), number))
            numbers.append(number)
    return records, numbers


def _parse(source: SourceFile, line: int = 1) -> object:
    """The value of a text that starts at a line of its file."""
    try:
        # A constant such as NaN is kept as a float: the row and column that hold it are named later.
        return json.loads(source.text.removeprefix("\ufeff"), object_pairs_hook=tuple)
    except json.JSONDecodeError as error:
        end = len(source.text.rstrip())
        cut = error.pos >= end or "Unterminated" in error.msg
        what = "the file ends in the middle" if cut else f"this is no JSON: {error.msg}"
        raise LaptError.of(
            "E702",
            what,
            source.name,
            line=line + error.lineno - 1,
            column=error.colno,
            hint="is the download complete?",
        ) from error
    except (RecursionError, ValueError) as error:
        reason = "brackets too deep" if isinstance(error, RecursionError) else "a number of too many digits"
        raise LaptError.of("E702", f"this is no table: {reason}", source.name, line=line) from error


def _reordered(raw: RawRows, row: int, entry: Pairs) -> list[object]:
    """The values of a row in the order of the first row, absent ones None; what is wrong becomes a problem."""
    values = dict(entry)
    strange = next((name for name in values if name not in raw.names), None)
    if strange is not None:
        message = f"it has a column `{shortened(strange)}`, which the first row has not"
        raw.problem("E705", message, row, "give every row the same columns")
    elif len(values) != len(entry):
        raw.problem("E713", "it names a column twice", row, "keep one of them")
    return [values.get(name) for name in raw.names]


def _other_shape(source: SourceFile) -> Exception:
    hint = 'a JSON table reads {"ARCH": {"val_acc_200": 91.4, "test_acc_200": 94.1}, ...}'
    return LaptError.of(
        "E701", f"`{shortened(source.name)}` is JSON, but no table of architectures", source.name, hint=hint
    )


class _Locator:
    """Finds the place of a row in the text, once something is wrong with it."""

    def __init__(self, text: str, keys: list[str], names: Sequence[str], lines: list[int] | None) -> None:
        self._text, self._keys, self._names, self._lines = text, keys, names, lines

    def locate(self, row: int, column: int | None) -> tuple[int, int]:
        """Line and column of a row's key, or of the key of one of its values."""
        place = -1
        if self._lines is not None:
            for _ in range(self._lines[row] - 1):
                place = self._text.find("\n", place + 1)
            place += 1
        else:
            # The same key may stand in earlier rows too: a duplicate is shown where it is, not where the first one is.
            for _ in range(1 + self._keys[:row].count(self._keys[row])):
                place = self._text.find(self._keys[row], place + 1)
        place = max(place, 0)
        if column is not None:
            # Of a nested name, the innermost part is looked for; records may have it before their architecture.
            end = self._text.find("\n", place) if self._lines is not None else len(self._text)
            for name in (self._names[column], self._names[column].rpartition(".")[2]):
                found = self._text.find(json.dumps(name), place, end if end >= 0 else len(self._text))
                if found >= 0:
                    place = found
                    break
        start = self._text.rfind("\n", 0, place) + 1
        return self._text.count("\n", 0, place) + 1, place - start + 1
