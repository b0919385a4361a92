"""Architectures that were asked for and have not been told yet, in whatever order their evaluations finish."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from lapt_dsl.compiler.space.model import Architecture
from lapt_dsl.diagnostics.diagnostic import Diagnostic, LaptError
from lapt_dsl.diagnostics.span import Span
from lapt_dsl.search.run_log import RunLog, Step
from lapt_dsl.search.schedule import Schedule
from lapt_dsl.search.strategy import Strategy
from lapt_dsl.search.workers.executor import Executor

RUN = Span(0, 0, 1, 1, "<run>")
"""Where a finding about a run as a whole is shown: no file is wrong."""


@dataclass(frozen=True, slots=True)
class CompletedStep:
    """A recorded step that is to be told next; `fresh` where it was evaluated now and not taken from the ledger."""

    step: Step
    fresh: bool


@dataclass(frozen=True, slots=True)
class _Asked:
    arch: Architecture
    state: str


class PendingEvaluations:
    """Keeps a window of evaluations under way and hands their steps out one by one, each recorded before.

    The caller tells the strategy each step before it takes the next. A step is recorded as soon as its evaluation is
    known to have finished, also where others are told before it, so that a process killed at any time loses no more
    than the evaluations under way.
    """

    def __init__(self, strategy: Strategy, ledger: RunLog, executor: Executor, schedule: Schedule, budget: int) -> None:
        self._strategy, self._ledger, self._executor = strategy, ledger, executor
        self._schedule, self._budget = schedule, budget
        self._asked = self._told = 0
        self._flying: dict[int, _Asked] = {}
        self._landed: dict[int, CompletedStep] = {}
        self._arrivals = deque(ledger.arrivals() if schedule.order == "finished" else ())

    def next(self) -> CompletedStep | None:
        """The step to tell next, or None at the end of the budget or of what the strategy asks for.

        Raises:
            LaptError: E820, the ledger holds another run; what the ledger and the executor raise.
        """
        self._fill()
        if not self._flying:
            return None
        number = self._first() if self._schedule.order == "asked" else self._earliest()
        del self._flying[number]
        self._told += 1
        return self._landed.pop(number)

    def _fill(self) -> None:
        # A strategy that has nothing to ask for is asked again once something in flight has been told.
        while len(self._flying) < self._schedule.window and self._asked < self._budget:
            state = self._strategy.state()
            try:
                arch = self._strategy.ask()
            except LaptError:
                # A proposer that stops the search is not to cost the evaluations under way.
                self._land_all()
                raise
            if arch is None:
                return
            number = self._asked
            self._asked += 1
            self._flying[number] = _Asked(arch, state)
            step = self._ledger.step(number)
            if step is None:
                self._executor.submit(number, arch)
            elif step.arch != arch or step.state != state:
                raise _other_run(step, arch)
            else:
                self._landed[number] = CompletedStep(step, fresh=False)

    def _first(self) -> int:
        """The number asked for first, once it has landed."""
        number = next(iter(self._flying))
        while number not in self._landed:
            self._land(None)
        return number

    def _earliest(self) -> int:
        """The number that arrived next: as recorded as far as the records go, then as it comes."""
        if not self._arrivals:
            return self._land(self._told)
        number = self._arrivals.popleft()
        if number not in self._landed:
            message = f"the store's arrival {self._told} is step {number}, which this run has not asked for by then"
            raise LaptError([Diagnostic("E820", "error", message, RUN, _SAME)])
        return number

    def _land_all(self) -> None:
        """Wait for everything under way, and record it."""
        arrival = self._told + len(self._arrivals)
        while len(self._landed) < len(self._flying):
            self._land(None if self._schedule.order == "asked" else arrival)
            arrival += 1

    def _land(self, arrival: int | None) -> int:
        finished = self._executor.next_finished()
        asked = self._flying[finished.number]
        step = Step(finished.number, asked.arch, finished.outcome, asked.state, arrival)
        self._ledger.add_step(step)
        self._landed[step.number] = CompletedStep(step, fresh=True)
        return step.number


_SAME = "resume with the settings, files and versions the run was started with, or start a new store"


def _other_run(step: Step, arch: Architecture) -> LaptError:
    message = f"the store's step {step.number} evaluated {step.arch}, but this run asks for {arch}"
    return LaptError([Diagnostic("E820", "error", message, RUN, _SAME)])
