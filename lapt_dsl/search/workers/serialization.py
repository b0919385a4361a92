"""Outcomes as JSON between a worker and the driver, validated when they are read."""

from __future__ import annotations

import json
import math
from typing import get_args

from lapt_dsl.evaluate.evaluator import Evaluation, Failure, FailureKind, Outcome
from lapt_dsl.search.workers.evaluation import readable

MAX_BYTES = 1 << 20
"""Maximum length of a message; a longer one is an error."""

_KINDS: dict[str, FailureKind] = {kind: kind for kind in get_args(FailureKind)}


def outcome_text(outcome: Outcome) -> str:
    """An outcome as JSON; numbers keep every digit. Values that JSON cannot hold give a Failure."""
    if isinstance(outcome, Failure):
        return _text({"failure": outcome.kind, "message": outcome.message, "cost": _number(outcome.cost)})
    try:
        metrics = {str(name): _plain(value) for name, value in outcome.metrics.items()}
        text = _text({"metrics": metrics, "cost": _number(outcome.cost)})
    except (TypeError, ValueError) as error:
        return outcome_text(Failure("error", readable(f"the evaluation holds no numbers: {error}")))
    if len(text) > MAX_BYTES // 2:
        return outcome_text(Failure("error", f"the evaluation holds too much: {len(metrics)} metrics"))
    return text


def outcome_of_text(text: str) -> Outcome:
    """The inverse of `outcome_text`. ValueError for any other text."""
    content = json.loads(text)
    if not isinstance(content, dict):
        raise ValueError("this is not an outcome")
    cost = content.get("cost")
    seconds = float(cost) if isinstance(cost, (int, float)) else None
    metrics = content.get("metrics")
    if isinstance(metrics, dict):
        values = {str(name): _plain(value) for name, value in metrics.items()}
        if not all(math.isfinite(value) for value in values.values()):
            raise ValueError("a metric is not finite")
        return Evaluation(values, seconds)
    kind = _KINDS.get(str(content.get("failure")))
    if kind is None:
        raise ValueError("this is not an outcome")
    return Failure(kind, readable(str(content.get("message"))) or "no reason given", seconds)


def _text(value: object) -> str:
    return json.dumps(value, allow_nan=False)


def _plain(value: float) -> float:
    # Integers stay integers, so that a store holds the same text with and without workers.
    return value if type(value) in (int, float) else float(value)


def _number(cost: float | None) -> float | None:
    """The cost where it is a finite number of seconds, else None."""
    return float(cost) if cost is not None and math.isfinite(cost) else None
