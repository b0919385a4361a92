"""Where a stored run stands: the principles it would ask for next, found by playing its records once more."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from typing import Any

from lapt_dsl.compiler.space.model import Architecture, Space
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.evaluate.evaluator import Failure, Objective
from lapt_dsl.propose.archive import Archive
from lapt_dsl.propose.proposer import SearchState
from lapt_dsl.search.run.pending import PendingEvaluations
from lapt_dsl.search.run_log import Kind, RunLog
from lapt_dsl.search.schedule import Schedule
from lapt_dsl.search.settings import Settings
from lapt_dsl.search.store.log import StoreRunLog
from lapt_dsl.search.store.run_store import RunInfo, RunStore
from lapt_dsl.search.strategies.lapt import Lapt
from lapt_dsl.search.workers.executor import FinishedEvaluation


@dataclass(frozen=True, slots=True)
class RunState:
    """What a run would ask its proposer next.

    Attributes:
        kind: What for; `learn` where the run has no principles yet.
        number: The number of the file to come, and `step` how many architectures were asked for before it.
        due: Whether the run cannot go on without it; else it is what would be asked if its principles changed now.
        principles: Everything in force as one text; empty for `learn`.
        situation: What the proposer is told; None for `learn`.
    """

    kind: Kind
    number: int
    step: int
    due: bool
    principles: str
    situation: SearchState | None

    @property
    def name(self) -> str:
        """The name of the file to come."""
        return f"{self.number:02d}-{self.kind}.lp"


def replay_state(store: RunStore, space: Space) -> RunState:
    """Where a run stands.

    Args:
        store: The run, opened to read or to continue.
        space: Its space.

    Raises:
        LaptError: E867, it is another space's run or one whose principles do not change; E820, it was recorded by a
            version that searches otherwise.
    """
    info = store.info()
    if info.space_digest != space.digest:
        raise LaptError.of("E867", f"the run's space is `{info.space}`, not this `{space.name}`", store.path)
    if info.settings.get("strategy") != "lapt" or info.settings.get("proposer") is None:
        raise LaptError.of(
            "E867", "the principles of this run do not change", store.path, hint="start a run that adapts"
        )
    first = store.proposal(0)
    if first is None:
        return RunState("learn", 0, 0, True, "", None)
    ledger, asker = StoreRunLog(store, space), _Asker()
    strategy = Lapt(space, first.text, asker, _settings(info), info.seed, ledger)
    due = True
    try:
        with suppress(_Frontier):
            _replay(strategy, ledger, info)
        due = False
        strategy.change(asker)
    except _Asked as asked:
        return RunState(asked.kind, len(strategy.chain), strategy.asked, due, asked.principles, asked.situation)
    raise AssertionError("a change of principles asks the proposer")


class _Asked(Exception):
    """Not an error: carries what a proposer was asked out of the search."""

    def __init__(self, kind: Kind, principles: str, situation: SearchState) -> None:
        super().__init__(kind)
        self.kind, self.principles, self.situation = kind, principles, situation


class _Frontier(Exception):
    """Not an error: the records end here, with an evaluation under way."""


class _Asker:
    """A proposer that answers nothing and says what it was asked."""

    def learn(self, archive: Archive) -> str:
        raise AssertionError("a run that has principles learns no others")

    def adapt(self, principles: str, situation: SearchState) -> str:
        raise _Asked("adapt", principles, situation)

    def explore(self, principles: str, situation: SearchState) -> str:
        raise _Asked("explore", principles, situation)


class _Nobody:
    """An executor that evaluates nothing: what is not recorded is the end."""

    workers = 1

    def submit(self, number: int, arch: Architecture) -> None:
        """Let it fly: others that are recorded may still be told before it."""

    def next_finished(self) -> FinishedEvaluation:
        raise _Frontier

    def close(self) -> None:
        """There is nothing to close."""


def _replay(strategy: Lapt, ledger: RunLog, info: RunInfo) -> None:
    objective = objective_of(info)
    budget = int(str(info.settings["budget"]))
    flights = PendingEvaluations(strategy, ledger, _Nobody(), _schedule(info.settings), budget)
    while (landed := flights.next()) is not None:
        outcome = landed.step.outcome
        strategy.tell(landed.step.arch, None if isinstance(outcome, Failure) else objective.score(outcome))


def objective_of(info: RunInfo) -> Objective:
    """What a stored run optimises."""
    lower = info.settings.get("direction") == "lower"
    return Objective(str(info.settings.get("metric")), "lower" if lower else "higher")


def _settings(info: RunInfo) -> Settings:
    names = {field.name for field in fields(Settings)}
    given: dict[str, Any] = {name: value for name, value in info.settings.items() if name in names}
    return Settings(**given)


def _schedule(settings: Mapping[str, object]) -> Schedule:
    names = {field.name for field in fields(Schedule)}
    given: dict[str, Any] = {name: value for name, value in settings.items() if name in names}
    return Schedule(**given)
