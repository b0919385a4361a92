"""Strategies by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lapt_dsl.compiler.refined.refined_space import RefinedSpace
from lapt_dsl.propose.archive import Archive
from lapt_dsl.propose.proposer import Proposer
from lapt_dsl.propose.revisions import compile_revision
from lapt_dsl.search.run_log import RunLog
from lapt_dsl.search.settings import Settings
from lapt_dsl.search.strategies.box import box_principles
from lapt_dsl.search.strategies.evolution import Evolution
from lapt_dsl.search.strategies.lapt import Lapt
from lapt_dsl.search.strategies.local_search import LocalSearch
from lapt_dsl.search.strategies.random_search import RandomSearch
from lapt_dsl.search.strategies.replay import Replay
from lapt_dsl.search.strategies.tpe import Tpe
from lapt_dsl.search.strategy import Strategy


@dataclass(frozen=True, slots=True)
class StrategyContext:
    """What strategies are created from. Each strategy uses what it needs.

    Attributes:
        refined: The space to search.
        settings: The settings.
        seed: Random seed.
        log: Records the principles of a LAPT run.
        principles: The principle file that a LAPT run starts from.
        proposer: Changes the principles; None keeps them.
        archive: The best architectures of the source.
        covered: The architectures that the evaluator can measure; None for all. `refined` is inside them already.
    """

    refined: RefinedSpace
    settings: Settings
    seed: int
    log: RunLog
    principles: str | None = None
    proposer: Proposer | None = None
    archive: Archive | None = None
    covered: RefinedSpace | None = None


def _lapt(context: StrategyContext) -> Strategy:
    if context.principles is None:
        raise ValueError("LAPT needs principles to start from")
    space = context.refined.space
    return Lapt(
        space,
        context.principles,
        context.proposer,
        context.settings,
        context.seed,
        context.log,
        within=context.covered,
    )


def _replay(context: StrategyContext) -> Strategy:
    return Replay(context.refined, _archive(context))


def _box(context: StrategyContext) -> Strategy:
    refined = context.refined & boxed(_archive(context))
    return Evolution(refined, context.settings, context.seed)


def _archive(context: StrategyContext) -> Archive:
    if context.archive is None:
        raise ValueError("this strategy needs the archive of a source")
    return context.archive


def boxed(archive: Archive) -> RefinedSpace:
    """The refined space of the frequency box of an archive."""
    return compile_revision(box_principles(archive), "box.lp", {}, archive.space).refined


STRATEGIES: dict[str, Callable[[StrategyContext], Strategy]] = {
    "lapt": _lapt,
    "evolution": lambda context: Evolution(context.refined, context.settings, context.seed),
    "random": lambda context: RandomSearch(context.refined, context.seed),
    "local": lambda context: LocalSearch(context.refined, context.seed),
    "tpe": lambda context: Tpe(context.refined, context.seed),
    "replay": _replay,
    "box": _box,
}

FROM_SOURCE = ("replay", "box")
"""Strategies that need the archive of a source."""


def without_transfer(refined: RefinedSpace) -> str:
    """A principle file without principles, the start of LAPT without transfer."""
    return f"principles unconstrained for {refined.space.name};\n"


__all__ = ["FROM_SOURCE", "STRATEGIES", "StrategyContext", "boxed", "without_transfer"]
