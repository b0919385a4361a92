"""The worker in a Ray actor: builds its evaluator once, then evaluates one architecture at a time.

This module imports nothing of Ray, so that the driver can name the class and a node can import it.
"""

from __future__ import annotations

from lapt_dsl.compiler.space.model import Architecture
from lapt_dsl.evaluate.evaluator import Evaluator
from lapt_dsl.evaluate.spec import EvaluatorSpec
from lapt_dsl.search.workers.evaluation import measured, unfit
from lapt_dsl.search.workers.serialization import outcome_text


class RayWorker:
    """Takes and returns only strings and numbers, so that nothing else is unpickled."""

    def __init__(self, spec: str) -> None:
        """Build the evaluator; `ready` reports the error where that fails."""
        self._evaluator: Evaluator | None = None
        self._reason = ""
        try:
            self._evaluator = EvaluatorSpec.from_json(spec).build()
        except Exception as error:
            # The driver reports the reason to the user.
            self._reason = unfit(error)

    def ready(self) -> tuple[bool, str]:
        """Whether it can evaluate, with the evaluator's fingerprint or else the reason."""
        if self._evaluator is None:
            return False, self._reason
        return True, self._evaluator.fingerprint

    def evaluate(self, encoding: list[int]) -> str:
        """Evaluate an architecture and return the outcome as text."""
        if self._evaluator is None:
            raise ValueError(self._reason)
        return outcome_text(measured(self._evaluator, Architecture(self._evaluator.space, tuple(encoding))))
