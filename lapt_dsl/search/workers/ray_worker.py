"""The worker that an actor of Ray is: makes its evaluator once, then evaluates one architecture at a time.

This module imports nothing of Ray, so that a driver can name the class and a node import it.
"""

from __future__ import annotations

from lapt_dsl.compiler.space.model import Architecture
from lapt_dsl.evaluate.evaluator import Evaluator
from lapt_dsl.evaluate.spec import EvaluatorSpec
from lapt_dsl.search.workers.evaluation import measured, unfit
from lapt_dsl.search.workers.serialization import outcome_text


class RayWorker:
    """Strings and numbers go in and out, so that nothing but those is ever unpickled."""

    def __init__(self, spec: str) -> None:
        """Make the evaluator; a reason why that is not possible is kept for `ready` to tell."""
        self._evaluator: Evaluator | None = None
        self._reason = ""
        try:
            self._evaluator = EvaluatorSpec.from_json(spec).build()
        except Exception as error:
            # Whatever the reason, it is the driver that can say it to a person.
            self._reason = unfit(error)

    def ready(self) -> tuple[bool, str]:
        """Whether it can evaluate, with the evaluator's fingerprint, else the reason."""
        if self._evaluator is None:
            return False, self._reason
        return True, self._evaluator.fingerprint

    def evaluate(self, labels: list[int]) -> str:
        """Evaluate an architecture; the outcome as text."""
        if self._evaluator is None:
            raise ValueError(self._reason)
        return outcome_text(measured(self._evaluator, Architecture(self._evaluator.space, tuple(labels))))
