"""A search session: a strategy, an evaluator, settings, a seed, and the store that records the run."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Protocol, runtime_checkable

from lapt_dsl.compiler.refined.refined_space import RefinedSpace
from lapt_dsl.diagnostics.diagnostic import LaptError, StoreWithoutRunError
from lapt_dsl.evaluate.evaluator import Evaluator
from lapt_dsl.propose.archive import Archive
from lapt_dsl.propose.exchange import Transcript
from lapt_dsl.propose.proposer import Proposer
from lapt_dsl.search.run.loop import Result, run
from lapt_dsl.search.run.pending import RUN
from lapt_dsl.search.run.test_evaluation import evaluate_on_test
from lapt_dsl.search.run_log import MemoryRunLog, RunLog, Step
from lapt_dsl.search.schedule import Schedule
from lapt_dsl.search.settings import Settings
from lapt_dsl.search.store.log import StoreRunLog
from lapt_dsl.search.store.records import COMMAND, FIRST_BUDGET
from lapt_dsl.search.store.run_store import RunInfo, RunStore
from lapt_dsl.search.store.transcript import StoreTranscript
from lapt_dsl.search.strategies.build import STRATEGIES, StrategyContext
from lapt_dsl.search.strategies.lapt import Lapt
from lapt_dsl.search.strategy import Strategy
from lapt_dsl.search.workers.executor import Executor

Watch = Callable[[Strategy, Step], None]


@runtime_checkable
class Recorded(Protocol):
    """A proposer whose exchanges with a model are recorded in the store of the run."""

    def record_in(self, transcript: Transcript) -> None:
        """Record exchanges in a transcript from now on, and continue after those that it holds."""
        ...


@dataclass(frozen=True, slots=True)
class Search:
    """Everything that a run depends on.

    Attributes:
        evaluator: Evaluates architectures and defines the objective.
        refined: The space to search.
        strategy: Name of the strategy.
        settings: Settings of the run.
        seed: Random seed.
        principles: The principle file that a LAPT run starts from. None lets the proposer learn one from the archive
            as the first step of the run.
        proposer: Changes the principles; None keeps them.
        proposer_name: Name of the proposer.
        archive: The best architectures of the source, for strategies and proposers that need them.
        schedule: How evaluations overlap.
        asked: Further settings that the proposer's answers depend on, as JSON values.
        command: The options of the command line by name, as JSON values; not compared when a run is resumed.
        first_budget: The first budget of a run whose budget grew; see `continuing`.
    """

    evaluator: Evaluator
    refined: RefinedSpace
    strategy: str
    settings: Settings
    seed: int
    principles: str | None = None
    proposer: Proposer | None = None
    proposer_name: str | None = None
    archive: Archive | None = None
    schedule: Schedule = field(default_factory=Schedule)
    asked: Mapping[str, object] = field(default_factory=dict)
    command: Mapping[str, object] = field(default_factory=dict)
    first_budget: int | None = None

    def info(self) -> RunInfo:
        """What a store records, so that it refuses to be continued by a different run."""
        settings: dict[str, object] = {"strategy": self.strategy, **asdict(self.settings)}
        settings["metric"] = self.evaluator.objective.metric
        settings["direction"] = self.evaluator.objective.direction
        settings["proposer"] = self.proposer_name
        settings["principles"] = _sha256(self.principles)
        settings["searched"] = str(self.refined.size)
        if self.covered is not None:
            # Omitted where everything can be evaluated, so that older stores can be continued.
            settings["covered"] = str(self.covered.size)
        settings["source"] = None if self.archive is None else _sha256(_listing(self.archive))
        if self.schedule != Schedule():
            # Omitted without overlap, so that stores written before schedules existed can be continued.
            settings.update(asdict(self.schedule))
        settings.update(self.asked)
        if self.first_budget is not None:
            settings[FIRST_BUDGET] = self.first_budget
        if self.command:
            settings[COMMAND] = dict(self.command)
        space = self.refined.space
        return RunInfo(settings, space.name, space.digest, self.evaluator.fingerprint, self.seed)

    @property
    def covered(self) -> RefinedSpace | None:
        """The architectures that the evaluator can measure, where it knows; None for all."""
        found = getattr(self.evaluator, "covered", None)
        return found if isinstance(found, RefinedSpace) else None

    @property
    def searched(self) -> RefinedSpace:
        """The part of `refined` that the evaluator can measure."""
        return self.refined if self.covered is None else self.refined & self.covered

    def continuing(self, stored: RunInfo) -> Search:
        """This search as it continues a stored run.

        Where the budget gives the number of evaluations between changes of the principles, a run with a larger budget
        keeps the number of its first budget: the changes that are stored happened after that many.
        """
        first = stored.settings.get(FIRST_BUDGET, stored.settings.get("budget"))
        settings = self.settings
        changes = self.strategy == "lapt" and self.proposer is not None and settings.interval is None
        if not changes or not isinstance(first, int) or settings.budget <= first:
            return self
        length = replace(settings, budget=first).evaluations_per_iteration
        return replace(self, settings=replace(settings, interval=length), first_budget=first)

    def start(self, log: RunLog) -> Strategy:
        """Create the strategy.

        Raises:
            LaptError: E715, the evaluator can measure none of the architectures to search.
        """
        refined = self.searched
        if not refined:
            raise _nothing_covered(self)
        text = self.principles
        if text is None and self.strategy == "lapt":
            text = self._learned(log)
        given = StrategyContext(refined, self.settings, self.seed, log, text, self.proposer, self.archive, self.covered)
        strategy = STRATEGIES[self.strategy](given)
        if isinstance(strategy, Lapt) and self.proposer is None and not strategy.refined:
            raise _nothing_covered(self)
        return strategy

    def _learned(self, log: RunLog) -> str | None:
        """The principle file learned by the proposer: the recorded one if there is one."""
        known = log.proposal(0)
        if known is not None:
            return known.text
        return None if self.proposer is None or self.archive is None else self.proposer.learn(self.archive)

    def run(
        self, log: RunLog, watch: Watch = lambda strategy, step: None, executor: Executor | None = None
    ) -> tuple[Strategy, Result]:
        """Run until the budget is spent, after the records of the log. Arguments and errors as for `loop.run`."""
        strategy = self.start(log)
        result = run(
            strategy,
            self.evaluator,
            self.settings.budget,
            log,
            watch=lambda step: watch(strategy, step),
            executor=executor,
            schedule=self.schedule,
        )
        # Principles that do not change are the space of the run.
        searched = strategy.refined if isinstance(strategy, Lapt) and strategy.proposer is None else self.searched
        if result.ended == "strategy exhausted" and len(result.steps) >= searched.size:
            result = replace(result, ended="space exhausted")
        return strategy, result


def run_search(
    search: Search,
    store: str | Path | None,
    resume: bool,
    watch: Watch = lambda strategy, step: None,
    executor: Executor | None = None,
    final: bool = True,
) -> tuple[Strategy, Result]:
    """Run a search and record it in a store, if one is given.

    Args:
        search: The search.
        store: Path of the store. None records nothing.
        resume: Continue the run in the store, with the same settings or a larger budget. The result has the same
            content as that of an uninterrupted run. If the process was killed before the store held a run, the run
            starts anew.
        watch: Called with every step after it is recorded.
        executor: Evaluates architectures; None evaluates in this process. The caller closes it.
        final: Evaluate the best architecture on test data at the end, if the evaluator can.

    Raises:
        LaptError: E801 to E810, the store; E820, E821, the run; E870 to E889, the executor; errors of a proposer that
            cannot write principles. After any error the store is consistent and the run can be resumed.
    """
    if store is None:
        strategy, result = search.run(MemoryRunLog(), watch, executor)
        return strategy, _with_test_outcome(search.evaluator, result, None) if final else result
    opened, search = _opened(search, store, resume)
    with opened:
        if isinstance(search.proposer, Recorded):
            search.proposer.record_in(StoreTranscript(opened))
        strategy, result = search.run(StoreRunLog(opened, search.refined.space), watch, executor)
        return strategy, _with_test_outcome(search.evaluator, result, opened) if final else result


def _with_test_outcome(evaluator: Evaluator, result: Result, store: RunStore | None) -> Result:
    return replace(result, final=evaluate_on_test(evaluator, result, store))


def _opened(search: Search, store: str | Path, resume: bool) -> tuple[RunStore, Search]:
    """The store, and the search as it goes on there."""
    if not resume:
        return RunStore.create(store, search.info()), search
    try:
        opened = RunStore.open(store)
    except StoreWithoutRunError:
        return RunStore.create(store, search.info()), search
    try:
        search = search.continuing(opened.info())
        opened.continue_as(search.info())
    except BaseException:
        opened.close()
        raise
    return opened, search


def _nothing_covered(search: Search) -> LaptError:
    size = 0 if search.covered is None else search.covered.size
    message = f"the evaluator covers {size:,} architectures, and the principles allow none of them"
    return LaptError.of("E715", message, RUN, hint="relax the principles, or use a table with more architectures")


def _listing(archive: Archive) -> str:
    return "\n".join(f"{scored.arch} {scored.score!r}" for scored in archive)


def _sha256(text: str | None) -> str | None:
    """A digest short enough for a message with two of them."""
    return None if text is None else hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]
