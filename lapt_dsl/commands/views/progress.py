"""The progress of a search: a live line on a terminal, plain lines elsewhere; always on standard error."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TYPE_CHECKING

from lapt_dsl.commands.options.terminal import echo
from lapt_dsl.commands.views.failures import reason
from lapt_dsl.evaluate.evaluator import Failure
from lapt_dsl.search.run.loop import score_of
from lapt_dsl.search.strategies.lapt import Lapt

if TYPE_CHECKING:
    from lapt_dsl.evaluate.evaluator import Evaluator
    from lapt_dsl.search.run_log import Step
    from lapt_dsl.search.strategy import Strategy


class SearchProgress:
    """Shows the steps of a search: on a terminal one live line, elsewhere a line per new best and new file."""

    def __init__(self, evaluator: Evaluator, budget: int, size: int, name: str) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        from lapt_dsl.commands.views.output import console

        self._evaluator, self._budget = evaluator, budget
        self._best: float | None = None
        self._force = f"{name}, {size:,} architectures"
        self._files = self._steps = 0
        self._failed: set[str] = set()
        self._live: Progress | None = None
        if sys.stderr.isatty():
            columns = (BarColumn(20), MofNCompleteColumn(), TextColumn("{task.description}", markup=False))
            self._live = Progress(*columns, console=console(sys.stderr))
            self._task = self._live.add_task(self._force, total=budget)

    def __enter__(self) -> SearchProgress:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def __call__(self, strategy: Strategy, step: Step) -> None:
        """A step was recorded."""
        self._steps += 1
        if isinstance(strategy, Lapt) and len(strategy.revisions) > self._files:
            self._files = len(strategy.revisions)
            file = strategy.principles
            self._force = f"{file.name}, {file.size:,} architectures"
            self._say(f"{self._steps - 1:>6}  principles {self._force}")
        if isinstance(step.outcome, Failure) and step.outcome.kind not in self._failed:
            # The first of each kind: a mistake in an evaluator is seen at once, and thousands of rows that a table
            # lacks are one line.
            self._failed.add(step.outcome.kind)
            self._say(f"{self._steps:>6}  failed ({step.outcome.kind}): {reason(step.outcome)}")
        score = score_of(self._evaluator, step.outcome)
        if score is not None and (self._best is None or score > self._best):
            self._best = score
            self._say(f"{self._steps:>6}  {self._value()}  {step.arch}")
        if self._live is not None:
            best = f"best {self._value()}" if self._best is not None else "no result yet"
            self._live.update(self._task, completed=self._steps, description=f"{best}  {self._force}")

    def _value(self) -> str:
        objective = self._evaluator.objective
        return f"{objective.metric} {objective.value(self._best or 0.0):.6g}"

    def _say(self, line: str) -> None:
        if self._live is None:
            echo(line, err=True)
