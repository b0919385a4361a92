"""Stores that an earlier lapt wrote: read as they are, and brought up to this version when they are continued."""

from __future__ import annotations

import dataclasses
import sqlite3
from pathlib import Path

import pytest

from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.propose.exchange import Exchange, Message, Reply, Request, Usage
from lapt_dsl.search.store.run_store import RunStore, StoredExchange
from lapt_dsl.search.store.schema import APPLICATION_ID, SCHEMA_VERSION
from tests.search.store.store_samples import INFO, play

VERSION_1 = """
CREATE TABLE run (id INTEGER PRIMARY KEY CHECK (id = 1), settings TEXT NOT NULL, space TEXT NOT NULL,
    space_digest TEXT NOT NULL, evaluator TEXT NOT NULL, seed TEXT NOT NULL);
CREATE TABLE proposals (id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES run (id), iteration INTEGER NOT NULL,
    step INTEGER NOT NULL, kind TEXT NOT NULL CHECK (kind IN ('learn', 'focus', 'adapt', 'explore')),
    name TEXT NOT NULL, text TEXT NOT NULL, parent INTEGER REFERENCES proposals (id), size TEXT,
    accepted INTEGER NOT NULL CHECK (accepted IN (0, 1)), reason TEXT);
CREATE TABLE evaluations (run INTEGER NOT NULL REFERENCES run (id), step INTEGER NOT NULL, arch TEXT NOT NULL,
    metrics TEXT, failure TEXT, message TEXT, cost REAL, proposal INTEGER REFERENCES proposals (id),
    PRIMARY KEY (run, step), UNIQUE (run, arch), CHECK ((metrics IS NULL) <> (failure IS NULL)));
CREATE TABLE states (run INTEGER NOT NULL REFERENCES run (id), step INTEGER NOT NULL, state TEXT NOT NULL,
    PRIMARY KEY (run, step));
CREATE TABLE events (id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES run (id), step INTEGER NOT NULL,
    kind TEXT NOT NULL, data TEXT NOT NULL);
"""
"""The tables of version 1, as they were."""

EXCHANGE = Exchange(
    0,
    Request(
        "learn",
        (Message("user", 'Why "é"?'),),
        "m",
        "json_schema",
        None,
        {"type": "object"},
        {"temperature": 0.1, "max_tokens": 5},
    ),
    Reply("Because.\n", Usage(3, 4), 1.25, "stop"),
    outcome="accepted",
    seconds=1.5,
)


def version_1(path: Path, steps: int) -> str:
    """A store of version 1 with a run of so many steps; the digest of what it holds."""
    with RunStore.create(path.with_suffix(".now"), INFO) as store:
        play(store, steps)
        digest = store.digest()
    with sqlite3.connect(path) as database:
        database.executescript(VERSION_1)
        database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        database.execute("PRAGMA user_version = 1")
        database.execute("ATTACH ? AS now", (str(path.with_suffix(".now")),))
        for table in ("run", "proposals", "evaluations", "states", "events"):
            database.execute(f"INSERT INTO {table} SELECT * FROM now.{table}")
    database.close()
    return digest


def version_of(path: Path) -> int:
    database = sqlite3.connect(path)
    version: int = database.execute("PRAGMA user_version").fetchone()[0]
    database.close()
    return version


def test_an_older_store_is_read_without_being_touched(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    digest = version_1(path, 12)
    content = path.read_bytes()
    with RunStore.open(path, read_only=True) as store:
        assert store.exchanges() == []
        assert store.digest() == digest
        assert len(store.evaluations()) == 12
    assert path.read_bytes() == content


def test_an_older_store_is_continued_to_the_same_end(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    version_1(path, 12)
    with RunStore.resume(path, INFO) as store:
        play(store, 30)
        digest = store.digest()
        store.commit_exchange(StoredExchange(EXCHANGE, 1, 12))
    assert version_of(path) == SCHEMA_VERSION == 3
    with RunStore.open(path) as store:
        assert store.exchanges() == [StoredExchange(EXCHANGE, 1, 12)]
    with RunStore.create(tmp_path / "whole.db", INFO) as store:
        play(store, 30)
        assert store.digest() == digest


def test_an_interrupted_migration_leaves_the_older_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "run.db"
    version_1(path, 3)
    with monkeypatch.context() as broken:
        broken.setattr("lapt_dsl.search.store.schema.MIGRATIONS", {1: ("CREATE TABLE exchanges (id)", "no SQL")})
        with pytest.raises(LaptError):
            RunStore.open(path)
    assert version_of(path) == 1
    with RunStore.open(path) as store:
        assert len(store.evaluations()) == 3
    assert version_of(path) == 3


def test_a_version_that_no_lapt_has_written_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    version_1(path, 3)
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 0")
    database.close()
    with pytest.raises(LaptError) as caught:
        RunStore.open(path)
    assert caught.value.diagnostics[0].code == "E804"


def test_seconds_and_what_led_nowhere_are_not_in_the_digest(tmp_path: Path) -> None:
    failed = dataclasses.replace(EXCHANGE, reply=None, failure="E841: no server", outcome="")
    assert EXCHANGE.reply is not None
    slower = dataclasses.replace(
        EXCHANGE, reply=dataclasses.replace(EXCHANGE.reply, latency=99.0), seconds=100.0, number=3
    )
    check = dataclasses.replace(EXCHANGE, request=dataclasses.replace(EXCHANGE.request, task="check"))
    with RunStore.create(tmp_path / "one.db", INFO) as one, RunStore.create(tmp_path / "other.db", INFO) as other:
        nothing = one.digest()
        one.commit_exchange(StoredExchange(EXCHANGE, 0, 0))
        for number, exchange in enumerate((failed, dataclasses.replace(failed, outcome="failed"), check)):
            other.commit_exchange(StoredExchange(dataclasses.replace(exchange, number=number), 0, 0))
        assert other.digest() == nothing
        other.commit_exchange(StoredExchange(slower, 0, 0))
        assert one.digest() == other.digest() != nothing
        other.settle_exchange(3, "refused")
        assert one.digest() != other.digest()
        # A failure that another proposer made good is a part of the run.
        one.settle_exchange(0, "refused")
        other.settle_exchange(1, "fell back")
        assert one.digest() != other.digest()


def test_a_changed_exchange_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    with RunStore.create(path, INFO) as store:
        store.commit_exchange(StoredExchange(EXCHANGE, 0, 0))
    with sqlite3.connect(path) as database:
        database.execute("UPDATE exchanges SET request = replace(request, 'Why', 'How')")
    database.close()
    with pytest.raises(LaptError) as caught:
        RunStore.open(path)
    assert caught.value.diagnostics[0].code == "E804"
