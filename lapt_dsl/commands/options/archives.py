"""What the verbs of the search share: archives named on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lapt_dsl.compiler.space.model import Space
    from lapt_dsl.propose.archive import Archive

_SQLITE = b"SQLite format 3\x00"


def read_archive(path: str, space: Space | None, task: str | None) -> Archive:
    """Every architecture of the table or run store at `path` with its score, best first.

    `space` None looks for the shipped one that reads a table, or for the one that a run names.

    Raises:
        LaptError: The table or store cannot be read, has no such column, or holds nothing measured.
    """
    from lapt_dsl.search.run.archives import archive_of, archive_of_run

    if is_store(path):
        return archive_of_run(path, space, task)
    from lapt_dsl.evaluate.tables.read_table import read_table

    return archive_of(read_table(path, space), task)


def is_store(path: str) -> bool:
    """Whether a file is an SQLite database, as run stores are."""
    import os

    # A pipe would be emptied by a look at its first bytes; `read_table` says what is wrong with other files.
    if not os.path.isfile(path):
        return False
    try:
        with open(path, "rb") as file:
            return file.read(len(_SQLITE)) == _SQLITE
    except OSError:
        return False
