"""The base class of evaluators, the built-in ones and the user's own.

A subclass measures and describes; the base holds the space and the objective, refuses architectures of other spaces and
hashes the description:

    class MyEvaluator(BaseEvaluator):
        def __init__(self, space: Space) -> None:
            super().__init__(space, Objective("val_acc"))

        def measure(self, arch: Architecture) -> Outcome:
            return Evaluation({"val_acc": ...})

        def describe(self) -> Description:
            return {"kind": "mine", "version": 1, "space": self.space.digest}

`lapt_dsl.evaluate.conformance.check_evaluator` tests a subclass.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property
from typing import TYPE_CHECKING

from lapt_dsl.compiler.space.model import Architecture, Space
from lapt_dsl.evaluate.evaluator import Description, Failure, Objective, Outcome, fingerprint_of

if TYPE_CHECKING:
    from lapt_dsl.compiler.refined.refined_space import RefinedSpace


class BaseEvaluator(ABC):
    """An `Evaluator` of one space that leaves `measure` and `describe` to its subclass."""

    def __init__(self, space: Space, objective: Objective) -> None:
        """Hold the space whose architectures are measured, and the metric that a search optimises."""
        self._space, self._objective = space, objective

    @property
    def space(self) -> Space:
        """The space whose architectures it measures."""
        return self._space

    @property
    def objective(self) -> Objective:
        """The metric that a search optimises."""
        return self._objective

    @property
    def notice(self) -> str | None:
        """A sentence to print with the results, for example that they are not measurements; None for none."""
        return None

    @property
    def covered(self) -> RefinedSpace | None:
        """The architectures that it can measure, to which a search restricts itself; None for all of the space."""
        return None

    def evaluate(self, arch: Architecture) -> Outcome:
        """Measure one architecture, or fail with the kind `foreign` where it is of another space."""
        return self.foreign(arch) or self.measure(arch)

    def foreign(self, arch: Architecture) -> Failure | None:
        """The failure for an architecture of another space; None for one of this space."""
        # Comparing two spaces takes far longer than a look-up in a table: nearly always it is the same object.
        if arch.space is self._space or arch.space == self._space:
            return None
        return Failure("foreign", f"an architecture of `{arch.space.name}`, not of `{self._space.name}`")

    @abstractmethod
    def measure(self, arch: Architecture) -> Outcome:
        """Measure an architecture of this space. Return a Failure for whatever goes wrong with it."""

    @abstractmethod
    def describe(self) -> Description:
        """Everything that results depend on, as JSON values; `deterministic: false` where they vary."""

    @cached_property
    def fingerprint(self) -> str:
        """The hash of `describe()`: a run resumes only with an evaluator of the same fingerprint."""
        return fingerprint_of(self.describe())
