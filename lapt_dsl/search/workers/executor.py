"""The interface between a search and its workers.

`lapt_dsl.search.workers.conformance` tests an implementation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from lapt_dsl.compiler.space.model import Architecture
from lapt_dsl.evaluate.evaluator import Outcome


@dataclass(frozen=True, slots=True)
class FinishedEvaluation:
    """The outcome of the evaluation that was submitted under this number."""

    number: int
    outcome: Outcome


class Executor(Protocol):
    """Evaluates submitted architectures, as many at a time as it has workers.

    Every submission comes back exactly once, in any order, even if its worker dies: as an Evaluation with finite
    metrics, or as a Failure.
    """

    @property
    def workers(self) -> int:
        """Number of evaluations that run at a time."""
        ...

    def submit(self, number: int, arch: Architecture) -> None:
        """Evaluate an architecture when a worker is free; submissions wait in their order.

        Raises:
            ValueError: An evaluation with this number is pending.
        """
        ...

    def next_finished(self) -> FinishedEvaluation:
        """Wait for one evaluation to finish.

        Raises:
            ValueError: No evaluation is pending.
            LaptError: E870 and E873 to E876, there are no usable workers.
        """
        ...

    def close(self) -> None:
        """Kill the workers and their evaluations at once. Closing twice is allowed."""
        ...
