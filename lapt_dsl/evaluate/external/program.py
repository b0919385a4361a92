"""The base of evaluators that run a command or a function of the user's."""

from __future__ import annotations

from abc import abstractmethod

from lapt_dsl.compiler.space.model import Space
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.evaluate.base import BaseEvaluator
from lapt_dsl.evaluate.evaluator import Description, Objective
from lapt_dsl.evaluate.metric_names import read_metric_name, undecided_direction
from lapt_dsl.evaluate.spec import EvaluatorOptions


class ExternalProgram(BaseEvaluator):
    """Runs code that lapt cannot inspect: a search repeats only if that code does, and its results are not checked."""

    kind: str

    def __init__(self, space: Space, options: EvaluatorOptions) -> None:
        """Read the metric, its direction and the limits of one evaluation from `options`.

        Raises:
            LaptError: E714, neither the options nor the metric's name tell which values are better; E712, the metric is
                one of the test split.
        """
        read = read_metric_name(options.metric)
        direction = options.direction or read.direction
        if direction is None:
            raise undecided_direction(options.metric, "--metric")
        if read.split == "test":
            message = f"`{options.metric}` is measured on the test split, which a search must not use"
            raise LaptError.of(
                "E712", message, "--metric", hint="return a validation metric, and name it with --metric"
            )
        super().__init__(space, Objective(options.metric, direction))
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
