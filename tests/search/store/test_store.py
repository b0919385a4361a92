from __future__ import annotations

import math
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from lapt_dsl.compiler.building.library import load_space
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.evaluate.evaluator import Evaluation, Failure
from lapt_dsl.search.run_log import Proposal, Step
from lapt_dsl.search.store.log import StoreRunLog
from lapt_dsl.search.store.records import restored_rng, rng_state
from lapt_dsl.search.store.run_store import Event, RunInfo, RunStore, StoredEvaluation, StoredProposal
from lapt_dsl.search.store.schema import SCHEMA_VERSION
from tests.search.store.store_samples import INFO, outcome, play


def code_of(caught: pytest.ExceptionInfo[LaptError]) -> str:
    assert caught.value.diagnostics[0].hint
    return caught.value.diagnostics[0].code


def test_what_is_stored_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    first = StoredProposal(0, "learn", 'principles p for any; // "é"\n', 0, "general.lp", None, 2**90)
    second = StoredProposal(1, "explore", "x", 1, "next.lp", 1, None, False, "it is empty")
    with RunStore.create(path, INFO) as store:
        assert store.state() is None
        assert store.evaluations() == []
        assert store.commit_proposal(first) == 1
        store.commit_state(-1, {"population": []})
        store.commit_step(0, "a", outcome(0), state={"p": [0]}, proposal=1, events=[Event(0, "best", {"acc": 0.0})])
        store.commit_step(1, "b", outcome(3))
        assert store.commit_proposal(second, events=[Event(1, "refused", {})]) == 2
    assert [file.name for file in tmp_path.iterdir()] == ["run.db"]
    with RunStore.resume(path, INFO) as store:
        assert store.info() == INFO
        assert store.evaluations() == [StoredEvaluation(0, "a", outcome(0), 1), StoredEvaluation(1, "b", outcome(3))]
        assert store.evaluation(1) == StoredEvaluation(1, "b", outcome(3))
        assert store.evaluation(2) is None
        kept = store.proposals()
        assert [proposal.id for proposal in kept] == [1, 2]
        assert (kept[0].text, kept[0].size, kept[0].accepted) == (first.text, 2**90, True)
        assert (kept[1].parent, kept[1].size, kept[1].accepted, kept[1].reason) == (1, None, False, "it is empty")
        assert store.events() == [Event(0, "best", {"acc": 0.0}), Event(1, "refused", {})]
        assert store.state() == (0, {"p": [0]})
        assert store.state(-1) == (-1, {"population": []})


def test_floats_keep_every_digit(tmp_path: Path) -> None:
    values = [0.1, 1 / 3, 5e-324, 1.7976931348623157e308, -0.0]
    with RunStore.create(tmp_path / "run.db", INFO) as store:
        store.commit_step(0, "a", Evaluation({str(index): value for index, value in enumerate(values)}))
        found = store.evaluations()[0].outcome
    assert isinstance(found, Evaluation)
    assert [math.copysign(1, value) for value in found.metrics.values()][-1] == -1
    assert list(found.metrics.values()) == values


@pytest.mark.parametrize("kind", ["PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"])
def test_generators_go_on_where_they_stood(tmp_path: Path, kind: str) -> None:
    rng = np.random.Generator(getattr(np.random, kind)(3))
    rng.integers(10, dtype=np.int32)
    with RunStore.create(tmp_path / "run.db", INFO) as store:
        store.commit_state(0, rng_state(rng))
        kept = store.state()
    assert kept is not None
    assert restored_rng(kept[1]).random(5).tolist() == rng.random(5).tolist()


def test_no_generator_is_made_of_other_names() -> None:
    with pytest.raises(ValueError, match="seterr"):
        restored_rng({"bit_generator": "seterr"})


def test_nothing_is_stored_twice_and_nothing_in_part(tmp_path: Path) -> None:
    with RunStore.create(tmp_path / "run.db", INFO) as store:
        store.commit_step(0, "a", outcome(0), state=0)
        before = store.digest()
        for step, arch in ((1, "a"), (0, "b")):
            with pytest.raises(LaptError) as caught:
                store.commit_step(step, arch, outcome(1), state=1, events=[Event(step, "x", {})])
            assert code_of(caught) == "E809"
        with pytest.raises(ValueError, match="JSON"):
            store.commit_step(1, "b", outcome(1), state=math.nan)
        with pytest.raises(ValueError, match="JSON"):
            store.commit_step(1, "b", Evaluation({"acc": math.inf}))
        assert store.digest() == before
        store.commit_step(1, "b", Failure("timeout", "60 s"))


def test_a_run_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    RunStore.create(path, INFO).close()
    content = path.read_bytes()
    with pytest.raises(LaptError) as caught:
        RunStore.create(path, INFO)
    assert code_of(caught) == "E802"
    assert path.read_bytes() == content


def test_another_run_is_not_continued(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    RunStore.create(path, INFO).close()
    others = {
        "the seed is": RunInfo(INFO.settings, INFO.space, INFO.space_digest, INFO.evaluator, 1),
        "`budget` is 50 there, 40 here": RunInfo(
            {**INFO.settings, "budget": 40}, INFO.space, INFO.space_digest, INFO.evaluator, INFO.seed
        ),
        "the space `trans101` has changed": RunInfo(INFO.settings, INFO.space, "e", INFO.evaluator, INFO.seed),
        "the evaluator": RunInfo(INFO.settings, INFO.space, INFO.space_digest, "g", INFO.seed),
    }
    for says, other in others.items():
        with pytest.raises(LaptError, match=says) as caught:
            RunStore.resume(path, other)
        assert code_of(caught) == "E810"
    RunStore.resume(path, INFO).close()


def test_files_that_are_no_store(tmp_path: Path) -> None:
    text, foreign, newer = (tmp_path / name for name in ("notes.txt", "other.db", "newer.db"))
    text.write_text("not a database, and long enough to have a header of a hundred bytes " * 3)
    with sqlite3.connect(foreign) as database:
        database.execute("CREATE TABLE mine (x)")
    database.close()
    RunStore.create(newer, INFO).close()
    with sqlite3.connect(newer) as database:
        database.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    database.close()
    for path, code in ((text, "E803"), (foreign, "E803"), (newer, "E805")):
        content = path.read_bytes()
        for use in (
            RunStore.open,
            lambda path: RunStore.create(path, INFO),
            lambda p: RunStore.open(p, read_only=True),
        ):
            with pytest.raises(LaptError) as caught:
                use(path)
            assert code_of(caught) == code
        assert path.read_bytes() == content, "it was changed"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["newer.db", "notes.txt", "other.db"]


def test_there_is_nothing_to_continue(tmp_path: Path) -> None:
    (tmp_path / "blank.db").touch()
    for name in ("none.db", "blank.db", "."):
        with pytest.raises(LaptError) as caught:
            RunStore.open(tmp_path / name)
        assert code_of(caught) == "E808"
    RunStore.create(tmp_path / "blank.db", INFO).close()


def test_damage_is_found_before_anything_is_built_on_it(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    with RunStore.create(path, INFO) as store:
        play(store, 200)
    sound = path.read_bytes()
    for start, damage in ((len(sound) // 2, b"\xff" * 8192), (4096, b"\0" * 4096), (100, b"\x7f" * 400)):
        path.write_bytes(sound[:start] + damage + sound[start + len(damage) :])
        with pytest.raises(LaptError) as caught:
            RunStore.open(path)
        assert code_of(caught) in ("E803", "E804")
    path.write_bytes(sound[: len(sound) // 2])
    with pytest.raises(LaptError) as caught:
        RunStore.open(path)
    assert code_of(caught) == "E804"


def test_places_that_cannot_be_written(tmp_path: Path) -> None:
    for path in (tmp_path / "no" / "run.db", Path("/proc/self/run.db")):
        with pytest.raises(LaptError) as caught:
            RunStore.create(path, INFO)
        assert code_of(caught) == "E807"


def test_a_store_can_be_read_beside_its_writer(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    with RunStore.create(path, INFO) as store:
        play(store, 3)
        with RunStore.open(path, read_only=True) as reader:
            assert len(reader.evaluations()) == 3
            play(store, 5)
            assert len(reader.evaluations()) == 5
            with pytest.raises(LaptError):
                reader.commit_state(9, 9)
        play(store, 6)
    with RunStore.open(path, read_only=True) as reader:
        assert len(reader.evaluations()) == 6


def test_a_closed_store_takes_nothing(tmp_path: Path) -> None:
    store = RunStore.create(tmp_path / "run.db", INFO)
    store.close()
    store.close()
    with pytest.raises(LaptError):
        store.commit_state(0, 0)


def test_a_store_is_the_ledger_of_a_search(tmp_path: Path) -> None:
    space = load_space("trans101")
    step = Step(0, space.parse_arch("64-41414-1_23_012"), outcome(1), '{"rng": 1}')
    proposals = [Proposal(number, "adapt", f"p{number}.lp", "text", 2**70, number) for number in (0, 1)]
    with RunStore.create(tmp_path / "run.db", INFO) as store:
        log = StoreRunLog(store, space)
        assert log.step(0) is None
        assert log.proposal(0) is None
        for proposal in proposals:
            log.add_proposal(proposal)
        log.add_step(step)
        assert log.step(0) == step
        assert [log.proposal(number) for number in (0, 1)] == proposals
        assert [proposal.parent for proposal in store.proposals()] == [None, 0]
