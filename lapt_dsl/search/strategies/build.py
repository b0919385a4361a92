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
    """What strategies are made of; each takes what it needs.

    `refined`: the space to search; `settings`; `seed`; `log`: where a LAPT run's principles are recorded;
    `principles`: the file a LAPT run starts from; `proposer`: who changes it, None for nobody; `archive`: the source's
    best architectures.
    """

    refined: RefinedSpace
    settings: Settings
    seed: int
    log: RunLog
    principles: str | None = None
    proposer: Proposer | None = None
    archive: Archive | None = None


def _lapt(given: StrategyContext) -> Strategy:
    if given.principles is None:
        raise ValueError("LAPT starts from principles")
    space = given.refined.space
    return Lapt(space, given.principles, given.proposer, given.settings, given.seed, given.log)


def _replay(given: StrategyContext) -> Strategy:
    return Replay(given.refined, _archive(given))


def _box(given: StrategyContext) -> Strategy:
    refined = given.refined & boxed(_archive(given))
    return Evolution(refined, given.settings, given.seed)


def _archive(given: StrategyContext) -> Archive:
    if given.archive is None:
        raise ValueError("this strategy needs the source's archive")
    return given.archive


def boxed(archive: Archive) -> RefinedSpace:
    """The space that the frequency box of an archive leaves, compiled like a person's file."""
    return compile_revision(box_principles(archive), "box.lp", {}, archive.space).refined


STRATEGIES: dict[str, Callable[[StrategyContext], Strategy]] = {
    "lapt": _lapt,
    "evolution": lambda given: Evolution(given.refined, given.settings, given.seed),
    "random": lambda given: RandomSearch(given.refined, given.seed),
    "local": lambda given: LocalSearch(given.refined, given.seed),
    "tpe": lambda given: Tpe(given.refined, given.seed),
    "replay": _replay,
    "box": _box,
}

FROM_SOURCE = ("replay", "box")
"""Strategies that need the source's archive."""


def without_transfer(refined: RefinedSpace) -> str:
    """A principle file that says nothing yet: what LAPT starts from where nothing is transferred."""
    return f"principles unconstrained for {refined.space.name};\n"


__all__ = ["FROM_SOURCE", "STRATEGIES", "StrategyContext", "boxed", "without_transfer"]
