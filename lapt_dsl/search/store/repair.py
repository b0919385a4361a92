"""What is wrong with a run store, and what can be saved of a damaged one.

A run continues from a whole number of steps, so what is saved is the run up to the first step that is damaged or
missing, with the proposals, states, events and exchanges that belong to it. The damaged file is not changed.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from lapt_dsl.search.store.digests import KEYS, damaged_rows, row_digest, seal_all
from lapt_dsl.search.store.errors import guarded, store_error
from lapt_dsl.search.store.run_store import RunStore
from lapt_dsl.search.store.schema import APPLICATION_ID, DIGESTS_SINCE, SCHEMA_VERSION, make_tables, schema_problem

MOST_LISTED = 20

Row = tuple[object, ...]


@dataclass
class StoreReport:
    """The state of a store.

    Attributes:
        problems: What is wrong, at most MOST_LISTED entries; empty for an intact store.
        steps: Evaluations that a repaired store would hold.
        lost: Evaluations that can be read and would not be in it.
    """

    problems: list[str] = field(default_factory=list)
    steps: int = 0
    lost: int = 0


def check_store(path: str | os.PathLike[str]) -> StoreReport:
    """Examine a store without changing it.

    Raises:
        LaptError: E803, the file is not a run store; E807, it cannot be opened; E808, there is no file.
    """
    name = os.fspath(path)
    with closing(_connect(name)) as connection:
        report = StoreReport(problems=list(_problems(connection)))
        rows, lost = _savable(connection)
        report.steps, report.lost = len(rows["evaluations"]), lost
    return report


def repair_store(path: str | os.PathLike[str], output: str | os.PathLike[str]) -> StoreReport:
    """Write what can be saved of a store to a new file.

    Args:
        path: The store. It is not changed.
        output: The new store, which must not exist.

    Raises:
        LaptError: As for `check_store`; E802, the output exists; E804, the settings of the run are lost.
    """
    name, target = os.fspath(path), os.fspath(output)
    if os.path.exists(target):
        raise store_error("E802", target, f"`{target}` exists already", "choose another output: -o FILE")
    with closing(_connect(name)) as connection:
        report = StoreReport(problems=list(_problems(connection)))
        rows, report.lost = _savable(connection)
    report.steps = len(rows["evaluations"])
    if len(rows["run"]) != 1:
        raise store_error("E804", name, "the settings of the run are lost, so nothing can continue from it")
    try:
        _write(target, rows)
        RunStore.open(target, read_only=True).close()
    except BaseException:
        with suppress(OSError):
            os.unlink(target)
        raise
    return report


def _connect(name: str) -> sqlite3.Connection:
    """Open a store to read, with the write-ahead log beside it but without changing either."""
    if not os.path.isfile(name):
        raise store_error("E808", name, f"`{name}` holds no run: no such file", "check the path")
    with guarded(name):
        connection = sqlite3.connect(f"file:{quote(os.path.abspath(name))}?mode=ro", uri=True, isolation_level=None)
        try:
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA query_only = ON")
            found = connection.execute("PRAGMA application_id").fetchone()[0]
        except BaseException:
            connection.close()
            raise
    if found != APPLICATION_ID:
        connection.close()
        raise store_error("E803", name, f"`{name}` is not a run store", "choose another file; this one was not changed")
    return connection


def _problems(connection: sqlite3.Connection) -> Iterator[str]:
    version = 0
    try:
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if not 1 <= version <= SCHEMA_VERSION:
            yield f"the store has the unknown version {version}"
            return
        problem = schema_problem(connection, version)
        if problem is None:
            return
        yield problem
        rows = damaged_rows(connection) if version >= DIGESTS_SINCE else iter(())
        for count, row in enumerate(rows):
            if count == MOST_LISTED:
                yield "and more"
                return
            if str(row) != problem:
                yield str(row)
    except (sqlite3.Error, ValueError, TypeError) as error:
        yield f"the file cannot be read to its end: {error}"


def _savable(connection: sqlite3.Connection) -> tuple[dict[str, list[Row]], int]:
    """Intact rows up to the first step that is not, and how many evaluations are left out."""
    intact = {table: list(_intact(connection, table)) for table in KEYS}
    steps = {row[1]: row for row in intact["evaluations"]}
    kept = 0
    while kept in steps:
        kept += 1
    proposals = _numbered(intact["proposals"])
    rows: dict[str, list[Row]] = {
        "run": intact["run"],
        "proposals": [row for row in proposals if _at_most(row[3], kept)],
        "evaluations": [steps[number] for number in range(kept)],
        "states": [row for row in intact["states"] if _at_most(row[1], kept - 1)],
        "events": [row for row in intact["events"] if _at_most(row[2], kept - 1)],
        "exchanges": [row for row in intact["exchanges"] if _at_most(row[3], kept)],
    }
    known = {row[0] for row in rows["proposals"]}
    rows["evaluations"] = [row for row in rows["evaluations"] if row[7] is None or row[7] in known]
    return rows, len(steps) - len(rows["evaluations"])


def _numbered(rows: list[Row]) -> list[Row]:
    """Proposals numbered from 0 without a gap: each extends the one before."""
    by_number = {row[0]: row for row in rows}
    intact: list[Row] = []
    while len(intact) in by_number:
        intact.append(by_number[len(intact)])
    return intact


def _at_most(value: object, limit: int) -> bool:
    return isinstance(value, int) and value <= limit


def _intact(connection: sqlite3.Connection, table: str) -> Iterator[Row]:
    """Rows of a table that are as they were stored, as far as the file can be read."""
    column = KEYS[table]
    with suppress(sqlite3.Error, ValueError):
        digests: dict[object, object] | None = None
        with suppress(sqlite3.Error):
            query = "SELECT key, digest FROM digests WHERE record = ?"
            digests = dict(connection.execute(query, (table,)).fetchall())
        for key, *row in connection.execute(f"SELECT {column}, * FROM {table} ORDER BY {column}"):
            digest = row_digest(table, tuple(row))
            if digest is not None and (digests is None or digests.get(key) == digest):
                yield tuple(row)


def _write(target: str, rows: dict[str, list[Row]]) -> None:
    with guarded(target), closing(sqlite3.connect(target, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        make_tables(connection)
        for table in KEYS:
            for row in rows[table]:
                connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)
        seal_all(connection)
        connection.execute("COMMIT")


def default_output(path: str) -> str:
    """Where a repaired store goes unless the user says: beside the damaged one.

    >>> default_output("runs/run.db")
    'runs/run.repaired.db'
    """
    given = Path(path)
    return str(given.with_name(f"{given.stem}.repaired{given.suffix}"))
