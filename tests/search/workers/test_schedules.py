"""Runs whose evaluations overlap: what every schedule keeps, and what its name promises."""

from __future__ import annotations

import random
from collections import deque
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lapt_dsl.compiler.refined.refined_space import full
from lapt_dsl.compiler.space.model import Architecture
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.evaluate.evaluator import Evaluation, Failure, Outcome
from lapt_dsl.propose.archive import Archive
from lapt_dsl.propose.proposer import SearchState
from lapt_dsl.search.run.loop import MAX_FAILURES, Result, run
from lapt_dsl.search.run.session import Search, run_search
from lapt_dsl.search.run_log import MemoryRunLog, Step
from lapt_dsl.search.schedule import Order, Schedule
from lapt_dsl.search.settings import Settings
from lapt_dsl.search.store.run_store import RunStore
from lapt_dsl.search.strategies.build import STRATEGIES, StrategyContext, without_transfer
from lapt_dsl.search.strategies.lapt import Lapt
from lapt_dsl.search.strategy import Strategy
from lapt_dsl.search.workers.executor import FinishedEvaluation
from tests.effort import examples
from tests.search.small_tables import TINY, made_up, small_evaluator, small_space
from tests.search.trivial_proposer import Trivial

SPACE = small_space(TINY)
SETTINGS = Settings(archive=5, keep=3, iterations=3, population=4, tournament=2, budget=20)
ORDERS: tuple[Order, ...] = ("asked", "finished")


class Shuffled:
    """An executor of so many workers whose evaluations finish in an order drawn by a seed."""

    def __init__(self, workers: int, seed: int, failing: bool = False) -> None:
        self.workers, self._rng, self._failing = workers, random.Random(seed), failing
        self._waiting: deque[tuple[int, Architecture]] = deque()
        self.evaluated: list[int] = []
        self.most = 0

    def submit(self, number: int, arch: Architecture) -> None:
        self._waiting.append((number, arch))
        self.most = max(self.most, len(self._waiting))

    def next_finished(self) -> FinishedEvaluation:
        place = self._rng.randrange(min(self.workers, len(self._waiting)))
        number, arch = self._waiting[place]
        del self._waiting[place]
        self.evaluated.append(number)
        return FinishedEvaluation(number, self._outcome(arch))

    def _outcome(self, arch: Architecture) -> Outcome:
        return Failure("error", "made to fail") if self._failing else Evaluation({"task0": made_up(arch.encoding)})

    def close(self) -> None:
        self._waiting.clear()


def strategy(name: str, seed: int = 0) -> Strategy:
    archive = Archive(SPACE, "made up", [(arch, made_up(arch.encoding, 1)) for arch in full(SPACE)]).top(12)
    text = Trivial(SPACE).learn(archive) if name == "lapt" else None
    return STRATEGIES[name](StrategyContext(full(SPACE), SETTINGS, seed, MemoryRunLog(), text, Trivial(SPACE), archive))


def play(
    name: str, schedule: Schedule, executor: Shuffled, log: MemoryRunLog | None = None, budget: int = 20
) -> Result:
    kept = log if log is not None else MemoryRunLog()
    return run(strategy(name), small_evaluator(SPACE), budget, kept, executor=executor, schedule=schedule)


def values(result: Result) -> list[tuple[int, tuple[int, ...], str]]:
    return [(step.number, step.arch.encoding, step.state) for step in result.steps]


@pytest.mark.parametrize("name", sorted(set(STRATEGIES) - {"tpe"}))
@pytest.mark.parametrize("order", ORDERS)
def test_none_is_asked_twice_and_the_budget_is_kept(name: str, order: Order) -> None:
    members = {"replay": 12}.get(name, 20)
    executor = Shuffled(4, 1)
    result = play(name, Schedule(order, 6), executor)
    assert sorted(step.number for step in result.steps) == list(range(len(result.steps)))
    assert len({step.arch.encoding for step in result.steps}) == len(result.steps)
    assert len(result.steps) == members or name in ("lapt", "box")
    assert executor.most <= 6
    assert sorted(executor.evaluated) == list(range(len(result.steps)))


def test_tpe_keeps_several_in_flight() -> None:
    pytest.importorskip("optuna")
    result = play("tpe", Schedule("finished", 5), Shuffled(5, 2))
    assert len({step.arch.encoding for step in result.steps}) == 20


@examples(25)
@given(st.sampled_from(["lapt", "evolution", "local"]), st.integers(1, 9), st.integers(0, 99))
def test_in_the_order_asked_workers_change_nothing(name: str, window: int, seed: int) -> None:
    one = play(name, Schedule("asked", window), Shuffled(1, 0))
    for workers in (2, 8):
        assert values(play(name, Schedule("asked", window), Shuffled(workers, seed))) == values(one)
    assert [step.number for step in one.steps] == sorted(step.number for step in one.steps)


@pytest.mark.parametrize("name", ["lapt", "evolution"])
def test_a_window_of_one_is_the_plain_loop(name: str) -> None:
    plain = run(strategy(name), small_evaluator(SPACE), 20, MemoryRunLog())
    assert values(play(name, Schedule("asked", 1), Shuffled(8, 3))) == values(plain)
    assert values(play(name, Schedule("finished", 1), Shuffled(8, 3))) == values(plain)


@examples(25)
@given(st.sampled_from(["lapt", "evolution"]), st.integers(1, 6), st.integers(0, 99), st.integers(0, 20))
def test_a_run_in_the_order_finished_is_continued_to_what_it_would_have_been(
    name: str, window: int, seed: int, kept: int
) -> None:
    """What was told stays in its order, whatever the order in which the workers answer the second time."""
    schedule = Schedule("finished", window)
    whole = MemoryRunLog()
    first = play(name, schedule, Shuffled(window, seed), whole)
    assert [step.completion for step in first.steps] == list(range(len(first.steps)))
    part = MemoryRunLog()
    for step in first.steps[:kept]:
        part.add_step(step)
    executor = Shuffled(window, seed + 1)
    second = play(name, schedule, executor, part)
    assert values(second)[:kept] == values(first)[:kept]
    assert not {step.number for step in first.steps[:kept]} & set(executor.evaluated)
    again = play(name, schedule, Shuffled(window, seed + 2), part)
    assert values(again) == values(second)


def test_a_finished_evaluation_is_recorded_before_those_asked_for_earlier() -> None:
    """Killed with the first still under way, nothing that had finished is evaluated again."""
    log = MemoryRunLog()

    class Stopping(Shuffled):
        def next_finished(self) -> FinishedEvaluation:
            if len(self.evaluated) == 5:
                raise KeyboardInterrupt
            number, arch = self._waiting.pop()
            self.evaluated.append(number)
            return FinishedEvaluation(number, self._outcome(arch))

    first = Stopping(8, 0)
    with pytest.raises(KeyboardInterrupt):
        play("evolution", Schedule("asked", 6), first, log)
    assert set(log.steps) == set(first.evaluated) == {1, 2, 3, 4, 5}
    second = Shuffled(8, 0)
    result = play("evolution", Schedule("asked", 6), second, log)
    assert not set(first.evaluated) & set(second.evaluated)
    assert values(result) == values(play("evolution", Schedule("asked", 6), Shuffled(1, 0)))


def test_another_arrival_is_another_run() -> None:
    log = MemoryRunLog()
    play("evolution", Schedule("finished", 3), Shuffled(3, 0), log)
    first = log.steps[0]
    log.steps[0] = Step(0, first.arch, first.outcome, first.state, 50)
    with pytest.raises(LaptError) as caught:
        play("evolution", Schedule("finished", 3), Shuffled(3, 0), log)
    assert caught.value.diagnostics[0].code == "E820"


def test_a_repaired_evaluator_goes_on_after_a_row_of_failures() -> None:
    log = MemoryRunLog()
    with pytest.raises(LaptError) as caught:
        play("evolution", Schedule("asked", 4), Shuffled(4, 0, failing=True), log)
    assert caught.value.diagnostics[0].code == "E821"
    assert MAX_FAILURES <= len(log.steps) <= MAX_FAILURES + 4
    result = play("evolution", Schedule("asked", 4), Shuffled(4, 0), log)
    assert len(result.steps) == 20
    assert result.best is not None


class Recording(Trivial):
    """Remembers what it was asked, and what had been found by then."""

    def __init__(self) -> None:
        super().__init__(SPACE)
        self.calls: list[tuple[str, int]] = []

    def adapt(self, principles: str, state: SearchState) -> str:
        self.calls.append(("adapt", len(state.found)))
        return without_transfer(full(SPACE))

    def explore(self, principles: str, state: SearchState) -> str:
        self.calls.append(("explore", len(state.found)))
        return without_transfer(full(SPACE))


def lapt(proposer: Recording, interval: int) -> Lapt:
    chosen = Settings(archive=5, keep=3, iterations=3, population=4, tournament=2, budget=27, interval=interval)
    return Lapt(SPACE, without_transfer(full(SPACE)), proposer, chosen, 0, MemoryRunLog())


def asked(search: Lapt, count: int) -> list[Architecture]:
    found = [search.ask() for _ in range(count)]
    return [arch for arch in found if arch is not None]


def test_an_iteration_ends_when_enough_of_its_own_results_arrive() -> None:
    """Those in flight at the change neither end the next iteration nor count as evidence for its principles."""
    proposer = Recording()
    search = lapt(proposer, 3)
    first = asked(search, 6)
    assert len(first) == 6
    for arch, score in zip(first[:3], (1.0, 2.0, 3.0), strict=True):
        search.tell(arch, score)
    second = asked(search, 2)
    assert proposer.calls == [("adapt", 3)]
    # Three late ones, better than all others: they arrive before the second iteration has submitted anything.
    for arch in first[3:]:
        search.tell(arch, 9.0)
    third = asked(search, 1)
    assert proposer.calls == [("adapt", 3)]
    for arch in second + third:
        search.tell(arch, 5.0)
    asked(search, 1)
    # 5 beats the three results of the first iteration, and not what else was submitted in it.
    assert proposer.calls == [("adapt", 3), ("explore", 9)]


def test_principles_wait_for_what_is_in_flight_where_nothing_else_is_left() -> None:
    proposer = Recording()
    chosen = Settings(archive=5, keep=3, iterations=3, population=4, tournament=2, budget=27, interval=100)
    text = f"principles few for {SPACE.name};\nprinciple p {{ layer 0: only conv; }}\n"
    search = Lapt(SPACE, text, proposer, chosen, 0, MemoryRunLog())
    every = asked(search, 9)
    assert len(every) == 9
    for arch in every:
        assert search.ask() is None
        assert proposer.calls == []
        search.tell(arch, made_up(arch.encoding))
    assert search.ask() is not None
    assert proposer.calls == [("adapt", 9)]


def test_one_is_told_once() -> None:
    search = lapt(Recording(), 3)
    arch = asked(search, 1)[0]
    search.tell(arch, 1.0)
    with pytest.raises(ValueError, match="not in flight"):
        search.tell(arch, 1.0)


@pytest.mark.parametrize("order", ORDERS)
def test_a_store_refuses_another_schedule_and_keeps_the_arrivals(order: Order, tmp_path: Path) -> None:
    path = tmp_path / "run.db"

    def search(schedule: Schedule) -> Search:
        return Search(small_evaluator(SPACE), full(SPACE), "evolution", SETTINGS, 0, schedule=schedule)

    _, result = run_search(search(Schedule(order, 5)), path, False, executor=Shuffled(4, 7))
    with pytest.raises(LaptError) as caught:
        run_search(search(Schedule(order, 6)), path, True)
    assert caught.value.diagnostics[0].code == "E810"
    with RunStore.open(path, read_only=True) as store:
        digest = store.digest()
    idle = Shuffled(4, 8)
    _, again = run_search(search(Schedule(order, 5)), path, True, executor=idle)
    assert again == result
    assert not idle.evaluated
    with RunStore.open(path, read_only=True) as store:
        assert store.digest() == digest
