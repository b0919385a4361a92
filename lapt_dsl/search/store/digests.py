"""A digest of every row of a run store, so that data changed outside a search is noticed.

SQLite finds a damaged page only where the damage breaks its structure: a flipped bit inside a score reads as another
score. The table `digests` holds the SHA-256 of each row as it was stored; opening a store compares all of them.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

KEYS = {"run": "id", "proposals": "id", "evaluations": "step", "states": "step", "events": "id", "exchanges": "id"}
"""The tables that are covered, each with the column that numbers its rows."""

DIGESTS = """CREATE TABLE digests (
        record TEXT NOT NULL,
        key INTEGER NOT NULL,
        digest TEXT NOT NULL,
        PRIMARY KEY (record, key))"""


@dataclass(frozen=True, slots=True)
class DamagedRow:
    """A row that is not as it was stored: its table, its number, and what is wrong with it."""

    table: str
    key: int
    problem: str

    def __str__(self) -> str:
        column = KEYS[self.table]
        return f"the row of `{self.table}` with {column} {self.key} {self.problem}"


def row_digest(table: str, row: tuple[object, ...]) -> str | None:
    """The SHA-256 of a row of a table; None for values that no row holds, such as bytes."""
    try:
        text = json.dumps([table, *row], ensure_ascii=True)
    except (TypeError, ValueError):
        return None
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def seal(connection: sqlite3.Connection, table: str, key: int) -> None:
    """Store the digest of a row that was just written, inside the transaction of the caller."""
    row = connection.execute(f"SELECT * FROM {table} WHERE {KEYS[table]} = ?", (key,)).fetchone()
    connection.execute("INSERT OR REPLACE INTO digests VALUES (?, ?, ?)", (table, key, row_digest(table, row)))


def seal_all(connection: sqlite3.Connection) -> None:
    """Store the digests of all rows: for a store of a version that had none."""
    for table, column in KEYS.items():
        for (key,) in connection.execute(f"SELECT {column} FROM {table}").fetchall():
            seal(connection, table, key)


def damaged_rows(connection: sqlite3.Connection) -> Iterator[DamagedRow]:
    """Rows that differ from their digests, lack one, or are gone. Raises sqlite3.Error for a damaged file."""
    for table, column in KEYS.items():
        wanted = dict(connection.execute("SELECT key, digest FROM digests WHERE record = ?", (table,)).fetchall())
        for key, *row in connection.execute(f"SELECT {column}, * FROM {table} ORDER BY {column}"):
            known = wanted.pop(key, None)
            if known is None:
                yield DamagedRow(table, key, "was added by another program")
            elif known != row_digest(table, tuple(row)):
                yield DamagedRow(table, key, "was changed")
        for key in wanted:
            yield DamagedRow(table, key, "is missing")
