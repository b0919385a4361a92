"""The shapes in which tools write tables as JSON, each turned into rows of (architecture, pairs of name and value).

A JSON object arrives as a tuple of pairs and an array as a list, so that a key that comes twice is not lost.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from lapt_dsl.diagnostics.suggestions import shortened
from lapt_dsl.evaluate.tables.csv_table import named_arch_column

Pairs: TypeAlias = tuple[tuple[str, object], ...]
Reads: TypeAlias = Callable[[str], bool]

_NUMBERS = re.compile(r"[(\[][\d\s,()\[\]]+[)\]]")
_DEPTH = 4


@dataclass
class JsonRows:
    """Rows of a JSON table: architectures, their values, and `keys`, the text by which a row is found in the file."""

    archs: list[str] = field(default_factory=list)
    entries: list[Pairs] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, arch: object, entry: Pairs, key: str | None = None) -> None:
        """Add a row; an architecture that is an object or a list is written as JSON."""
        text = arch if isinstance(arch, str) else json.dumps(plain(arch))
        self.archs.append(text)
        self.entries.append(entry)
        self.keys.append(json.dumps(text) if key is None else key)


def is_object(value: object) -> bool:
    """Whether a value is a JSON object."""
    return isinstance(value, tuple)


def plain(value: object) -> object:
    """A value with dictionaries for objects."""
    if isinstance(value, tuple):
        return {name: plain(inner) for name, inner in value}
    return [plain(inner) for inner in value] if isinstance(value, list) else value


def flat(entry: Pairs, depth: int = _DEPTH) -> Pairs:
    """The entry with nested objects as `outer.inner`."""
    if depth == 0 or not any(isinstance(value, tuple) for _, value in entry):
        return entry
    found: list[tuple[str, object]] = []
    for name, value in entry:
        if isinstance(value, tuple):
            found += [(f"{name}.{inner}", each) for inner, each in flat(value, depth - 1)]
        else:
            found.append((name, value))
    return tuple(found)


def rows_of(content: object, reads: Reads) -> JsonRows | None:
    """The rows of a JSON value; None where it has none of the known shapes.

    Args:
        content: The value: `{ARCH: {METRIC: number}}`, the same nested by task inside or outside, records with a field
            `arch` in an array or under an index, or pandas' orientations `columns` and `split`.
        reads: Whether a text is an architecture.
    """
    if isinstance(content, list):
        return _records([(None, entry) for entry in content])
    if not isinstance(content, tuple):
        return None
    names = [name for name, _ in content]
    if {"columns", "data"} <= set(names):
        return _split(dict(content))
    key = named_arch_column(names)
    if key is not None:
        return _by_column(content, key) if is_object(content[key][1]) else _records([(None, content)])
    if not all(is_object(value) for _, value in content):
        return None
    entries: list[tuple[str, Pairs]] = [(name, value) for name, value in content if isinstance(value, tuple)]
    if entries and named_arch_column([name for name, _ in entries[0][1]]) is not None:
        return _records([(json.dumps(name), value) for name, value in entries])
    if entries and any(is_object(value) for _, value in entries[0][1]):
        return _nested(entries, reads)
    rows = JsonRows()
    for name, value in entries:
        rows.add(name, value)
    return rows


def _records(entries: Sequence[tuple[str | None, object]]) -> JsonRows | None:
    rows = JsonRows()
    for key, entry in entries:
        if not isinstance(entry, tuple):
            return None
        entry = flat(entry) if named_arch_column([name for name, _ in entry]) is None else entry
        column = named_arch_column([name for name, _ in entry])
        if column is None:
            return None
        rows.add(entry[column][1], flat(entry[:column] + entry[column + 1 :]), key)
    return rows


def _by_column(content: Pairs, key: int) -> JsonRows | None:
    """pandas' `{"arch": {"0": ...}, "acc": {"0": ...}}`."""
    columns = {name: dict(values) for name, values in content if isinstance(values, tuple)}
    rows = JsonRows()
    for label, arch in columns.pop(content[key][0]).items():
        rows.add(arch, tuple((name, values.get(label)) for name, values in columns.items()))
    return rows


def _split(content: dict[str, object]) -> JsonRows | None:
    """pandas' `{"columns": [...], "index": [...], "data": [[...], ...]}`."""
    names, data, index = content["columns"], content["data"], content.get("index")
    if not isinstance(names, list) or not isinstance(data, list):
        return None
    headings = [str(name) for name in names]
    key = named_arch_column(headings)
    rows = JsonRows()
    for number, values in enumerate(data):
        if not isinstance(values, list) or len(values) != len(headings):
            return None
        pairs = tuple(zip(headings, values, strict=True))
        if key is not None:
            rows.add(values[key], pairs[:key] + pairs[key + 1 :])
        elif isinstance(index, list) and number < len(index):
            rows.add(index[number], pairs)
        else:
            return None
    return rows


def _nested(entries: list[tuple[str, Pairs]], reads: Reads) -> JsonRows:
    """`{ARCH: {TASK: {METRIC: number}}}`, or `{TASK: {ARCH: {METRIC: number}}}` as NASLib has it."""
    first, inner = entries[0]
    rows = JsonRows()
    if _is_arch(first, reads) or not _is_arch(inner[0][0], reads):
        for arch, entry in entries:
            rows.add(arch, flat(entry))
    else:
        _merge_tasks(rows, entries)
    if any(name.endswith(".score") for name, _ in rows.entries[0]) and _NUMBERS.fullmatch(rows.archs[0]):
        # NASLib numbers edges and operators in another order than the benchmarks; only its own files are read so.
        rows.archs = [f"naslib:{arch}" for arch in rows.archs]
        rows.notes.append("read the architectures as NASLib numbers them (proxies with `score`)")
    return rows


def _is_arch(text: str, reads: Reads) -> bool:
    return _NUMBERS.fullmatch(text) is not None or reads(text)


def _merge_tasks(rows: JsonRows, tasks: list[tuple[str, Pairs]]) -> None:
    names: dict[str, None] = {}
    merged: dict[str, dict[str, object]] = {}
    for task, archs in tasks:
        for arch, entry in archs:
            values = merged.setdefault(arch, {})
            for name, value in flat(entry) if isinstance(entry, tuple) else (("", entry),):
                # One task needs no prefix.
                column = name if len(tasks) == 1 else f"{task}.{name}".rstrip(".")
                names.setdefault(column)
                values[column] = value
    for arch, values in merged.items():
        rows.add(arch, tuple((name, values.get(name)) for name in names))
    if len(tasks) == 1:
        rows.notes.append(f"read the results of `{shortened(tasks[0][0])}`")
