"""Archives named on the command line, shared by the verbs that learn and search."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lapt_dsl.compiler.space.model import Space
    from lapt_dsl.propose.archive import Archive

_SQLITE = b"SQLite format 3\x00"


def read_archive(path: str, space: Space | None, task: str | None) -> Archive:
    """Every architecture of the table or run store at `path` with its score, best first.

    With `space` None, it is the shipped space that reads the table, or the space recorded in the run.

    Raises:
        LaptError: The table or store cannot be read, has no such column, or holds no result.
    """
    from lapt_dsl.search.run.archives import archive_of, archive_of_run

    if is_store(path):
        return archive_of_run(path, space, task)
    from lapt_dsl.evaluate.tables.read_table import read_table

    return archive_of(read_table(path, space), task)


def is_store(path: str) -> bool:
    """Whether a file is an SQLite database, as run stores are."""
    import os

    # Reading the first bytes of a pipe would consume them; `read_table` reports other kinds of files.
    if not os.path.isfile(path):
        return False
    try:
        with open(path, "rb") as file:
            return file.read(len(_SQLITE)) == _SQLITE
    except OSError:
        return False
