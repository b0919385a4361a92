"""The loop that every search shares: ask, evaluate, record, tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lapt_dsl.diagnostics.diagnostic import Diagnostic, LaptError
from lapt_dsl.evaluate.evaluator import Evaluator, Failure, Outcome
from lapt_dsl.search.run.pending import RUN, PendingEvaluations
from lapt_dsl.search.run_log import RunLog, Step
from lapt_dsl.search.schedule import Schedule
from lapt_dsl.search.strategy import Strategy
from lapt_dsl.search.workers.executor import Executor
from lapt_dsl.search.workers.in_process import InProcess

MAX_FAILURES = 10
"""A search stops when this many evaluations in a row have failed: the evaluator is broken, not the architectures."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a run found: every step in the order told, and the step with the best score, earlier first among equals.

    `final`: what the best was worth on test data, where the evaluator measures it
    (`test_evaluation`).
    """

    steps: tuple[Step, ...]
    best: Step | None
    final: Outcome | None = None

    def first_at_least(self, evaluator: Evaluator, score: float) -> int | None:
        """How many architectures were evaluated until one reached a score, or None."""
        for place, step in enumerate(self.steps, 1):
            found = score_of(evaluator, step.outcome)
            if found is not None and found >= score:
                return place
        return None


def score_of(evaluator: Evaluator, outcome: Outcome) -> float | None:
    """The objective of an outcome, turned so that larger is better; None for a failure."""
    return None if isinstance(outcome, Failure) else evaluator.objective.score(outcome)


def run(
    strategy: Strategy,
    evaluator: Evaluator,
    budget: int,
    ledger: RunLog,
    watch: Callable[[Step], None] = lambda step: None,
    enough: Callable[[Step], bool] = lambda step: False,
    executor: Executor | None = None,
    schedule: Schedule | None = None,
) -> Result:
    """Evaluate up to `budget` architectures, taking recorded steps from the ledger instead of paying again.

    A failed evaluation counts, is told as such, and the search goes on. `watch` sees every step after it is recorded
    and before it is told. The run ends early after a step that is `enough`.

    Args:
        strategy: What is asked and told.
        evaluator: Whose objective counts; it evaluates here where there is no executor.
        budget: How many architectures are evaluated at most.
        ledger: Where steps are recorded.
        watch: Sees every step in the order told.
        enough: Whether the run may end after a step.
        executor: Who evaluates. It stays the caller's to close.
        schedule: In which order results are told; None for one evaluation at a time.

    Raises:
        LaptError: E820 where the ledger holds another run than this one; E821 after MAX_FAILURES failures in a row,
            unless the ledger has them and a later one succeeds; what the executor raises.
    """
    flights = PendingEvaluations(strategy, ledger, executor or InProcess(evaluator), schedule or Schedule(), budget)
    steps: list[Step] = []
    best: tuple[float, Step] | None = None
    failures = 0
    while (landed := flights.next()) is not None:
        step = landed.step
        steps.append(step)
        watch(step)
        score = score_of(evaluator, step.outcome)
        strategy.tell(step.arch, score)
        failures = failures + 1 if score is None else 0
        if failures >= MAX_FAILURES and landed.fresh:
            raise _broken(step)
        if score is not None and (best is None or score > best[0]):
            best = (score, step)
        if enough(step):
            break
    return Result(tuple(steps), best[1] if best is not None else None)


def _broken(step: Step) -> LaptError:
    reason = step.outcome.message if isinstance(step.outcome, Failure) else ""
    message = f"{MAX_FAILURES} evaluations in a row have failed, the last: {reason}"
    hint = "mend the evaluator and resume; everything so far is kept"
    return LaptError([Diagnostic("E821", "error", message, RUN, hint)])
