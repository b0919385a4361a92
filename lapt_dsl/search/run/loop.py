"""The loop of every search: ask, evaluate, record, tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from lapt_dsl.diagnostics.diagnostic import Diagnostic, LaptError
from lapt_dsl.evaluate.evaluator import Evaluator, Failure, Outcome
from lapt_dsl.search.run.pending import RUN, PendingEvaluations
from lapt_dsl.search.run_log import RunLog, Step
from lapt_dsl.search.schedule import Schedule
from lapt_dsl.search.strategy import Strategy
from lapt_dsl.search.workers.executor import Executor
from lapt_dsl.search.workers.in_process import InProcess

MAX_FAILURES = 10
"""A search stops after this many consecutive failures, since the evaluator is then more likely wrong than the
architectures."""


Ending: TypeAlias = Literal["budget", "space exhausted", "strategy exhausted", "stopped early"]
"""Why a run ended: the budget was reached, every architecture of the space was evaluated, the strategy had no further
architecture, or the caller had enough. A run that is interrupted or that fails has no result."""


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a run.

    Attributes:
        steps: All steps in the order in which they were processed.
        best: The step with the best score, the earliest among equals; None if every evaluation failed.
        final: Outcome of the best architecture on test data, if the evaluator measures it (`test_evaluation`).
        ended: Why the run ended.
    """

    steps: tuple[Step, ...]
    best: Step | None
    final: Outcome | None = None
    ended: Ending = "budget"

    def first_at_least(self, evaluator: Evaluator, score: float) -> int | None:
        """Number of architectures evaluated until one reached a score, or None."""
        for place, step in enumerate(self.steps, 1):
            found = score_of(evaluator, step.outcome)
            if found is not None and found >= score:
                return place
        return None


def score_of(evaluator: Evaluator, outcome: Outcome) -> float | None:
    """The objective of an outcome as a score for which larger is better; None for a failure."""
    return None if isinstance(outcome, Failure) else evaluator.objective.score(outcome)


def run(
    strategy: Strategy,
    evaluator: Evaluator,
    budget: int,
    log: RunLog,
    watch: Callable[[Step], None] = lambda step: None,
    enough: Callable[[Step], bool] = lambda step: False,
    executor: Executor | None = None,
    schedule: Schedule | None = None,
) -> Result:
    """Evaluate up to `budget` architectures. Steps that the log holds are not evaluated again.

    A failed evaluation counts towards the budget and is reported to the strategy. The search then continues.

    Args:
        strategy: The search strategy.
        evaluator: Defines the objective. It also evaluates if there is no executor.
        budget: Maximum number of architectures to evaluate.
        log: Where steps are recorded.
        watch: Called with every step, after it is recorded and before `tell`.
        enough: Returns true for a step after which the run ends early.
        executor: Evaluates architectures. The caller closes it.
        schedule: Order of results and number of evaluations in flight. None evaluates one at a time.

    Raises:
        LaptError: E820, the log holds another run; E821, MAX_FAILURES consecutive evaluations failed (recorded failures
            count only if a new evaluation fails after them); errors of the executor.
    """
    pending = PendingEvaluations(strategy, log, executor or InProcess(evaluator), schedule or Schedule(), budget)
    steps: list[Step] = []
    best: tuple[float, Step] | None = None
    failures = 0
    ended: Ending | None = None
    while (completed := pending.next()) is not None:
        step = completed.step
        steps.append(step)
        watch(step)
        score = score_of(evaluator, step.outcome)
        strategy.tell(step.arch, score)
        failures = failures + 1 if score is None else 0
        if failures >= MAX_FAILURES and completed.fresh:
            raise _broken(step)
        if score is not None and (best is None or score > best[0]):
            best = (score, step)
        if enough(step):
            ended = "stopped early"
            break
    ended = ended or ("budget" if len(steps) >= budget else "strategy exhausted")
    return Result(tuple(steps), best[1] if best is not None else None, ended=ended)


def _broken(step: Step) -> LaptError:
    reason = step.outcome.message if isinstance(step.outcome, Failure) else ""
    message = f"{MAX_FAILURES} consecutive evaluations failed, the last one with: {reason}"
    hint = "correct the evaluator and continue with --resume; all results so far are stored"
    return LaptError([Diagnostic("E821", "error", message, RUN, hint)])
