"""Searches whose principles a language model writes: stored, stopped, resumed, replayed, and never asked twice."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from lapt_dsl.compiler.space.model import Architecture
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.evaluate.evaluator import Evaluator
from lapt_dsl.propose.exchange import Exchange, Request
from lapt_dsl.propose.model.budget import ModelBudget
from lapt_dsl.propose.model.client import Client
from lapt_dsl.propose.model.options import ClientOptions
from lapt_dsl.propose.model.replay import ReplayTranscript
from lapt_dsl.propose.model.transcripts import FileTranscript, read_transcript
from lapt_dsl.search.run.loop import Result
from lapt_dsl.search.run.proposal_origins import proposal_origins, transcript_text
from lapt_dsl.search.run.session import run_search
from lapt_dsl.search.schedule import Order, Schedule
from lapt_dsl.search.store.run_store import RunStore, StoredExchange
from lapt_dsl.search.workers.executor import FinishedEvaluation
from tests.propose.model.scripted_client import ScriptedClient
from tests.search.run.killed_search import lines
from tests.search.run.scripted_model import SETTINGS, SPACE, model_search, obedient
from tests.search.small_tables import Counting

pytest.importorskip("scipy", reason="needs SciPy: pip install 'lapt-dsl[learn]'")


class Killed(BaseException):
    """The process is gone."""


def stored(path: Path) -> tuple[str, list[StoredExchange]]:
    with RunStore.open(path, read_only=True) as store:
        return store.digest(), store.exchanges()


def asked(exchanges: list[StoredExchange]) -> list[tuple[int, str, str]]:
    return [(each.iteration, each.exchange.request.task, each.exchange.outcome) for each in exchanges]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result, list[Request]]:
    """The run that nothing interrupted."""
    path = tmp_path_factory.mktemp("whole") / "run.db"
    client = ScriptedClient(obedient)
    _, result = run_search(model_search(client), path, resume=False)
    return path, result, client.asked


def test_every_exchange_is_in_the_store(whole: tuple[Path, Result, list[Request]]) -> None:
    path, result, requests = whole
    assert len(result.steps) == SETTINGS.budget
    _, exchanges = stored(path)
    assert [each.exchange.request for each in exchanges] == requests
    found = asked(exchanges)
    assert found[:2] == [(0, "learn", "sent back"), (0, "repair", "accepted")]
    assert [iteration for iteration, _, _ in found] == [0, 0, 1, 1, 2, 2]
    assert {outcome for _, _, outcome in found} == {"sent back", "accepted"}
    assert [each.step for each in exchanges] == [0, 0, 4, 4, 8, 8]
    reply = exchanges[0].exchange.reply
    assert reply is not None
    assert (reply.latency, reply.finish, reply.usage is not None) == (0.5, "stop", True)
    with RunStore.open(path, read_only=True) as store:
        wrote = proposal_origins(store.info(), store.proposals(), store.exchanges())
    assert [str(each) for each in wrote] == ["written by scripted (mode plain), 2 replies: sent back, accepted"] * 3


def killing(call: int) -> Callable[[Request], str]:
    """The obedient model, but the process dies in this call."""
    count = iter(range(1000))

    def model(request: Request) -> str:
        if next(count) == call:
            raise Killed
        return obedient(request)

    return model


@pytest.mark.parametrize("call", range(6))
def test_a_run_killed_between_rounds_asks_only_what_is_not_stored(
    call: int, whole: tuple[Path, Result, list[Request]], tmp_path: Path
) -> None:
    store = tmp_path / "run.db"
    with pytest.raises(Killed):
        run_search(model_search(ScriptedClient(killing(call))), store, resume=False)
    client = ScriptedClient(obedient)
    _, result = run_search(model_search(client), store, resume=True)
    assert client.asked == whole[2][call:]
    assert result == whole[1]
    assert stored(store)[0] == stored(whole[0])[0]
    again = ScriptedClient(killing(0))
    run_search(model_search(again), store, resume=True)
    assert again.asked == []


@pytest.mark.parametrize("call", [0, 3])
def test_a_run_that_a_server_stopped_goes_on_as_if_it_had_not(
    call: int, whole: tuple[Path, Result, list[Request]], tmp_path: Path
) -> None:
    store = tmp_path / "run.db"
    count = iter(range(1000))
    client = ScriptedClient(lambda request: "E843" if next(count) == call else obedient(request))
    with pytest.raises(LaptError) as caught:
        run_search(model_search(client), store, resume=False)
    assert caught.value.diagnostics[0].code == "E843"
    assert asked(stored(store)[1])[-1][2] == "failed"
    client = ScriptedClient(obedient)
    run_search(model_search(client), store, resume=True)
    assert client.asked == whole[2][call:]
    assert stored(store)[0] == stored(whole[0])[0]
    file, again = tmp_path / "run.jsonl", tmp_path / "again.db"
    file.write_text(transcript_text(stored(store)[1]), encoding="utf-8")
    run_search(model_search(replaying(file)), again, resume=False)
    assert stored(again)[0] == stored(whole[0])[0]


class Eager:
    """An executor that evaluates what is submitted at once, as a cluster would before its results are fetched."""

    workers = 3

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._done: list[FinishedEvaluation] = []

    def submit(self, number: int, arch: Architecture) -> None:
        self._done.append(FinishedEvaluation(number, self._evaluator.evaluate(arch)))

    def next_finished(self) -> FinishedEvaluation:
        return self._done.pop()

    def close(self) -> None:
        self._done.clear()


@pytest.mark.parametrize("order", ["asked", "finished"])
def test_a_proposer_that_stops_costs_no_evaluation_under_way(order: Order, tmp_path: Path) -> None:
    store, bill = tmp_path / "run.db", tmp_path / "bill"

    def overlapping(model: Callable[[Request], str], resume: bool) -> None:
        search = dataclasses.replace(
            model_search(ScriptedClient(model)), evaluator=Counting(SPACE, bill), schedule=Schedule(order, 3)
        )
        run_search(search, store, resume, executor=Eager(search.evaluator))

    count = iter(range(1000))
    with pytest.raises(LaptError):
        overlapping(lambda request: "E841" if next(count) == 2 else obedient(request), False)
    with RunStore.open(store, read_only=True) as opened:
        kept = [evaluation.arch for evaluation in opened.evaluations()]
    assert sorted(kept) == sorted(lines(bill))
    assert len(kept) > SETTINGS.evaluations_per_iteration
    overlapping(obedient, True)
    assert len(lines(bill)) == len(set(lines(bill))) == SETTINGS.budget


def test_a_budget_counts_the_whole_run(whole: tuple[Path, Result, list[Request]], tmp_path: Path) -> None:
    store = tmp_path / "run.db"
    for calls in (3, 5):
        with pytest.raises(LaptError) as caught:
            run_search(model_search(ScriptedClient(obedient, budget=ModelBudget(calls=calls))), store, resume=calls > 3)
        assert caught.value.diagnostics[0].code == "E850"
        assert len(stored(store)[1]) == calls
    run_search(model_search(ScriptedClient(obedient, budget=ModelBudget(calls=6))), store, resume=True)
    assert stored(store)[0] == stored(whole[0])[0]


def replaying(path: Path) -> Client:
    return Client(ClientOptions("http://127.0.0.1:9/v1", "scripted", mode="plain"), replay=ReplayTranscript(path))


def test_a_replay_is_the_same_run_without_a_server(whole: tuple[Path, Result, list[Request]], tmp_path: Path) -> None:
    file, store = tmp_path / "run.jsonl", tmp_path / "run.db"
    file.write_text(transcript_text(stored(whole[0])[1]), encoding="utf-8")
    _, result = run_search(model_search(replaying(file)), store, resume=False)
    assert result == whole[1]
    assert stored(store)[0] == stored(whole[0])[0]


def test_a_changed_prompt_is_a_miss_and_not_a_call(whole: tuple[Path, Result, list[Request]], tmp_path: Path) -> None:
    file = tmp_path / "run.jsonl"
    file.write_text(transcript_text(stored(whole[0])[1]), encoding="utf-8")
    search = model_search(replaying(file), fallback=True)
    search.proposer.top = 5  # type: ignore[union-attr]
    with pytest.raises(LaptError) as caught:
        run_search(search, tmp_path / "run.db", resume=False)
    assert caught.value.diagnostics[0].code == "E851"
    assert "the 6 best" in caught.value.diagnostics[0].message.lower()


@pytest.mark.parametrize("answer", ["no file in it", "E843"])
def test_a_run_falls_back_and_is_replayed_like_any(answer: str, tmp_path: Path) -> None:
    store, file = tmp_path / "run.db", tmp_path / "run.jsonl"
    client = ScriptedClient(lambda request: answer)
    _, result = run_search(model_search(client, fallback=True), store, resume=False)
    assert len(result.steps) == SETTINGS.budget
    digest, exchanges = stored(store)
    assert {each.iteration for each in exchanges} == {0, 1, 2}
    last = {each.iteration: each.exchange.outcome for each in exchanges}
    assert set(last.values()) == {"fell back"}
    with RunStore.open(store, read_only=True) as opened:
        wrote = proposal_origins(opened.info(), opened.proposals(), opened.exchanges())
    assert all(str(each).startswith("written by induction in place of scripted") for each in wrote)
    file.write_text(transcript_text(exchanges), encoding="utf-8")
    again = tmp_path / "again.db"
    assert run_search(model_search(replaying(file), fallback=True), again, resume=False)[1] == result
    assert stored(again)[0] == digest


def test_a_file_is_written_beside_the_store_and_caught_up_with(
    whole: tuple[Path, Result, list[Request]], tmp_path: Path
) -> None:
    store, file = tmp_path / "run.db", tmp_path / "run.jsonl"

    def run(model: Callable[[Request], str], resume: bool) -> None:
        with FileTranscript(file) as transcript:
            run_search(model_search(ScriptedClient(model, transcript=transcript)), store, resume=resume)

    with pytest.raises(Killed):
        run(killing(3), False)
    # As if the process had died after the store had the last exchange, and before the file did.
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join(lines[:-1]), encoding="utf-8")
    run(obedient, True)

    def told(exchange: Exchange) -> object:
        return exchange.number, exchange.request, exchange.reply, exchange.outcome

    kept = [told(each.exchange) for each in stored(store)[1]]
    assert [told(each) for each in read_transcript(file).exchanges] == kept
    assert stored(store)[0] == stored(whole[0])[0]
    with FileTranscript(file) as transcript, pytest.raises(LaptError) as caught:
        run_search(model_search(ScriptedClient(obedient, transcript=transcript)), tmp_path / "other.db", resume=False)
    assert caught.value.diagnostics[0].code == "E854"
