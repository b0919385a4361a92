"""One search as a person starts it: a strategy, an evaluator, settings, a seed, and where it is recorded."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Protocol, runtime_checkable

from lapt_dsl.compiler.refined.refined_space import RefinedSpace
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.evaluate.evaluator import Evaluator
from lapt_dsl.propose.archive import Archive
from lapt_dsl.propose.exchange import Transcript
from lapt_dsl.propose.proposer import Proposer
from lapt_dsl.search.run.loop import Result, run
from lapt_dsl.search.run.test_evaluation import evaluate_on_test
from lapt_dsl.search.run_log import MemoryRunLog, RunLog, Step
from lapt_dsl.search.schedule import Schedule
from lapt_dsl.search.settings import Settings
from lapt_dsl.search.store.log import StoreRunLog
from lapt_dsl.search.store.run_store import RunInfo, RunStore
from lapt_dsl.search.store.transcript import StoreTranscript
from lapt_dsl.search.strategies.build import STRATEGIES, StrategyContext
from lapt_dsl.search.strategy import Strategy
from lapt_dsl.search.workers.executor import Executor

Watch = Callable[[Strategy, Step], None]


@runtime_checkable
class Recorded(Protocol):
    """A proposer that holds conversations, which belong in the run's store."""

    def record_in(self, transcript: Transcript) -> None:
        """Record in a transcript from now on, and go on from what it holds."""
        ...


@dataclass(frozen=True, slots=True)
class Search:
    """What one run depends on.

    `refined`: the space to search; `strategy`: its name; `principles`: the file a LAPT run starts from, None for one
    that the proposer learns from the archive as the run's first step; `proposer`: who changes it, None for nobody, with
    the name `proposer_name`, and `asked`, what else its answers depend on, as JSON values; `archive`: the source's
    best, for what needs them; `schedule`: how evaluations may overlap.
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

    def info(self) -> RunInfo:
        """What a store keeps of it, to refuse being continued by another run."""
        settings: dict[str, object] = {"strategy": self.strategy, **asdict(self.settings)}
        settings["metric"] = self.evaluator.objective.metric
        settings["direction"] = self.evaluator.objective.direction
        settings["proposer"] = self.proposer_name
        settings["principles"] = _sha256(self.principles)
        settings["searched"] = str(self.refined.size)
        settings["source"] = None if self.archive is None else _sha256(_listing(self.archive))
        if self.schedule != Schedule():
            # Left out where evaluations do not overlap: those runs are the same as before there were schedules.
            settings.update(asdict(self.schedule))
        settings.update(self.asked)
        space = self.refined.space
        return RunInfo(settings, space.name, space.digest, self.evaluator.fingerprint, self.seed)

    def start(self, ledger: RunLog) -> Strategy:
        """The strategy at its beginning."""
        text = self.principles
        if text is None and self.strategy == "lapt":
            text = self._learned(ledger)
        given = StrategyContext(self.refined, self.settings, self.seed, ledger, text, self.proposer, self.archive)
        return STRATEGIES[self.strategy](given)

    def _learned(self, ledger: RunLog) -> str | None:
        """The file that the proposer learns, or learned before the run was stopped."""
        known = ledger.proposal(0)
        if known is not None:
            return known.text
        return None if self.proposer is None or self.archive is None else self.proposer.learn(self.archive)

    def run(
        self, ledger: RunLog, watch: Watch = lambda strategy, step: None, executor: Executor | None = None
    ) -> tuple[Strategy, Result]:
        """Run to the budget from what the ledger holds. Arguments and errors as for `loop.run`."""
        strategy = self.start(ledger)
        result = run(
            strategy,
            self.evaluator,
            self.settings.budget,
            ledger,
            watch=lambda step: watch(strategy, step),
            executor=executor,
            schedule=self.schedule,
        )
        return strategy, result


def run_search(
    search: Search,
    store: str | Path | None,
    resume: bool,
    watch: Watch = lambda strategy, step: None,
    executor: Executor | None = None,
    final: bool = True,
) -> tuple[Strategy, Result]:
    """Run a search, recorded in a store where one is given.

    Args:
        search: The search.
        store: The store's file; None records nothing.
        resume: Continue the run that the store holds, to the same bytes as if it had never stopped. A store that was
            killed before it held a run is begun anew.
        watch: Sees every step once it is recorded.
        executor: Who evaluates, here where there is none. It stays the caller's to close.
        final: Whether the best is measured on test data at the end, by evaluators that can.

    Raises:
        LaptError: E801 to E810, the store; E820, E821, the run; E870 to E889, the executor; what the proposer raises
            where it cannot write principles. Whatever it is, the store is whole and the run can be resumed.
    """
    if store is None:
        strategy, result = search.run(MemoryRunLog(), watch, executor)
        return strategy, _with_final(search.evaluator, result, None) if final else result
    with _opened(search, store, resume) as opened:
        if isinstance(search.proposer, Recorded):
            search.proposer.record_in(StoreTranscript(opened))
        strategy, result = search.run(StoreRunLog(opened, search.refined.space), watch, executor)
        return strategy, _with_final(search.evaluator, result, opened) if final else result


def _with_final(evaluator: Evaluator, result: Result, store: RunStore | None) -> Result:
    return replace(result, final=evaluate_on_test(evaluator, result, store))


def _opened(search: Search, store: str | Path, resume: bool) -> RunStore:
    if not resume:
        return RunStore.create(store, search.info())
    try:
        return RunStore.resume(store, search.info())
    except LaptError as error:
        if error.diagnostics[0].code != "E808":
            raise
        return RunStore.create(store, search.info())


def _listing(archive: Archive) -> str:
    return "\n".join(f"{scored.arch} {scored.score!r}" for scored in archive)


def _sha256(text: str | None) -> str | None:
    """A digest short enough for a message that two of them stand in."""
    return None if text is None else hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]
