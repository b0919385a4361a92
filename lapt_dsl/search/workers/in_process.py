"""The executor of a search without workers: evaluations happen here, one after another."""

from __future__ import annotations

from collections import deque

from lapt_dsl.compiler.space.model import Architecture
from lapt_dsl.evaluate.evaluator import Evaluator
from lapt_dsl.search.workers.evaluation import measured
from lapt_dsl.search.workers.executor import FinishedEvaluation


class InProcess:
    """Evaluates in the order submitted, when somebody waits for a result."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._waiting: deque[tuple[int, Architecture]] = deque()

    @property
    def workers(self) -> int:
        """One."""
        return 1

    def submit(self, number: int, arch: Architecture) -> None:
        """Remember an architecture. ValueError where its number is waiting already."""
        if any(number == waiting for waiting, _ in self._waiting):
            raise ValueError(f"evaluation {number} is under way already")
        self._waiting.append((number, arch))

    def next_finished(self) -> FinishedEvaluation:
        """Evaluate the architecture that has waited longest. ValueError where none waits."""
        if not self._waiting:
            raise ValueError("no evaluation is under way")
        number, arch = self._waiting.popleft()
        return FinishedEvaluation(number, measured(self._evaluator, arch))

    def close(self) -> None:
        """Forget what waits."""
        self._waiting.clear()
