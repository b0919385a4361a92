"""The base of evaluators that run a command or a function of the user's."""

from __future__ import annotations

from abc import abstractmethod

from lapt_dsl.compiler.space.model import Space
from lapt_dsl.evaluate.base import BaseEvaluator
from lapt_dsl.evaluate.evaluator import Description, Objective
from lapt_dsl.evaluate.spec import EvaluatorOptions


class ExternalProgram(BaseEvaluator):
    """Runs code that lapt cannot inspect: a search repeats only if that code does, and its results are not checked."""

    kind: str

    def __init__(self, space: Space, options: EvaluatorOptions) -> None:
        """`options` hold the metric, whether lower is better, and the limits of one evaluation."""
        super().__init__(space, Objective(options.metric, "lower" if options.lower else "higher"))
        self._time_limit, self._memory_limit = options.time_limit, options.memory_limit

    def describe(self) -> Description:
        """What is run, and the limits."""
        return {
            "kind": self.kind,
            "deterministic": False,
            "space": self._space.digest,
            **self.program(),
            "metric": self._objective.metric,
            "direction": self._objective.direction,
            "time_limit": self._time_limit,
            "memory_limit": self._memory_limit,
        }

    @abstractmethod
    def program(self) -> Description:
        """What is run, as JSON values."""
