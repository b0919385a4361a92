"""The executor of a search without workers: evaluates in this process, one architecture after another."""

from __future__ import annotations

from collections import deque

from lapt_dsl.compiler.space.model import Architecture
from lapt_dsl.evaluate.evaluator import Evaluator
from lapt_dsl.search.workers.evaluation import measured
from lapt_dsl.search.workers.executor import FinishedEvaluation


class InProcess:
    """Evaluates in submission order, when the caller waits for a result."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._waiting: deque[tuple[int, Architecture]] = deque()

    @property
    def workers(self) -> int:
        """One."""
        return 1

    def submit(self, number: int, arch: Architecture) -> None:
        """Queue an architecture. ValueError where its number is in the queue already."""
        if any(number == waiting for waiting, _ in self._waiting):
            raise ValueError(f"evaluation {number} is pending already")
        self._waiting.append((number, arch))

    def next_finished(self) -> FinishedEvaluation:
        """Evaluate the first architecture of the queue. ValueError where the queue is empty."""
        if not self._waiting:
            raise ValueError("no evaluation is pending")
        number, arch = self._waiting.popleft()
        return FinishedEvaluation(number, measured(self._evaluator, arch))

    def close(self) -> None:
        """Empty the queue."""
        self._waiting.clear()
