"""The evaluation on test data at the end of a search, for the best architecture only.

No other evaluation of a search uses test data. An evaluator that supports it has a method `evaluate_on_test`, which is
called once. The outcome is stored as an event, so that a resumed run does not evaluate on test data again.
"""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

from lapt_dsl.compiler.space.model import Architecture
from lapt_dsl.evaluate.evaluator import Evaluation, Evaluator, Outcome
from lapt_dsl.search.run.loop import Result
from lapt_dsl.search.store.records import outcome_of, to_json
from lapt_dsl.search.store.run_store import Event, RunStore

KIND = "final"


@runtime_checkable
class TestEvaluator(Protocol):
    """An evaluator that can evaluate an architecture on test data."""

    def evaluate_on_test(self, arch: Architecture) -> Outcome:
        """Evaluate on test data. Errors are returned as a Failure, not raised."""
        ...


def evaluate_on_test(evaluator: Evaluator, result: Result, store: RunStore | None) -> Outcome | None:
    """Evaluate the best architecture of a run on test data.

    Args:
        evaluator: The evaluator of the run.
        result: The result of the run.
        store: Holds the outcome of an earlier call, or receives the new one. None stores nothing.

    Returns:
        The outcome; None if the evaluator has no such measurement or the run has no best architecture.

    Raises:
        LaptError: E806, E807, the outcome cannot be stored.
    """
    if not isinstance(evaluator, TestEvaluator) or result.best is None:
        return None
    arch, text = result.best.arch, str(result.best.arch)
    for event in store.events() if store is not None else ():
        if event.kind == KIND and event.data.get("architecture") == text:
            return _outcome(dict(event.data))
    outcome = evaluator.evaluate_on_test(arch)
    if store is not None:
        # The cost is left out: events hold no times, so that equal runs have equal stores.
        data: dict[str, object] = {"architecture": text}
        if isinstance(outcome, Evaluation):
            data["metrics"] = dict(outcome.metrics)
        else:
            data |= {"failure": outcome.kind, "message": outcome.message}
        store.commit_state(len(result.steps), None, events=[Event(len(result.steps), KIND, data)])
    return outcome


def _outcome(data: dict[str, Any]) -> Outcome:
    metrics = data.get("metrics")
    if isinstance(metrics, dict):
        return outcome_of(to_json(metrics), None, None, None)
    return outcome_of(None, str(data.get("failure")), str(data.get("message")), None)
