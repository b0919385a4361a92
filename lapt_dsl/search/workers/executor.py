"""Who evaluates: the one interface between a search and its workers.

`lapt_dsl.search.workers.conformance` tests an implementation, a user's own included.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from lapt_dsl.compiler.space.model import Architecture
from lapt_dsl.evaluate.evaluator import Outcome


@dataclass(frozen=True, slots=True)
class FinishedEvaluation:
    """The outcome of the evaluation that was submitted with this number."""

    number: int
    outcome: Outcome


class Executor(Protocol):
    """Evaluates what is submitted, several at a time where it has several workers.

    Every submission comes back exactly once, in any order, whatever becomes of the worker that had it: as an
    Evaluation with finite metrics, or as a Failure that says what went wrong.
    """

    @property
    def workers(self) -> int:
        """How many evaluations run at a time."""
        ...

    def submit(self, number: int, arch: Architecture) -> None:
        """Have an architecture evaluated; more than there are workers wait for their turn, first come, first served.

        Raises:
            ValueError: An evaluation with this number is under way.
        """
        ...

    def next_finished(self) -> FinishedEvaluation:
        """Wait for one evaluation to finish.

        Raises:
            ValueError: Nothing is under way.
            LaptError: E870 and E873 to E876, there are no workers to evaluate anything.
        """
        ...

    def close(self) -> None:
        """End the workers and what they are evaluating, at once. An executor may be closed twice."""
        ...
