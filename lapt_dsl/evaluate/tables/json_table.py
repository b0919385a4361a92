"""NAS-Bench-201 as JSON: `{"ARCH": {"val_acc_200": 91.4, "test_acc_200": 94.1, "rank": 7}, ...}`."""

from __future__ import annotations

import json
from typing import TypeAlias

from lapt_dsl.compiler.program.source_files import SourceFile
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.diagnostics.suggestions import shortened
from lapt_dsl.evaluate.tables.raw_rows import RawRows

# Pairs instead of dictionaries: a dictionary would forget that a key came twice.
_Pairs: TypeAlias = tuple[tuple[str, object], ...]


def read_json(source: SourceFile) -> RawRows:
    """The rows of a JSON table.

    Args:
        source: The file's text.

    Raises:
        LaptError: E702, the text is no JSON (cut off, most likely); E701, it is JSON of another shape. A row that has
            other columns than the first is a problem of the rows (E705).
    """
    content = _parse(source)
    if not isinstance(content, tuple):
        raise _other_shape(source)
    names: list[str] | None = None
    raw = RawRows(source.name, [])
    for row, (arch, entry) in enumerate(content):
        if not isinstance(entry, tuple):
            raise _other_shape(source)
        if names is None:
            names = [name for name, _ in entry]
            raw = RawRows(source.name, names)
            raw.locate = _Locator(source.text, raw.archs, names).locate
        values = [value for _, value in entry]
        raw.add(arch, values)
        if [name for name, _ in entry] != names:
            raw.values[-1] = _reordered(raw, row, entry)
    return raw


def _parse(source: SourceFile) -> object:
    try:
        # A constant such as NaN is kept as a float: the row and column that hold it are named later.
        return json.loads(source.text, object_pairs_hook=tuple)
    except json.JSONDecodeError as error:
        end = len(source.text.rstrip())
        cut = error.pos >= end or "Unterminated" in error.msg
        what = "the file ends in the middle" if cut else f"this is no JSON: {error.msg}"
        raise LaptError.of(
            "E702", what, source.name, line=error.lineno, column=error.colno, hint="is the download complete?"
        ) from error
    except (RecursionError, ValueError) as error:
        reason = "brackets too deep" if isinstance(error, RecursionError) else "a number of too many digits"
        raise LaptError.of("E702", f"this is no table: {reason}", source.name) from error


def _reordered(raw: RawRows, row: int, entry: _Pairs) -> list[object]:
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

    def __init__(self, text: str, archs: list[str], names: list[str]) -> None:
        self._text, self._archs, self._names = text, archs, names

    def locate(self, row: int, column: int | None) -> tuple[int, int]:
        """Line and column of a row's key, or of the key of one of its values."""
        key = json.dumps(self._archs[row])
        place = -1
        # The same key may stand in earlier rows too: a duplicate is shown where it is, not where the first one is.
        for _ in range(1 + self._archs[:row].count(self._archs[row])):
            place = self._text.find(key, place + 1)
        place = max(place, 0)
        if column is not None:
            place = max(self._text.find(json.dumps(self._names[column]), place), place)
        start = self._text.rfind("\n", 0, place) + 1
        return self._text.count("\n", 0, place) + 1, place - start + 1
