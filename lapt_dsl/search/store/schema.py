"""The file of the run store: tables, version, and how it is opened."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from urllib.parse import quote

from lapt_dsl.search.store.digests import DIGESTS, damaged_rows, seal_all
from lapt_dsl.search.store.errors import guarded, store_error

APPLICATION_ID = 0x4C415054
"""`LAPT` in ASCII. It distinguishes a run store from other SQLite files."""

SCHEMA_VERSION = 3

BUSY_SECONDS = 5.0
"""Time to wait for a reader that is checkpointing the write-ahead log."""

TABLES = (
    # One row: what the run depends on. The seed is text, since it may exceed the integers of SQLite.
    """CREATE TABLE run (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        settings TEXT NOT NULL,
        space TEXT NOT NULL,
        space_digest TEXT NOT NULL,
        evaluator TEXT NOT NULL,
        seed TEXT NOT NULL)""",
    """CREATE TABLE proposals (
        id INTEGER PRIMARY KEY,
        run INTEGER NOT NULL REFERENCES run (id),
        iteration INTEGER NOT NULL,
        step INTEGER NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('learn', 'focus', 'adapt', 'explore')),
        name TEXT NOT NULL,
        text TEXT NOT NULL,
        parent INTEGER REFERENCES proposals (id),
        size TEXT,
        accepted INTEGER NOT NULL CHECK (accepted IN (0, 1)),
        reason TEXT)""",
    # Exactly one of `metrics` and `failure` is set. Sizes and metrics are text, so that no digit is lost.
    """CREATE TABLE evaluations (
        run INTEGER NOT NULL REFERENCES run (id),
        step INTEGER NOT NULL,
        arch TEXT NOT NULL,
        metrics TEXT,
        failure TEXT,
        message TEXT,
        cost REAL,
        proposal INTEGER REFERENCES proposals (id),
        PRIMARY KEY (run, step),
        UNIQUE (run, arch),
        CHECK ((metrics IS NULL) <> (failure IS NULL)))""",
    """CREATE TABLE states (
        run INTEGER NOT NULL REFERENCES run (id),
        step INTEGER NOT NULL,
        state TEXT NOT NULL,
        PRIMARY KEY (run, step))""",
    """CREATE TABLE events (
        id INTEGER PRIMARY KEY,
        run INTEGER NOT NULL REFERENCES run (id),
        step INTEGER NOT NULL,
        kind TEXT NOT NULL,
        data TEXT NOT NULL)""",
    # Exchanges with a language model. `request` and `reply` are JSON, since a reply may hold characters that SQLite
    # text cannot. `iteration` is the number of the principle file that the exchange was for.
    _EXCHANGES := """CREATE TABLE exchanges (
        id INTEGER PRIMARY KEY,
        run INTEGER NOT NULL REFERENCES run (id),
        iteration INTEGER NOT NULL,
        step INTEGER NOT NULL,
        task TEXT NOT NULL,
        digest TEXT NOT NULL,
        request TEXT NOT NULL,
        reply TEXT,
        failure TEXT,
        outcome TEXT NOT NULL,
        latency REAL,
        seconds REAL NOT NULL)""",
    DIGESTS,
)

DIGESTS_SINCE = 3
"""The first version with a digest of every row."""

MIGRATIONS = {1: (_EXCHANGES,), 2: (DIGESTS,)}
"""Statements that migrate a store to the next version. They only add tables, so stored data is not changed."""

_STATEMENTS_OF = {1: TABLES[:5], 2: TABLES[:6], 3: TABLES}
"""The tables that a store of each version has, as SQLite keeps their statements."""


def connect(path: str) -> sqlite3.Connection:
    """Open a store for reading and writing; the caller holds its lock.

    Every commit is on the disk when it returns (`synchronous = FULL`), so results survive a power failure.

    Raises:
        LaptError: E803, E804 or E807.
    """
    with guarded(path):
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            # Checked first: even setting the journal mode would change the database of another program.
            _refuse_foreign(connection, path)
            # Functions named in the schema of a file from elsewhere are not run.
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
        except BaseException:
            connection.close()
            raise
    return connection


def connect_to_read(path: str) -> sqlite3.Connection:
    """Open a store for reading only, beside a search that writes to it. Errors as for `connect`."""
    # In a writable folder SQLite creates and removes its own side files. In a read-only folder it cannot, and needs
    # none unless there is a write-ahead log.
    log = Path(f"{path}-wal")
    writable = os.access(path, os.W_OK) and os.access(Path(path).absolute().parent, os.W_OK)
    quiet = not log.exists() or log.stat().st_size == 0
    mode = "mode=rw" if writable else "mode=ro&immutable=1" if quiet else "mode=ro"
    address = f"file:{quote(os.path.abspath(path))}?{mode}"
    with guarded(path):
        connection = sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA query_only = ON")
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.Error:
            connection.close()
            raise
    return connection


def is_blank(connection: sqlite3.Connection) -> bool:
    """Whether a database is empty: a new file, or one whose creation was interrupted."""
    return _pragma(connection, "user_version") == 0 and not _tables(connection)


def make_tables(connection: sqlite3.Connection) -> None:
    """Create the tables of a blank database, inside the transaction of the caller."""
    for statement in TABLES:
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def migrate(connection: sqlite3.Connection, path: str) -> None:
    """Migrate an intact store of an older version in one transaction. The caller holds its lock.

    Raises:
        LaptError: E806 or E807, the store cannot be written. It is not changed.
    """
    with guarded(path):
        version = _pragma(connection, "user_version")
        if version == SCHEMA_VERSION:
            return
        connection.execute("BEGIN IMMEDIATE")
        try:
            for old in range(version, SCHEMA_VERSION):
                for statement in MIGRATIONS[old]:
                    connection.execute(statement)
            if version < DIGESTS_SINCE:
                seal_all(connection)
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def has_table(connection: sqlite3.Connection, name: str) -> bool:
    """Whether a store has a table. A store of an older version, opened for reading, lacks newer tables."""
    return name in _tables(connection)


def check_schema(connection: sqlite3.Connection, path: str) -> None:
    """Reject a file that is not an intact store of this or an older version.

    Raises:
        LaptError: E803, database of another program; E805, newer version; E804, damaged; E808, no run.
    """
    with guarded(path):
        if is_blank(connection):
            raise store_error(
                "E808", path, "the store holds no run: its creation was interrupted", "start the run again"
            )
        _refuse_foreign(connection, path)
        version = _pragma(connection, "user_version")
        if version > SCHEMA_VERSION:
            message = f"the store has version {version}; this lapt supports versions up to {SCHEMA_VERSION}"
            raise store_error("E805", path, message, "install a newer lapt: pip install --upgrade lapt-dsl")
        if version not in _STATEMENTS_OF:
            raise store_error("E804", path, f"the store has the unknown version {version}")
        # One transaction, so that rows and digests are of one moment while another process writes.
        connection.execute("BEGIN")
        try:
            problem = schema_problem(connection, version)
        finally:
            connection.execute("ROLLBACK")
        if problem is not None:
            raise store_error("E804", path, f"the store is damaged: {problem}")


def schema_problem(connection: sqlite3.Connection, version: int) -> str | None:
    """What is wrong with the file of a store, its schema or its rows; None for an intact one.

    A trigger or view that lapt did not make could change what is read, so any further object is a problem.
    """
    check = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if check != "ok":
        return str(check)
    found = dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'").fetchall())
    wanted = {statement.split()[2]: statement for statement in _STATEMENTS_OF[version]}
    if missing := [name for name in wanted if name not in found]:
        return f"the table `{missing[0]}` is missing"
    for name, statement in found.items():
        if name not in wanted:
            return f"it has an object `{name[:40]}` that lapt did not make"
        if _normal(statement) != _normal(wanted[name]):
            return f"the table `{name}` was altered"
    if version >= DIGESTS_SINCE:
        damaged = next(damaged_rows(connection), None)
        return str(damaged) if damaged is not None else None
    return None


def _normal(statement: str | None) -> str:
    return "".join((statement or "").split())


def _refuse_foreign(connection: sqlite3.Connection, path: str) -> None:
    if not is_blank(connection) and _pragma(connection, "application_id") != APPLICATION_ID:
        message = f"`{path}` is a database of another program, not a run store"
        raise store_error("E803", path, message, "choose another file; this one was not changed")


def _tables(connection: sqlite3.Connection) -> set[str]:
    return {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    value: int = connection.execute(f"PRAGMA {name}").fetchone()[0]
    return value
