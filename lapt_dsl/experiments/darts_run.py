"""One seed of the DARTS experiment: sample, learn from the best, and search with every method.

The paper learns from the archive of another task. The surrogate has one task, so the samples are of the searched task.
Methods that learn from them must count them as evaluations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from lapt_dsl.compiler.refined.refined_space import RefinedSpace
from lapt_dsl.compiler.space.model import Architecture, Space
from lapt_dsl.diagnostics.diagnostic import EvaluatorBrokenError
from lapt_dsl.evaluate.evaluator import Evaluator, Failure
from lapt_dsl.experiments.darts_proposers import Narrowing, Relearning
from lapt_dsl.propose.archive import Archive
from lapt_dsl.propose.induction import Induction
from lapt_dsl.propose.proposer import Proposer
from lapt_dsl.propose.revisions import compile_revision
from lapt_dsl.search.run.loop import run, score_of
from lapt_dsl.search.run_log import MemoryRunLog
from lapt_dsl.search.settings import Settings
from lapt_dsl.search.strategies.box import box_principles
from lapt_dsl.search.strategies.evolution import Evolution
from lapt_dsl.search.strategies.lapt import Lapt
from lapt_dsl.search.strategies.random_search import RandomSearch
from lapt_dsl.search.strategy import Strategy

NO_NONE = """principles nas_bench_301 for darts;

principle seven_operators "NAS-Bench-301 has no operator none." { layers: never none; }
"""
"""The space of every method: the surrogate covers no other architectures."""

TENTH = 10
"""Number of budgets of the long runs."""


@dataclass(frozen=True, slots=True)
class DartsPlan:
    """`samples`: number of scored architectures; `settings`: size of the archive, budget and evolution."""

    settings: Settings
    samples: int

    @property
    def long(self) -> int:
        """Evaluations of a long run."""
        return TENTH * self.settings.budget

    @property
    def total(self) -> int:
        """Evaluations of a method that learns from the samples, these included."""
        return self.samples + self.settings.budget


@dataclass(frozen=True, slots=True)
class DartsMethod:
    """A method: name, title, and whether it learns from the samples."""

    name: str
    title: str
    learns: bool


METHODS = (
    DartsMethod("refined", "evolution in the refined space", True),
    DartsMethod("focused", "the refined space, starting with its 24 most promising", True),
    DartsMethod("adapted", "the refined space, principles relearned half-way", True),
    DartsMethod("box", "frequency box, evolution inside", True),
    DartsMethod("evolution", "evolution on the full space", False),
    DartsMethod("random", "random search", False),
)


@dataclass(frozen=True, slots=True)
class Trace:
    """A search of at most `budget` evaluations.

    `best`: the best value after each evaluation, None before the first success; `failed`: number of failures.
    """

    budget: int
    best: tuple[float | None, ...]
    failed: int


@dataclass(frozen=True, slots=True)
class SeedRecord:
    """The results of one seed.

    Attributes:
        seed: The seed.
        archive_best: Score of the best sample.
        archive_last: Score of the last sample that principles are learned from.
        outside: Number of samples beyond the data of the surrogate.
        principles: The learned principle file.
        refined_size: Number of architectures that satisfy the principles.
        box_size: Number of architectures in the frequency box.
        traces: The search of every method, by its name.
    """

    seed: int
    archive_best: float
    archive_last: float
    outside: int
    principles: str
    refined_size: int
    box_size: int
    traces: Mapping[str, Trace]


def searched(space: Space) -> RefinedSpace:
    """DARTS without the operator `none`."""
    return compile_revision(NO_NONE, "nas_bench_301.lp", {}, space).refined


def run_seed(plan: DartsPlan, evaluator: Evaluator, seed: int) -> SeedRecord:
    """Sample, learn and search with one seed. All results depend on the seed alone."""
    space, best = evaluator.space, plan.settings.archive
    whole = searched(space)
    archive, outside = _archive(plan, evaluator, whole, seed)
    top = archive.top(best)
    text = Induction(space, None, best).learn(top)
    refined = compile_revision(text, "learned.lp", {}, space).refined & whole
    box = compile_revision(box_principles(top), "box.lp", {}, space).refined & whole
    strategies = _strategies(plan, archive, text, {"refined": refined, "box": box, "evolution": whole}, seed)
    traces = {name: _trace(strategy, evaluator, budget) for name, (strategy, budget) in strategies.items()}
    return SeedRecord(seed, top[0].score, top[len(top) - 1].score, outside, text, refined.size, box.size, traces)


def _strategies(
    plan: DartsPlan, archive: Archive, text: str, spaces: Mapping[str, RefinedSpace], seed: int
) -> dict[str, tuple[Strategy, int]]:
    """The strategy of every method, and its number of evaluations."""
    space, settings = archive.space, replace(plan.settings, interval=None)

    def lapt(proposer: Proposer) -> Strategy:
        return Lapt(space, text, proposer, settings, seed, MemoryRunLog())

    def evolution(name: str) -> Strategy:
        return Evolution(spaces[name], settings, seed)

    return {
        "refined": (evolution("refined"), plan.long),
        "focused": (lapt(Narrowing(space, archive, settings.archive, text)), settings.budget),
        "adapted": (lapt(Relearning(space, settings.keep, NO_NONE)), settings.budget),
        "box": (evolution("box"), plan.long),
        "evolution": (evolution("evolution"), max(plan.long, plan.total)),
        "random": (RandomSearch(spaces["evolution"], seed), plan.long),
    }


def _archive(plan: DartsPlan, evaluator: Evaluator, whole: RefinedSpace, seed: int) -> tuple[Archive, int]:
    """Scored uniform draws, without those that the surrogate does not cover, and the number of the latter."""
    rng = np.random.default_rng(np.random.SeedSequence([seed, plan.samples]))
    drawn: dict[Architecture, None] = dict.fromkeys(whole.sample(plan.samples, rng, uniform=True))
    scored = [(arch, score_of(evaluator, evaluator.evaluate(arch))) for arch in drawn]
    known = [(arch, score) for arch, score in scored if score is not None]
    return Archive(evaluator.space, "nas_bench_301", known), len(drawn) - len(known)


def _trace(strategy: Strategy, evaluator: Evaluator, budget: int) -> Trace:
    log = MemoryRunLog()
    try:
        steps = run(strategy, evaluator, budget, log).steps
    except EvaluatorBrokenError:
        # Too many consecutive architectures outside of the data of the surrogate: the trace ends here.
        steps = tuple(log.steps[number] for number in sorted(log.steps))
    best: float | None = None
    curve: list[float | None] = []
    for step in steps:
        score = score_of(evaluator, step.outcome)
        best = score if best is None else best if score is None else max(best, score)
        curve.append(best)
    return Trace(budget, tuple(curve), sum(isinstance(step.outcome, Failure) for step in steps))
