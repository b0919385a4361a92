"""Validate the result of the user's program: a number, or metrics by name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TypeGuard

from lapt_dsl.evaluate.evaluator import Evaluation, Failure, FailureKind, Outcome

SCORE = "score"
"""The default metric, and the metric of a program that gives a single number."""

MAX_METRICS = 100
MAX_NAME = 64
MAX_MESSAGE = 2000
"""Characters of a program's output that a failure keeps: the last ones, where the reason usually is."""

_KINDS: dict[str, FailureKind] = {"diverged": "diverged", "timeout": "timeout", "memory": "memory", "error": "error"}


def outcome_of(value: object, metric: str, cost: float | None) -> Outcome:
    """The outcome that a value stands for.

    A number is the metric itself; a mapping of names to numbers holds it among others; `{"failure": KIND, "message":
    TEXT}` says why there is none. Numbers that are not finite are left to `checked`.

    Args:
        value: What the program gave.
        metric: The name of the objective.
        cost: Seconds it took.
    """
    if _is_number(value):
        value = {metric: value}
    if not isinstance(value, Mapping):
        return Failure("error", f"a number or named numbers are expected, not {type(value).__name__}", cost)
    if "failure" in value:
        kind = _KINDS.get(str(value["failure"]), "error")
        return Failure(kind, shown(str(value.get("message", ""))) or f"the program reports `{kind}`", cost)
    if len(value) > MAX_METRICS:
        return Failure("error", f"{len(value)} metrics; at most {MAX_METRICS} are taken", cost)
    metrics: dict[str, float] = {}
    for name, number in value.items():
        if not isinstance(name, str) or not 0 < len(name) <= MAX_NAME or not name.isprintable():
            return Failure("error", f"a metric's name is a text of 1 to {MAX_NAME} characters, not {name!r:.80}", cost)
        if not _is_number(number):
            return Failure("error", f"the metric `{name}` is {shown(repr(number), 80)}, not a number", cost)
        try:
            metrics[name] = float(number)
        except OverflowError:
            return Failure("diverged", f"the metric `{name}` is beyond every float", cost)
    return Evaluation(metrics, cost)


def outcome_of_text(text: str, metric: str, cost: float | None) -> Outcome:
    """The outcome that the last line of a program's output stands for, which is JSON."""
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        return Failure("error", f'it printed nothing; its last line has to be JSON, e.g. {{"{metric}": 93.2}}', cost)
    try:
        value = json.loads(lines[-1])
    except (ValueError, RecursionError):
        wanted = f'its last line has to be JSON, e.g. {{"{metric}": 93.2}}'
        return Failure("error", f"{wanted}, and it is: {shown(lines[-1], 200)}", cost)
    return outcome_of(value, metric, cost)


def shown(text: str, most: int = MAX_MESSAGE) -> str:
    """The end of an untrusted text, on one line and without control characters."""
    text = text.strip()[-most:]
    return "".join(sign if sign.isprintable() else " / " if sign == "\n" else "?" for sign in text)


def _is_number(value: object) -> TypeGuard[int | float]:
    # A bool is a mistake rather than a score.
    return isinstance(value, (int, float)) and not isinstance(value, bool)
