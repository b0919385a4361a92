"""Tables by path: the content determines the format, and the architectures determine the space."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lapt_dsl.compiler.building.library import load_space, shipped_names
from lapt_dsl.compiler.space.model import Space
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.evaluate.tables.raw_columns import number_of
from lapt_dsl.evaluate.tables.raw_rows import RawRows
from lapt_dsl.evaluate.tables.rows import build_table, reads
from lapt_dsl.evaluate.tables.table import Table
from lapt_dsl.evaluate.tables.table_text import ZIP_START, read_table_text

ENDINGS = (".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".parquet", ".pth")
COMPRESSIONS = (".gz", ".xz", ".bz2", ".zip")
DATA_VARIABLE = "LAPT_DATA"
DEFAULT_FOLDER = "../shared/data"

_PICKLES = (".pth", ".pt", ".pkl", ".pickle")
_MAX_FILES = 1000
_ZIP_HEADER = 30
_MAX_DEPTH = 4


def read_table(path: str | Path, space: Space | str | None = None, columns: Sequence[str] = ()) -> Table:
    """Read a table of any known format.

    Args:
        path: CSV, JSON, JSON lines, Parquet or pickle; text may be compressed. The content decides, not the ending.
        space: The space of its architectures, or its name or path; None looks for the shipped space that reads them.
        columns: Names of the columns to use; none takes all that hold numbers.

    Returns:
        The table.

    Raises:
        LaptError: E701 to E713, what is wrong with it, with row and column; E901 and E902, it cannot be read; E220,
            there is no such space.
    """
    name = os.fspath(path)
    if isinstance(space, str):
        space = load_space(space)
    return build_table(_read(name, space), space, columns)


def _read(name: str, space: Space | None) -> RawRows:
    start = _start(name)
    if start == b"PAR1":
        from lapt_dsl.evaluate.tables.parquet_table import read_parquet

        return read_parquet(name)
    if start[:1] == b"\x80" or name.lower().endswith(_PICKLES) or (start == ZIP_START and _holds_pickle(name)):
        from lapt_dsl.evaluate.tables.pickled_table import read_pickle

        return read_pickle(name)
    text = read_table_text(name)
    if text.source.text.lstrip("\ufeff \t\r\n")[:1] in ("{", "["):
        from lapt_dsl.evaluate.tables.json_table import read_json

        return read_json(text.source, lambda field: _is_arch(field, space))
    from lapt_dsl.evaluate.tables.csv_table import read_csv

    return read_csv(text, lambda field: _is_arch(field, space))


def _holds_pickle(name: str) -> bool:
    """Whether a zip file is one that torch wrote: its first member is the pickle."""
    with open(name, "rb") as file:
        header = file.read(_ZIP_HEADER)
        member = file.read(int.from_bytes(header[26:28], "little"))
    return member.endswith(b"data.pkl")


def _is_arch(text: str, space: Space | None) -> bool:
    """Whether a text is an architecture of a space, or of a shipped one."""
    if number_of(text) is not None or not text.strip():
        return False
    spaces = [space] if space is not None else [load_space(name) for name in shipped_names()]
    return any(reads(each, text) for each in spaces)


def _start(name: str) -> bytes:
    try:
        # Opened without blocking, and the type is checked on the descriptor: a pipe would block otherwise.
        descriptor = os.open(name, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise ValueError("it is no regular file")
            return file.read(4)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise LaptError.of("E901", f"cannot read `{name}`: {reason}", name, hint="check the path") from error


@dataclass(frozen=True, slots=True)
class FoundTable:
    """A file that was looked at: its table, or why there is none."""

    path: str
    table: Table | None
    error: LaptError | None


def data_folders() -> list[str]:
    """Where tables are looked for when no path is given: the folders of $LAPT_DATA, else ../shared/data."""
    named = [folder for folder in os.environ.get(DATA_VARIABLE, "").split(os.pathsep) if folder]
    return named or [folder for folder in (DEFAULT_FOLDER,) if os.path.isdir(folder)]


def find_tables(
    paths: Iterable[str], space: Space | str | None = None, columns: Sequence[str] = ()
) -> Iterator[FoundTable]:
    """Read every table that paths lead to.

    Args:
        paths: Files, and folders that are searched for files with one of the usual endings, in order of name.
        space: As for `read_table`.
        columns: As for `read_table`.

    Yields:
        A table or an error for each file; of what lies in folders, also those that turn out to be something else.
    """
    for path in paths:
        for name in _below(path) if os.path.isdir(path) else [path]:
            try:
                yield FoundTable(name, read_table(name, space, columns), None)
            except LaptError as error:
                yield FoundTable(name, None, error)


def _below(folder: str) -> list[str]:
    found: list[str] = []
    base = folder.rstrip(os.sep).count(os.sep)
    for parent, folders, files in os.walk(folder):
        folders.sort()
        if parent.count(os.sep) - base >= _MAX_DEPTH:
            folders.clear()
        found += [os.path.join(parent, file) for file in sorted(files) if _is_table_name(file)]
        if len(found) >= _MAX_FILES:
            break
    return found[:_MAX_FILES]


def _is_table_name(file: str) -> bool:
    name, ending = os.path.splitext(file.lower())
    return (name if ending in COMPRESSIONS else name + ending).endswith(ENDINGS)
