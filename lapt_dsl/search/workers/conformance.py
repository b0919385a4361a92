"""Checks that every executor must pass; run them against an executor of your own.

    from lapt_dsl.search.workers.conformance import check_executor

    def test_mine_conforms():
        check_executor(MyExecutor, AnalyticEvaluator(load_space("nas201")))

Each check raises AssertionError with a sentence that names the broken promise; no test framework is needed.
"""

from __future__ import annotations

from collections.abc import Callable

from lapt_dsl.compiler.space.model import Architecture
from lapt_dsl.evaluate.conformance import draw
from lapt_dsl.evaluate.evaluator import Evaluation, Evaluator, Failure, Outcome
from lapt_dsl.search.workers.executor import Executor

COUNT = 20


def check_executor(make: Callable[[], Executor], evaluator: Evaluator) -> None:
    """Run every check.

    Args:
        make: Makes a new executor.
        evaluator: The evaluator of its workers; it must be deterministic.

    Raises:
        AssertionError: A promise is broken.
    """
    executor = make()
    try:
        archs = draw(evaluator.space, COUNT)
        check_all_come_back(executor, evaluator, archs)
        check_overlapping(executor, archs)
        check_misuse(executor, archs[0])
    finally:
        executor.close()
    executor.close()


def check_all_come_back(executor: Executor, evaluator: Evaluator, archs: list[Architecture]) -> None:
    """Every submission comes back once, with the evaluator's outcome of its architecture."""
    _require(executor.workers >= 1, f"an executor of {executor.workers} workers")
    for number, arch in enumerate(archs):
        executor.submit(number, arch)
    found: dict[int, Outcome] = {}
    for _ in archs:
        finished = executor.next_finished()
        _require(finished.number not in found, f"evaluation {finished.number} comes back twice")
        found[finished.number] = finished.outcome
    _require(set(found) == set(range(len(archs))), "the results are not those of the submissions")
    for number, arch in enumerate(archs):
        same = _value(found[number]) == _value(evaluator.evaluate(arch))
        _require(same, f"{arch} has another outcome than the evaluator gives")


def check_overlapping(executor: Executor, archs: list[Architecture]) -> None:
    """Submissions may overlap, and a number may be used again once its result has come back."""
    waiting: set[int] = set()
    for number, arch in enumerate(archs):
        executor.submit(number, arch)
        waiting.add(number)
        if len(waiting) > 2:
            waiting.remove(executor.next_finished().number)
    while waiting:
        waiting.remove(executor.next_finished().number)


def check_misuse(executor: Executor, arch: Architecture) -> None:
    """Waiting without a submission raises ValueError, and so does a number that is being evaluated."""
    _require(_raises(executor.next_finished), "waiting without a submission raises no ValueError")
    executor.submit(7, arch)
    _require(_raises(lambda: executor.submit(7, arch)), "a number that is being evaluated may be submitted again")
    _require(executor.next_finished().number == 7, "the result of another evaluation comes back")


def _raises(call: Callable[[], object]) -> bool:
    try:
        call()
    except ValueError:
        return True
    return False


def _value(outcome: Outcome) -> object:
    """The parts of an outcome that must be equal: all but the cost."""
    if isinstance(outcome, Failure):
        return outcome.kind
    return dict(outcome.metrics) if isinstance(outcome, Evaluation) else outcome


def _require(holds: bool, promise: str) -> None:
    if not holds:
        raise AssertionError(promise)
