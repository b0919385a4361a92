"""The run store: all results of a search in one SQLite file, committed before they are used.

A step is one transaction: the evaluation, the state to continue from, and the events are stored together or not at
all. A process that is killed at any time leaves a store with a whole number of steps.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from types import TracebackType
from typing import Any, TypeVar

from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.evaluate.evaluator import Outcome
from lapt_dsl.search.store.digests import seal
from lapt_dsl.search.store.errors import guarded, store_error
from lapt_dsl.search.store.exchanges import DIGESTED, EXCHANGE, StoredExchange, exchange_columns, exchange_of
from lapt_dsl.search.store.lock import StoreLock
from lapt_dsl.search.store.records import (
    COMMAND,
    Event,
    RunInfo,
    StoredEvaluation,
    StoredProposal,
    event_of,
    info_of,
    outcome_columns,
    outcome_of,
    proposal_kind,
    text,
    to_json,
    whole,
)
from lapt_dsl.search.store.schema import (
    check_schema,
    connect,
    connect_to_read,
    has_table,
    is_blank,
    make_tables,
    migrate,
)

__all__ = ["Event", "RunInfo", "RunStore", "StoredEvaluation", "StoredExchange", "StoredProposal"]

Value = TypeVar("Value")

_EVALUATIONS = "SELECT step, arch, proposal, metrics, failure, message, cost FROM evaluations"
_PROPOSALS = "SELECT iteration, kind, text, step, name, parent, size, accepted, reason, id FROM proposals"
_IN_ORDER = {
    "run": "* FROM run ORDER BY id",
    "proposals": "* FROM proposals ORDER BY id",
    "evaluations": "* FROM evaluations ORDER BY step",
    "states": "* FROM states ORDER BY step",
    "events": "* FROM events ORDER BY id",
    "exchanges": DIGESTED,
}


class RunStore:
    """One run on disk. Use `create`, `open` or `resume`; `close` it, or use it in a `with`."""

    def __init__(self, path: str, connection: sqlite3.Connection, lock: StoreLock | None) -> None:
        """Called by the class methods below. `lock` is None for a store opened for reading."""
        self.path = path
        self._connection = connection
        self._lock = lock
        self._file = _identity(path)

    @classmethod
    def create(cls, path: str | os.PathLike[str], info: RunInfo) -> RunStore:
        """Create a store for a new run.

        Args:
            path: The file. Its directory must exist.
            info: What the run depends on.

        Raises:
            LaptError: E801, another process writes to the file; E802, it holds a run; E803, it is not a run store; E806
                and E807, it cannot be written.
        """
        name = os.fspath(path)
        with _opened(name) as (connection, lock):
            with guarded(name):
                blank = is_blank(connection)
            if not blank:
                check_schema(connection, name)
                raise store_error("E802", name, f"`{name}` already holds a run", "continue it with --resume")
            store = cls(name, connection, lock)
            with store._transaction():
                make_tables(connection)
                connection.execute(
                    "INSERT INTO run VALUES (1, ?, ?, ?, ?, ?)",
                    (to_json(info.settings), info.space, info.space_digest, info.evaluator, str(info.seed)),
                )
                seal(connection, "run", 1)
        return store

    @classmethod
    def open(cls, path: str | os.PathLike[str], *, read_only: bool = False) -> RunStore:
        """Open a run for writing, or with `read_only` for reading while another process may write.

        Raises:
            LaptError: E801, another process writes to it; E803 to E805, it is foreign, damaged or newer; E807, it
                cannot be opened; E808, there is no run.
        """
        name = os.fspath(path)
        if not os.path.isfile(name):
            what = "not a regular file" if os.path.exists(name) else "no such file"
            raise store_error("E808", name, f"`{name}` holds no run: {what}", "check the path of --store")
        if read_only:
            connection = connect_to_read(name)
            try:
                check_schema(connection, name)
            except BaseException:
                connection.close()
                raise
            return cls(name, connection, None)
        with _opened(name) as (connection, lock):
            check_schema(connection, name)
            migrate(connection, name)
        return cls(name, connection, lock)

    @classmethod
    def resume(cls, path: str | os.PathLike[str], info: RunInfo) -> RunStore:
        """Open a run to continue it with the same settings, or with a larger budget.

        Raises:
            LaptError: E810, the run differs from `info`; otherwise as for `open`.
        """
        store = cls.open(path)
        try:
            store.continue_as(info)
        except BaseException:
            store.close()
            raise
        return store

    def continue_as(self, info: RunInfo) -> None:
        """Check that a run may continue the stored one, and store its budget and the options that named it.

        Raises:
            LaptError: E810, the run differs; E806 or E807, the settings cannot be stored.
        """
        stored = self.info()
        if differences := stored.differences(info):
            message = f"`{self.path}` holds a different run: {'; '.join(differences[:5])}"
            raise store_error("E810", self.path, message, "use the original settings, or another --store")
        settings = to_json({**stored.settings, **info.settings})
        if settings == to_json(stored.settings):
            return
        with self._transaction() as connection:
            connection.execute("UPDATE run SET settings = ?", (settings,))
            seal(connection, "run", 1)

    def commit_step(
        self,
        step: int,
        arch: str,
        outcome: Outcome,
        *,
        state: object | None = None,
        proposal: int | None = None,
        events: Iterable[Event] = (),
    ) -> None:
        """Store one evaluation with the state that the search continues from.

        Args:
            step: Its number, unique in the run.
            arch: The architecture in the notation of the space, unique in the run.
            outcome: The result of the evaluator.
            state: State of the search at this step, as JSON values (see `records.rng_state`). The states of all steps
                are kept.
            proposal: The id of the principles in force.
            events: Events of this step.

        Raises:
            LaptError: E806 or E807, nothing could be stored; E809, the step or the architecture is stored already.
            ValueError: A metric or the state is not a finite JSON value.
        """
        row = (step, arch, *outcome_columns(outcome), proposal)
        with self._transaction() as connection:
            connection.execute("INSERT INTO evaluations VALUES (1, ?, ?, ?, ?, ?, ?, ?)", row)
            seal(connection, "evaluations", step)
            self._write(connection, step, state, events)

    def commit_proposal(
        self, proposal: StoredProposal, *, state: object | None = None, events: Iterable[Event] = ()
    ) -> int:
        """Store proposed principles before they are used and return their id. Other arguments as for `commit_step`."""
        size = str(proposal.size) if proposal.size is not None else None
        row = (proposal.id, proposal.iteration, proposal.step, proposal.kind, proposal.name, proposal.text)
        with self._transaction() as connection:
            cursor = connection.execute(
                "INSERT INTO proposals (run, id, iteration, step, kind, name, text, parent, size, accepted, reason)"
                " VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*row, proposal.parent, size, int(proposal.accepted), proposal.reason),
            )
            seal(connection, "proposals", int(cursor.lastrowid or 0))
            self._write(connection, proposal.step, state, events)
        return int(cursor.lastrowid or 0)

    def commit_state(self, step: int, state: object, *, events: Iterable[Event] = ()) -> None:
        """Store a state alone, for example the initial one."""
        with self._transaction() as connection:
            self._write(connection, step, state, events)

    def info(self) -> RunInfo:
        """What the run depends on."""
        rows = self._rows("SELECT settings, space, space_digest, evaluator, seed FROM run")
        if not rows:
            raise store_error("E804", self.path, "the store is damaged: the row of `run` is missing")
        return self._decode(info_of, rows)[0]

    def evaluations(self) -> list[StoredEvaluation]:
        """All evaluations, in order of their steps."""
        return self._decode(_evaluation, self._rows(f"{_EVALUATIONS} ORDER BY step"))

    def evaluation(self, step: int) -> StoredEvaluation | None:
        """The evaluation of one step, or None."""
        rows = self._rows(f"{_EVALUATIONS} WHERE step = ?", (step,))
        return self._decode(_evaluation, rows)[0] if rows else None

    def proposals(self) -> list[StoredProposal]:
        """All proposals, in order of their ids."""
        return self._decode(_proposal, self._rows(f"{_PROPOSALS} ORDER BY id"))

    def proposal(self, number: int) -> StoredProposal | None:
        """The proposal with this id, or None."""
        rows = self._rows(f"{_PROPOSALS} WHERE id = ?", (number,))
        return self._decode(_proposal, rows)[0] if rows else None

    def state(self, step: int | None = None) -> tuple[int, Any] | None:
        """The last state up to a step (None: of the whole run), with its step; None if there is none."""
        last = step if step is not None else sys.maxsize
        rows = self._rows("SELECT step, state FROM states WHERE step <= ? ORDER BY step DESC LIMIT 1", (last,))
        return self._decode(_state, rows)[0] if rows else None

    def events(self) -> list[Event]:
        """All events, in the order of storing."""
        rows = self._rows("SELECT step, kind, data FROM events ORDER BY id")
        return self._decode(event_of, rows)

    def commit_exchange(self, exchange: StoredExchange) -> None:
        """Store an exchange with a language model before its reply is used. Errors as for `commit_step`."""
        with self._transaction() as connection:
            connection.execute(f"INSERT INTO exchanges VALUES (?, 1{', ?' * 10})", exchange_columns(exchange))
            seal(connection, "exchanges", exchange.exchange.number)

    def settle_exchange(self, number: int, outcome: str) -> None:
        """Store the outcome of an exchange. Errors as for `commit_step`."""
        with self._transaction() as connection:
            connection.execute("UPDATE exchanges SET outcome = ? WHERE id = ?", (outcome, number))
            seal(connection, "exchanges", number)

    def exchanges(self) -> list[StoredExchange]:
        """All exchanges, in order of the requests. A store of version 1 has none."""
        if not has_table(self._connection, "exchanges"):
            return []
        rows = self._rows(f"SELECT {EXCHANGE} FROM exchanges ORDER BY id")
        return self._decode(exchange_of, rows)

    def position(self) -> tuple[int, int]:
        """Number of stored proposals and of stored evaluations."""
        row = self._rows("SELECT (SELECT count(*) FROM proposals), (SELECT count(*) FROM evaluations)")[0]
        return int(row[0]), int(row[1])

    def digest(self) -> str:
        """SHA-256 of the content: equal for an interrupted and an uninterrupted run.

        Durations of exchanges are left out, exchanges that the run did not continue from, and the options of the
        command line, which hold paths and the number of workers.
        """
        digest = hashlib.sha256()
        for table, content in _IN_ORDER.items():
            if not has_table(self._connection, table):
                continue
            for row in self._rows(f"SELECT {content}"):
                content_of = _without_command(row) if table == "run" else row
                digest.update(f"{table}{json.dumps(content_of)}\n".encode())
        return digest.hexdigest()

    def close(self) -> None:
        """Close the store and release its lock. Closing twice has no effect.

        Raises:
            LaptError: E807, the file was deleted or replaced while the run was stored in it.
        """
        if self._lock is not None and not self._lock.mine:
            return
        # SQLite folds the write-ahead log into the file when the last connection closes.
        self._connection.close()
        if self._lock is not None:
            self._lock.release()
            self._lock = None
            self._check_file()

    def __enter__(self) -> RunStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with suppress(LaptError) if error is not None else nullcontext():
            self.close()

    def _write(self, connection: sqlite3.Connection, step: int, state: object | None, events: Iterable[Event]) -> None:
        if state is not None:
            connection.execute("INSERT OR REPLACE INTO states VALUES (1, ?, ?)", (step, to_json(state)))
            seal(connection, "states", step)
        for event in events:
            values = (event.step, event.kind, to_json(event.data))
            cursor = connection.execute("INSERT INTO events (run, step, kind, data) VALUES (1, ?, ?, ?)", values)
            seal(connection, "events", int(cursor.lastrowid or 0))

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        if self._lock is None or not self._lock.mine:
            raise store_error("E801", self.path, "the store is closed, or was opened for reading or by another process")
        self._check_file()
        with guarded(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                # On a full disk SQLite has rolled back already.
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def _check_file(self) -> None:
        """Refuse to go on without the file: SQLite writes to one that was deleted or replaced as if it were there."""
        if _identity(self.path) == self._file:
            return
        message = f"`{self.path}` was deleted or replaced while the search ran"
        hint = "what was stored is lost with the file; start the run again, and keep the store where it is"
        raise store_error("E807", self.path, message, hint)

    def _decode(self, decode: Callable[[tuple[Any, ...]], Value], rows: Iterable[tuple[Any, ...]]) -> list[Value]:
        """Rows as values. LaptError (E804) for a row that holds something else than was stored."""
        try:
            return [decode(row) for row in rows]
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
            message = f"the store is damaged: a row cannot be read: {str(error)[:200]}"
            raise store_error("E804", self.path, message) from error

    def _rows(self, query: str, values: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        with guarded(self.path):
            return self._connection.execute(query, values).fetchall()


def _identity(path: str) -> tuple[int, int] | None:
    """Device and inode of a file, which a deleted or replaced file has no more."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino


@contextmanager
def _opened(path: str) -> Iterator[tuple[sqlite3.Connection, StoreLock]]:
    """Lock and open a store for writing. On an error inside the context, both are released."""
    lock = StoreLock(path)
    lock.acquire()
    connection: sqlite3.Connection | None = None
    try:
        connection = connect(path)
        yield connection, lock
    except BaseException:
        if connection is not None:
            connection.close()
        lock.release()
        raise


def _without_command(row: tuple[Any, ...]) -> tuple[Any, ...]:
    settings = json.loads(row[1])
    settings.pop(COMMAND, None)
    return row[0], to_json(settings), *row[2:]


def _state(row: tuple[Any, ...]) -> tuple[int, Any]:
    return whole(row[0]), json.loads(row[1])


def _evaluation(row: tuple[Any, ...]) -> StoredEvaluation:
    step, arch, proposal, *outcome = row
    return StoredEvaluation(whole(step), text(arch), outcome_of(*outcome), whole(proposal, optional=True))


def _proposal(row: tuple[Any, ...]) -> StoredProposal:
    iteration, kind, content, step, name, parent, size, accepted, reason, number = row
    return StoredProposal(
        whole(iteration),
        proposal_kind(kind),
        text(content),
        whole(step),
        text(name),
        whole(parent, optional=True),
        int(text(size)) if size is not None else None,
        bool(whole(accepted)),
        text(reason) if reason is not None else None,
        whole(number),
    )
