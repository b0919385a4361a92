"""Stores that were changed outside a search: every change is found, and the steps before it can be saved."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from pathlib import Path

import pytest

from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.search.store.repair import check_store, repair_store
from lapt_dsl.search.store.run_store import RunStore
from tests.search.store.store_samples import INFO, play

STEPS = 30


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "run.db"
    with RunStore.create(found, INFO) as store:
        play(store, STEPS)
    return found


def change(path: Path, *statements: str) -> None:
    database = sqlite3.connect(path)
    for statement in statements:
        database.execute(statement)
    database.commit()
    database.close()


def code_of_opening(path: Path, *, read_only: bool = True) -> str:
    with pytest.raises(LaptError) as caught:
        RunStore.open(path, read_only=read_only).close()
    return caught.value.diagnostics[0].code


CHANGES = {
    "settings": "UPDATE run SET settings = '[]'",
    "seed": "UPDATE run SET seed = 'x'",
    "score": "UPDATE evaluations SET metrics = replace(metrics, '0', '1') WHERE step = 20",
    "type": "UPDATE evaluations SET metrics = 5 WHERE step = 20",
    "blob": "UPDATE evaluations SET metrics = x'00ff' WHERE step = 20",
    "cost": "UPDATE evaluations SET cost = 'dear' WHERE step = 20",
    "gone": "DELETE FROM evaluations WHERE step = 20",
    "added": "INSERT INTO evaluations VALUES (1, 99, 'forged', '{\"score\": 99}', NULL, NULL, NULL, NULL)",
    "state": "UPDATE states SET state = '{' WHERE step = 20",
    "trigger": "CREATE TRIGGER t AFTER INSERT ON evaluations BEGIN UPDATE evaluations SET cost = 0; END",
    "view": "CREATE VIEW v AS SELECT * FROM run",
    "table": "CREATE TABLE further (x)",
    "index": "CREATE INDEX i ON evaluations (cost)",
}


@pytest.mark.parametrize("name", CHANGES)
def test_every_change_is_found(path: Path, name: str) -> None:
    change(path, CHANGES[name])
    assert code_of_opening(path) == "E804"
    assert code_of_opening(path, read_only=False) == "E804"
    assert check_store(path).problems


def test_an_altered_table_is_found(path: Path) -> None:
    change(path, "ALTER TABLE evaluations ADD COLUMN further")
    assert code_of_opening(path) == "E804"


def test_flipped_bits_are_found_or_have_no_effect(path: Path, tmp_path: Path) -> None:
    with RunStore.open(path, read_only=True) as store:
        whole = store.digest()
    content = path.read_bytes()
    rng, codes = random.Random(7), set()
    for _ in range(150):
        position, bit = rng.randrange(len(content)), 1 << rng.randrange(8)
        flipped = tmp_path / "flipped.db"
        flipped.write_bytes(content[:position] + bytes([content[position] ^ bit]) + content[position + 1 :])
        try:
            with RunStore.open(flipped, read_only=True) as store:
                assert store.digest() == whole
                assert store.info() == INFO
        except LaptError as error:
            codes.add(error.diagnostics[0].code)
    assert codes <= {"E803", "E804", "E805", "E807", "E808"}


def test_what_is_before_the_damage_is_saved_and_continues_to_the_same_end(path: Path, tmp_path: Path) -> None:
    change(path, "UPDATE evaluations SET cost = -1 WHERE step = 20")
    before = path.read_bytes()
    report = check_store(path)
    assert (report.steps, report.lost) == (20, STEPS - 21)
    saved = tmp_path / "saved.db"
    assert repair_store(path, saved).steps == 20
    assert path.read_bytes() == before
    with RunStore.resume(saved, INFO) as store:
        play(store, STEPS)
        digest = store.digest()
    with RunStore.create(tmp_path / "whole.db", INFO) as store:
        play(store, STEPS)
        assert store.digest() == digest
    with pytest.raises(LaptError) as caught:
        repair_store(path, saved)
    assert caught.value.diagnostics[0].code == "E802"


def test_a_run_without_its_settings_cannot_be_saved(path: Path, tmp_path: Path) -> None:
    change(path, "UPDATE run SET settings = '[]'")
    with pytest.raises(LaptError) as caught:
        repair_store(path, tmp_path / "saved.db")
    assert caught.value.diagnostics[0].code == "E804"
    assert not (tmp_path / "saved.db").exists()


def test_an_intact_store_is_intact(path: Path) -> None:
    report = check_store(path)
    assert (report.problems, report.steps, report.lost) == ([], STEPS, 0)


@pytest.mark.parametrize("replaced", [False, True])
def test_a_store_that_is_deleted_under_a_search_is_noticed(path: Path, tmp_path: Path, replaced: bool) -> None:
    other = shutil.copy(path, tmp_path / "other.db")
    store = RunStore.open(path)
    os.unlink(path)
    if replaced:
        os.rename(other, path)
    with pytest.raises(LaptError) as caught:
        play(store, STEPS + 1)
    assert caught.value.diagnostics[0].code == "E807"
    with pytest.raises(LaptError):
        store.close()
    store.close()
