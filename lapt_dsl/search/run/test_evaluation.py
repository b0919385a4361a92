"""The one look at the test part: at the end of a search, for the architecture that was found.

No evaluation of a search touches test data. An evaluator that can measure on it has a method `final`, which is called
once; what it gave is an event of the store, so that a run that is resumed does not look a second time.
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
    """An evaluator that can measure the architecture found on data that no search sees."""

    def final(self, arch: Architecture) -> Outcome:
        """Measure it. Whatever goes wrong is a Failure, not an exception."""
        ...


def evaluate_on_test(evaluator: Evaluator, result: Result, store: RunStore | None) -> Outcome | None:
    """What the best of a run is worth on data that the search did not see.

    Args:
        evaluator: The run's.
        result: What the run found.
        store: Where the outcome is looked up, and kept; None keeps it nowhere.

    Returns:
        The outcome; None where the evaluator has no such measurement, or nothing was found.

    Raises:
        LaptError: E806, E807, it cannot be stored.
    """
    if not isinstance(evaluator, TestEvaluator) or result.best is None:
        return None
    arch, text = result.best.arch, str(result.best.arch)
    for event in store.events() if store is not None else ():
        if event.kind == KIND and event.data.get("architecture") == text:
            return _outcome(dict(event.data))
    outcome = evaluator.final(arch)
    if store is not None:
        # Without the cost: events hold no clock, so that equal runs have equal stores.
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
