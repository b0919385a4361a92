"""What an architecture is worth: the one interface between a search and its evaluator.

Tables, zero-cost proxies, training and supernets are alike to a search: an architecture goes in, and out come metrics
with what they cost, or a failure with its reason.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias, runtime_checkable

from lapt_dsl.compiler.space.model import Architecture, Space

Direction: TypeAlias = Literal["higher", "lower"]
Split: TypeAlias = Literal["validation", "test", "cost"]
FailureKind: TypeAlias = Literal["missing", "foreign", "diverged", "timeout", "memory", "error"]
Description: TypeAlias = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was measured: `metrics` by name, finite; `cost` in seconds, None where nobody knows. Not to be changed."""

    metrics: Mapping[str, float]
    cost: float | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """Why nothing was measured.

    kind `missing`: a table has no such row, or a surrogate no data so far out; `foreign`: an architecture of another
    space; `diverged`: a metric is not finite; `timeout`, `memory`: a limit was reached; `error`: anything else.
    `message` is for a person.
    """

    kind: FailureKind
    message: str
    cost: float | None = None


Outcome: TypeAlias = Evaluation | Failure


@dataclass(frozen=True, slots=True)
class Objective:
    """What a search optimises.

    `metric`: the name it has in `Evaluation.metrics`, and `direction` which values are better; `split`: where it was
    measured, never `test`. `test_metric`: what a report gives for the architecture found, where it is known. No search
    reads it.
    """

    metric: str
    direction: Direction = "higher"
    split: Split = "validation"
    test_metric: str | None = None

    @property
    def reported(self) -> str:
        """The metric of a report: the test metric, or the objective's own where there is none."""
        return self.test_metric or self.metric

    def score(self, evaluation: Evaluation) -> float:
        """The objective's value, turned so that larger is better."""
        value = evaluation.metrics[self.metric]
        return value if self.direction == "higher" else -value

    def value(self, score: float) -> float:
        """The metric's own value of a score; the inverse of `score`."""
        return score if self.direction == "higher" else -score


@runtime_checkable
class Evaluator(Protocol):
    """Measures architectures of one space.

    `lapt_dsl.evaluate.base.BaseEvaluator` implements all of it but the measurement and the description, and
    `lapt_dsl.evaluate.conformance` tests an implementation.
    """

    @property
    def space(self) -> Space:
        """The space whose architectures it measures."""

    @property
    def objective(self) -> Objective:
        """What of its metrics a search optimises."""

    def evaluate(self, arch: Architecture) -> Outcome:
        """Measure one architecture; whatever goes wrong with it is a Failure, not an exception.

        An architecture whose `space` is not equal to the evaluator's is a Failure of the kind `foreign`.
        """

    def describe(self) -> Description:
        """Everything its results depend on, as JSON values; `deterministic: false` where they vary."""

    @property
    def fingerprint(self) -> str:
        """`fingerprint_of(self.describe())`: a run is continued only with an evaluator of the same fingerprint."""


def fingerprint_of(description: Description) -> str:
    """A hash of a description: SHA-256, 64 hexadecimal digits, the same on every machine.

    >>> fingerprint_of({"kind": "analytic", "version": 1})[:8]
    '823dbf1f'

    Raises:
        ValueError: The description holds NaN or an infinity.
        TypeError: It holds something that JSON cannot write.
    """
    text = json.dumps(description, sort_keys=True, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def checked(outcome: Outcome, objective: Objective) -> Outcome:
    """The outcome, or the failure that it amounts to: the objective's metric is absent, or a metric is not finite.

    A search calls this on what an evaluator returns, so that a NaN never enters a comparison.
    """
    if isinstance(outcome, Failure):
        return outcome
    if objective.metric not in outcome.metrics:
        return Failure("error", f"the evaluation has no metric `{objective.metric}`", outcome.cost)
    for name, value in outcome.metrics.items():
        if not math.isfinite(value):
            return Failure("diverged", f"`{name}` is {value}", outcome.cost)
    return outcome
