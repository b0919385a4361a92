"""The state of a stored run, obtained by replaying its records: what it would ask its proposer next."""

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
    """The next question of a run to its proposer.

    Attributes:
        kind: Kind of the next proposal; `learn` if the run has no principles yet.
        number: Number of the next principle file.
        step: Number of architectures submitted before it.
        due: True if the run cannot continue without the file. Otherwise the state is the question that the run would
            ask if its principles changed now.
        principles: All principles in force as one text; empty for `learn`.
        search_state: What the proposer receives; None for `learn`.
    """

    kind: Kind
    number: int
    step: int
    due: bool
    principles: str
    search_state: SearchState | None

    @property
    def name(self) -> str:
        """Name of the next file."""
        return f"{self.number:02d}-{self.kind}.lp"


def replay_state(store: RunStore, space: Space) -> RunState:
    """Replay a stored run up to its last record.

    Args:
        store: The run, opened for reading or writing.
        space: The space of the run.

    Raises:
        LaptError: E867, the run searches another space, or its principles do not change; E820, another version of the
            program recorded the run and its search differs.
    """
    info = store.info()
    if info.space_digest != space.digest:
        raise LaptError.of("E867", f"the run searches `{info.space}`, not the given `{space.name}`", store.path)
    if info.settings.get("strategy") != "lapt" or info.settings.get("proposer") is None:
        raise LaptError.of(
            "E867", "the principles of this run do not change", store.path, hint="start a run with a proposer"
        )
    first = store.proposal(0)
    if first is None:
        return RunState("learn", 0, 0, True, "", None)
    log, catcher = StoreRunLog(store, space), _QuestionCatcher()
    strategy = Lapt(space, first.text, catcher, _settings(info), info.seed, log)
    due = True
    try:
        with suppress(_EndOfRecords):
            _replay(strategy, log, info)
        due = False
        strategy.change(catcher)
    except _Question as question:
        return RunState(
            question.kind, len(strategy.revisions), strategy.submitted, due, question.principles, question.search_state
        )
    raise AssertionError("a change of principles asks the proposer")


class _Question(Exception):
    """Not an error: carries the question to the proposer out of the search."""

    def __init__(self, kind: Kind, principles: str, search_state: SearchState) -> None:
        super().__init__(kind)
        self.kind, self.principles, self.search_state = kind, principles, search_state


class _EndOfRecords(Exception):
    """Not an error: the records end here, with an evaluation in flight."""


class _QuestionCatcher:
    """A proposer that raises the question instead of answering it."""

    def learn(self, archive: Archive) -> str:
        raise AssertionError("a run that has principles learns no others")

    def adapt(self, principles: str, search_state: SearchState) -> str:
        raise _Question("adapt", principles, search_state)

    def explore(self, principles: str, search_state: SearchState) -> str:
        raise _Question("explore", principles, search_state)


class _NoExecutor:
    """An executor that evaluates nothing. The first result that is not recorded ends the replay."""

    workers = 1

    def submit(self, number: int, arch: Architecture) -> None:
        """Accept the evaluation: recorded results may still be processed before it."""

    def next_finished(self) -> FinishedEvaluation:
        raise _EndOfRecords

    def close(self) -> None:
        """Nothing to close."""


def _replay(strategy: Lapt, log: RunLog, info: RunInfo) -> None:
    objective = objective_of(info)
    budget = int(str(info.settings["budget"]))
    pending = PendingEvaluations(strategy, log, _NoExecutor(), _schedule(info.settings), budget)
    while (completed := pending.next()) is not None:
        outcome = completed.step.outcome
        strategy.tell(completed.step.arch, None if isinstance(outcome, Failure) else objective.score(outcome))


def objective_of(info: RunInfo) -> Objective:
    """The objective of a stored run."""
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
