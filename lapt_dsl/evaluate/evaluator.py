"""The interface between a search and its evaluator.

A search treats tables, zero-cost proxies, training and supernets alike: an evaluator takes an architecture and returns
metrics with their cost, or a failure with its reason.
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
LISTED = 10
"""Number of metrics that the message about a missing one lists."""

FailureKind: TypeAlias = Literal["missing", "foreign", "diverged", "timeout", "memory", "error"]
Description: TypeAlias = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A measurement: finite `metrics` by name; `cost` in seconds, None where it is unknown. Must not be changed."""

    metrics: Mapping[str, float]
    cost: float | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no measurement.

    kind `missing`: a table has no such row, or the architecture is outside a surrogate's data; `foreign`: an
    architecture of another space; `diverged`: a metric is not finite; `timeout`, `memory`: a limit was reached;
    `error`: anything else. `message` is shown to the user.
    """

    kind: FailureKind
    message: str
    cost: float | None = None


Outcome: TypeAlias = Evaluation | Failure


@dataclass(frozen=True, slots=True)
class Objective:
    """The metric that a search optimises.

    `metric`: its name in `Evaluation.metrics`; `direction`: which values are better; `split`: the data it is measured
    on, never `test`; `test_metric`: the metric that a report shows for the best architecture, where there is one. A
    search never reads it.
    """

    metric: str
    direction: Direction = "higher"
    split: Split = "validation"
    test_metric: str | None = None

    @property
    def reported(self) -> str:
        """The metric of a report: the test metric, or `metric` where there is none."""
        return self.test_metric or self.metric

    def score(self, evaluation: Evaluation) -> float:
        """The metric's value, negated where lower is better, so that larger is always better."""
        value = evaluation.metrics[self.metric]
        return value if self.direction == "higher" else -value

    def value(self, score: float) -> float:
        """The metric's own value of a score; the inverse of `score`."""
        # Zero is added so that no score becomes -0, which would be printed.
        return (score if self.direction == "higher" else -score) + 0.0


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
        """The metric that a search optimises."""

    def evaluate(self, arch: Architecture) -> Outcome:
        """Measure one architecture; whatever goes wrong with it is a Failure, not an exception.

        An architecture whose `space` is not equal to the evaluator's is a Failure of the kind `foreign`.
        """

    def describe(self) -> Description:
        """Everything its results depend on, as JSON values; `deterministic: false` where they vary."""

    @property
    def fingerprint(self) -> str:
        """`fingerprint_of(self.describe())`: a run resumes only with an evaluator of the same fingerprint."""


def fingerprint_of(description: Description) -> str:
    """A hash of a description: SHA-256, 64 hexadecimal digits, the same on every machine.

    >>> fingerprint_of({"kind": "analytic", "version": 1})[:8]
    '823dbf1f'

    Raises:
        ValueError: The description contains NaN or an infinity.
        TypeError: It contains a value that is not JSON.
    """
    text = json.dumps(description, sort_keys=True, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def checked(outcome: Outcome, objective: Objective) -> Outcome:
    """The outcome, or a failure where the objective's metric is absent or a metric is not finite.

    A search calls this on every outcome, so that a NaN never enters a comparison.
    """
    if isinstance(outcome, Failure):
        return outcome
    if objective.metric not in outcome.metrics:
        listed = ", ".join(list(outcome.metrics)[:LISTED]) or "none"
        more = f" and {len(outcome.metrics) - LISTED} more" if len(outcome.metrics) > LISTED else ""
        message = f"the evaluation has no metric `{objective.metric}`; it returned {listed}{more}"
        return Failure("error", message, outcome.cost)
    for name, value in outcome.metrics.items():
        if not math.isfinite(value):
            return Failure("diverged", f"`{name}` is {value}", outcome.cost)
    return outcome
