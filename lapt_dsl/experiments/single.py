"""One run of an experiment: a method, a target, a seed."""

from __future__ import annotations

from dataclasses import dataclass

from lapt_dsl.compiler.refined.refined_space import RefinedSpace
from lapt_dsl.evaluate.evaluator import Evaluation
from lapt_dsl.experiments.methods import BUDGET_ONLY, UNCONSTRAINED
from lapt_dsl.experiments.quality import Quality, quality_of
from lapt_dsl.experiments.study import Method, Study, TargetTask
from lapt_dsl.search.run.loop import run, score_of
from lapt_dsl.search.run_log import MemoryRunLog, Step
from lapt_dsl.search.strategies.build import STRATEGIES, StrategyContext, without_transfer
from lapt_dsl.search.strategies.lapt import Lapt
from lapt_dsl.search.strategy import Strategy


@dataclass(frozen=True, slots=True)
class RunRecord:
    """The record of a run.

    Attributes:
        method: Name of the method.
        target: Name of the target.
        seed: The seed.
        reached: Number of evaluations until one of the top 0.1 % was among them. None if the run ended earlier.
        evaluated: Number of evaluations until the run ended.
        rank: 1 plus the number of architectures that are strictly better than the best found within the budget.
        reported: Test metric of that architecture, or its own metric if the table has no test metric.
        curve: Best value after every evaluation within the budget.
        files: Number of principle files within the budget.
        quality: Quality of the space in force at the end of the budget.
    """

    method: str
    target: str
    seed: int
    reached: int | None
    evaluated: int
    rank: int | None
    reported: float | None
    curve: tuple[float | None, ...]
    files: int
    quality: Quality | None


def run_one(study: Study, method: Method, target: TargetTask, seed: int) -> RunRecord:
    """Run a method on a target until the budget is spent and the top 0.1 % is reached, or up to the limit."""
    watch = _Watch(study, target, method)
    strategy = watch.strategy = start(study, method, target, seed)
    budget = study.plan.settings.budget
    limit = budget if method.name in BUDGET_ONLY else max(study.plan.limit, budget)
    result = run(strategy, target.evaluator, limit, MemoryRunLog(), watch, watch.enough)
    within = result.steps[:budget]
    best = _best(target, within)
    rank = reported = None
    if best is not None and isinstance(best.outcome, Evaluation):
        objective = target.evaluator.objective
        rank = target.table.rank(target.metric, best.outcome.metrics[objective.metric])
        reported = best.outcome.metrics[objective.reported]
    space = watch.at_budget if watch.at_budget is not None else _space_of(strategy)
    quality = quality_of(space, target) if isinstance(strategy, Lapt) and space is not None else None
    return RunRecord(
        method.name,
        target.name,
        seed,
        watch.reached,
        len(result.steps),
        rank,
        reported,
        _curve(target, within),
        watch.files,
        quality,
    )


def start(study: Study, method: Method, target: TargetTask, seed: int) -> Strategy:
    """Create the strategy of a method."""
    plan = study.plan
    text = None
    if method.strategy == "lapt":
        text = (
            without_transfer(study.whole) if method.principles == UNCONSTRAINED else plan.principles[method.principles]
        )
    proposer = study.proposer(method.principles) if method.adapts else None
    given = StrategyContext(study.whole, plan.settings, seed, MemoryRunLog(), text, proposer, study.archive)
    return STRATEGIES[method.strategy](given)


class _Watch:
    """Observes a run: when it reached the top 0.1 %, and which space was in force at the end of the budget."""

    def __init__(self, study: Study, target: TargetTask, method: Method) -> None:
        self._target, self._budget = target, study.plan.settings.budget
        self.strategy: Strategy | None = None
        self.reached: int | None = None
        self.at_budget: RefinedSpace | None = None
        self.files = 0

    def __call__(self, step: Step) -> None:
        score = score_of(self._target.evaluator, step.outcome)
        if self.reached is None and score is not None and score >= self._target.threshold:
            self.reached = step.number + 1
        if step.number < self._budget and isinstance(self.strategy, Lapt):
            self.files = len(self.strategy.revisions)
        if step.number + 1 == self._budget:
            self.at_budget = _space_of(self.strategy)

    def enough(self, step: Step) -> bool:
        """Whether the run can stop."""
        return self.reached is not None and step.number + 1 >= self._budget


def _space_of(strategy: Strategy | None) -> RefinedSpace | None:
    return strategy.refined if isinstance(strategy, Lapt) else None


def _best(target: TargetTask, steps: tuple[Step, ...]) -> Step | None:
    best: tuple[float, Step] | None = None
    for step in steps:
        score = score_of(target.evaluator, step.outcome)
        if score is not None and (best is None or score > best[0]):
            best = (score, step)
    return best[1] if best is not None else None


def _curve(target: TargetTask, steps: tuple[Step, ...]) -> tuple[float | None, ...]:
    objective = target.evaluator.objective
    best: float | None = None
    curve: list[float | None] = []
    for step in steps:
        score = score_of(target.evaluator, step.outcome)
        if score is not None and (best is None or score > best):
            best = score
        curve.append(None if best is None else objective.value(best))
    return tuple(curve)
