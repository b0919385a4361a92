"""Checks that every evaluator must pass; run them against an evaluator of your own.

    from lapt_dsl.evaluate.conformance import check_evaluator

    def test_mine_conforms():
        check_evaluator(MyEvaluator(...))

Each check raises AssertionError with a sentence that names the broken promise; no test framework is needed.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

from lapt_dsl.compiler.building.library import load_space, shipped_names
from lapt_dsl.compiler.space.model import Architecture, Space
from lapt_dsl.evaluate.evaluator import Evaluation, Evaluator, Failure, Outcome, fingerprint_of

FAILURE_KINDS = ("missing", "foreign", "diverged", "timeout", "memory", "error")


def check_evaluator(evaluator: Evaluator, archs: Sequence[Architecture] | None = None) -> None:
    """Run every check.

    Args:
        evaluator: The evaluator.
        archs: Architectures to evaluate; None draws 20 from its space with a fixed seed.

    Raises:
        AssertionError: A promise is broken.
    """
    check_objective(evaluator)
    check_description(evaluator)
    before = evaluator.fingerprint
    check_outcomes(evaluator, archs if archs is not None else draw(evaluator.space, 20))
    check_foreign(evaluator)
    _require(evaluator.fingerprint == before, "evaluating changes the fingerprint")


def draw(space: Space, count: int) -> list[Architecture]:
    """Architectures of a space, drawn uniformly with a fixed seed."""
    import numpy as np

    from lapt_dsl.compiler.refined.refined_space import full

    return list(full(space).sample(count, np.random.default_rng(0)))


def check_objective(evaluator: Evaluator) -> None:
    """The objective names a metric, a direction, and a split that a search may use."""
    objective = evaluator.objective
    _require(isinstance(evaluator.space, Space), "`space` is not a Space")
    _require(bool(objective.metric), "the objective's metric has no name")
    _require(objective.direction in ("higher", "lower"), f"`{objective.direction}` is not a direction")
    _require(objective.split in ("validation", "cost"), f"a search must not optimise on the split `{objective.split}`")
    _require(objective.test_metric != objective.metric, "the test metric is the metric that the search optimises")


def check_description(evaluator: Evaluator) -> None:
    """The description is JSON and does not change, and the fingerprint is its hash."""
    description = evaluator.describe()
    try:
        text = json.dumps(description, sort_keys=True, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise AssertionError(f"`describe()` cannot be written as JSON: {error}") from error
    _require(text == json.dumps(evaluator.describe(), sort_keys=True), "`describe()` changes between two calls")
    _require("kind" in description, "`describe()` has no `kind`")
    _require(evaluator.fingerprint == fingerprint_of(description), "the fingerprint is not that of `describe()`")


def check_outcomes(evaluator: Evaluator, archs: Sequence[Architecture]) -> None:
    """Every architecture yields finite metrics or a typed failure, and again the same where `deterministic` holds."""
    deterministic = evaluator.describe().get("deterministic", True)
    for arch in archs:
        outcome = evaluator.evaluate(arch)
        _check_outcome(evaluator, outcome, str(arch))
        if deterministic:
            again = evaluator.evaluate(arch)
            _require(_values(outcome) == _values(again), f"{arch} is evaluated differently the second time")


def check_foreign(evaluator: Evaluator) -> None:
    """An architecture of another space is a failure of the kind `foreign`, not a value and not an exception."""
    name = next(name for name in shipped_names() if load_space(name) != evaluator.space)
    outcome = evaluator.evaluate(draw(load_space(name), 1)[0])
    _require(isinstance(outcome, Failure), f"an architecture of `{name}` is evaluated as if it were of its own space")
    _check_outcome(evaluator, outcome, f"an architecture of `{name}`")


def _check_outcome(evaluator: Evaluator, outcome: Outcome, what: str) -> None:
    _require(isinstance(outcome, (Evaluation, Failure)), f"{what}: {type(outcome).__name__} is not an outcome")
    cost = outcome.cost
    _require(cost is None or (math.isfinite(cost) and cost >= 0), f"{what}: a cost of {cost} s")
    if isinstance(outcome, Failure):
        _require(outcome.kind in FAILURE_KINDS, f"{what}: `{outcome.kind}` is not a kind of failure")
        _require(bool(outcome.message), f"{what}: the failure has no message")
        return
    objective = evaluator.objective
    _require(objective.metric in outcome.metrics, f"{what}: the metric `{objective.metric}` is missing")
    if objective.test_metric is not None:
        _require(objective.test_metric in outcome.metrics, f"{what}: the metric `{objective.test_metric}` is missing")
    for name, value in outcome.metrics.items():
        _require(isinstance(name, str) and isinstance(value, float), f"{what}: `{name}` is not a named float")
        _require(math.isfinite(value), f"{what}: `{name}` is {value}; that is a Failure of the kind `diverged`")


def _values(outcome: Outcome) -> object:
    """The parts of an outcome that must be equal for two evaluations of one architecture: all but the cost."""
    return dict(outcome.metrics) if isinstance(outcome, Evaluation) else outcome.kind


def _require(holds: bool, promise: str) -> None:
    if not holds:
        raise AssertionError(promise)
