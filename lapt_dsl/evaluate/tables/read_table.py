"""Tables by path: the content determines the format, and the architectures determine the space."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lapt_dsl.compiler.building.library import load_space
from lapt_dsl.compiler.program.source_files import read_source
from lapt_dsl.compiler.space.model import Space
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.evaluate.tables.rows import RawRows, build_table
from lapt_dsl.evaluate.tables.table import Table

ENDINGS = (".csv", ".json", ".parquet", ".pth")
DATA_VARIABLE = "LAPT_DATA"
DEFAULT_FOLDER = "../shared/data"

_PICKLES = (".pth", ".pt", ".pkl", ".pickle")
_MAX_FILES = 1000
_MAX_DEPTH = 4


def read_table(path: str | Path, space: Space | str | None = None) -> Table:
    """Read a table of any known format.

    Args:
        path: CSV, JSON, Parquet or pickle; the file's content decides, not its ending.
        space: The space of its architectures, or its name or path; None looks for the shipped space that reads them.

    Returns:
        The table.

    Raises:
        LaptError: E701 to E713, what is wrong with it, with row and column; E901 and E902, it cannot be read; E220,
            there is no such space.
    """
    name = os.fspath(path)
    if isinstance(space, str):
        space = load_space(space)
    return build_table(_read(name), space)


def _read(name: str) -> RawRows:
    start = _start(name)
    if start == b"PAR1":
        from lapt_dsl.evaluate.tables.parquet_table import read_parquet

        return read_parquet(name)
    if start == b"PK\x03\x04" or start[:1] == b"\x80" or name.lower().endswith(_PICKLES):
        from lapt_dsl.evaluate.tables.pickled_table import read_pickle

        return read_pickle(name)
    source = read_source(name)
    if source.text.lstrip("\ufeff \t\r\n")[:1] in ("{", "["):
        from lapt_dsl.evaluate.tables.json_table import read_json

        return read_json(source)
    from lapt_dsl.evaluate.tables.csv_table import read_csv

    return read_csv(source)


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


def find_tables(paths: Iterable[str], space: Space | str | None = None) -> Iterator[FoundTable]:
    """Read every table that paths lead to.

    Args:
        paths: Files, and folders that are searched for files with one of the usual endings, in order of name.
        space: As for `read_table`.

    Yields:
        A table or an error for each file; of what lies in folders, also those that turn out to be something else.
    """
    for path in paths:
        for name in _below(path) if os.path.isdir(path) else [path]:
            try:
                yield FoundTable(name, read_table(name, space), None)
            except LaptError as error:
                yield FoundTable(name, None, error)


def _below(folder: str) -> list[str]:
    found: list[str] = []
    base = folder.rstrip(os.sep).count(os.sep)
    for parent, folders, files in os.walk(folder):
        folders.sort()
        if parent.count(os.sep) - base >= _MAX_DEPTH:
            folders.clear()
        found += [os.path.join(parent, file) for file in sorted(files) if file.lower().endswith(ENDINGS)]
        if len(found) >= _MAX_FILES:
            break
    return found[:_MAX_FILES]
