"""What commands and functions of the user's have in common as evaluators."""

from __future__ import annotations

from functools import cached_property

from lapt_dsl.compiler.space.model import Architecture, Space
from lapt_dsl.evaluate.evaluator import Description, Direction, Failure, Objective, fingerprint_of
from lapt_dsl.evaluate.spec import EvaluatorOptions


class ExternalProgram:
    """Code that lapt knows nothing of: a search repeats only if it does, and its results are taken as they are."""

    kind: str

    def __init__(self, space: Space, options: EvaluatorOptions) -> None:
        """`options` hold the metric, whether lower is better, and the limits of one evaluation."""
        direction: Direction = "lower" if options.lower else "higher"
        self._space = space
        self._objective = Objective(options.metric, direction)
        self._time_limit, self._memory_limit = options.time_limit, options.memory_limit

    @property
    def space(self) -> Space:
        """The space."""
        return self._space

    @property
    def objective(self) -> Objective:
        """The named metric of what the program gives."""
        return self._objective

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

    def program(self) -> Description:
        """What is run, as JSON values."""
        raise NotImplementedError

    @cached_property
    def fingerprint(self) -> str:
        """The hash of `describe()`."""
        return fingerprint_of(self.describe())

    def foreign(self, arch: Architecture) -> Failure | None:
        """The failure for an architecture of another space."""
        if arch.space == self._space:
            return None
        return Failure("foreign", f"an architecture of `{arch.space.name}`, not of `{self._space.name}`")
