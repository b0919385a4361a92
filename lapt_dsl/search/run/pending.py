"""Evaluations in flight: architectures submitted and not yet processed, in any order of completion."""

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
"""Location of a diagnostic about a whole run, which belongs to no file."""


@dataclass(frozen=True, slots=True)
class CompletedStep:
    """A recorded step to process next. `fresh` is true if it was evaluated now and not read from the log."""

    step: Step
    fresh: bool


@dataclass(frozen=True, slots=True)
class _Asked:
    arch: Architecture
    state: str


class PendingEvaluations:
    """Keeps up to `window` evaluations in flight and returns their recorded steps one by one.

    The caller tells the strategy about each step before it takes the next one. A step is recorded as soon as its
    evaluation finishes, even if other steps are processed before it. A process that is killed therefore loses only the
    evaluations in flight.
    """

    def __init__(self, strategy: Strategy, log: RunLog, executor: Executor, schedule: Schedule, budget: int) -> None:
        self._strategy, self._log, self._executor = strategy, log, executor
        self._schedule, self._budget = schedule, budget
        self._asked = self._told = 0
        self._pending: dict[int, _Asked] = {}
        self._completed: dict[int, CompletedStep] = {}
        self._completions = deque(log.completions() if schedule.order == "finished" else ())

    def next(self) -> CompletedStep | None:
        """The next step to process, or None if the budget is spent or the strategy has no further architecture.

        Raises:
            LaptError: E820, the log holds another run; errors of the log and of the executor.
        """
        self._fill()
        if not self._pending:
            return None
        number = self._first() if self._schedule.order == "asked" else self._earliest()
        del self._pending[number]
        self._told += 1
        return self._completed.pop(number)

    def _fill(self) -> None:
        # A strategy that returned None is asked again after the next result: its answer may depend on it.
        while len(self._pending) < self._schedule.window and self._asked < self._budget:
            state = self._strategy.state()
            try:
                arch = self._strategy.ask()
            except LaptError:
                # If the proposer stops the search, the evaluations in flight are still recorded.
                self._complete_all()
                raise
            if arch is None:
                return
            number = self._asked
            self._asked += 1
            self._pending[number] = _Asked(arch, state)
            step = self._log.step(number)
            if step is None:
                self._executor.submit(number, arch)
            elif step.arch != arch or step.state != state:
                raise _other_run(step, arch)
            else:
                self._completed[number] = CompletedStep(step, fresh=False)

    def _first(self) -> int:
        """Wait for the oldest submission and return its number."""
        number = next(iter(self._pending))
        while number not in self._completed:
            self._complete(None)
        return number

    def _earliest(self) -> int:
        """The next number in completion order: the recorded order first, then the order of arrival."""
        if not self._completions:
            return self._complete(self._told)
        number = self._completions.popleft()
        if number not in self._completed:
            message = f"completion {self._told} in the store is step {number}, which this run has not submitted yet"
            raise LaptError([Diagnostic("E820", "error", message, RUN, _SAME)])
        return number

    def _complete_all(self) -> None:
        """Wait for all evaluations in flight and record them."""
        completion = self._told + len(self._completions)
        while len(self._completed) < len(self._pending):
            self._complete(None if self._schedule.order == "asked" else completion)
            completion += 1

    def _complete(self, completion: int | None) -> int:
        finished = self._executor.next_finished()
        submission = self._pending[finished.number]
        step = Step(finished.number, submission.arch, finished.outcome, submission.state, completion)
        self._log.add_step(step)
        self._completed[step.number] = CompletedStep(step, fresh=True)
        return step.number


_SAME = "resume with the settings, files and versions of the original run, or start a new store"


def _other_run(step: Step, arch: Architecture) -> LaptError:
    message = f"step {step.number} in the store evaluated {step.arch}, but this run submits {arch}"
    return LaptError([Diagnostic("E820", "error", message, RUN, _SAME)])
