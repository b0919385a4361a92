"""Regularized evolution on a full or refined space, with optional crossover."""

from __future__ import annotations

import numpy as np

from lapt_dsl.compiler.refined.encoded_set import EncodedSet, Encoding
from lapt_dsl.compiler.refined.refined_space import RefinedSpace
from lapt_dsl.compiler.space.model import Architecture, Space
from lapt_dsl.compiler.targets.evolution import RegularizedEvolution
from lapt_dsl.search.random_state import random_state
from lapt_dsl.search.settings import Settings


class CrossingEvolution(RegularizedEvolution):
    """Regularized evolution in which a share of the children has two parents, each the winner of a tournament.

    Such a child takes the choice of every layer from one of the parents. The layers of a stage with distinct sources
    come from the same parent. If the child is outside the space or was asked for before, a mutation replaces it.
    """

    def __init__(
        self,
        words: EncodedSet,
        population: int,
        tournament: int,
        seed: int | np.random.Generator,
        crossover: float,
        groups: tuple[tuple[int, ...], ...],
    ) -> None:
        """`groups` partitions the decisions; a group comes from one parent. Other arguments as for the base class."""
        super().__init__(words, population, tournament, seed)
        if not 0 <= crossover <= 1:
            raise ValueError(f"crossover must be from 0 to 1, not {crossover}")
        self._percent = round(100 * crossover)
        self._groups = groups

    def child(self) -> Encoding | None:
        """A child of two parents, or a mutation of one."""
        if self.draws.below(100) < self._percent:
            crossed = self._cross(self.parent(), self.parent())
            if crossed not in self.asked and crossed in self.encoded:
                return crossed
        return super().child()

    def _cross(self, one: Encoding, other: Encoding) -> Encoding:
        encoding = list(one)
        for group in self._groups:
            if self.draws.below(2):
                for decision in group:
                    encoding[decision] = other[decision]
        return tuple(encoding)


def crossing_groups(space: Space) -> tuple[tuple[int, ...], ...]:
    """One group per decision, except that a stage with distinct sources is one group: its sources form a set."""
    stages = [stage for cell in space.cells for stage in cell.sorted_stages]
    staged = {level for stage in stages for level in stage}
    return (*((layer.decision,) for layer in space.layers if layer.decision not in staged), *stages)


def evolution_on(refined: RefinedSpace, settings: Settings, seed: int | np.random.Generator) -> RegularizedEvolution:
    """The evolution with these settings on a refined space."""
    population, tournament = settings.population, settings.tournament
    if settings.crossover:
        groups = crossing_groups(refined.space)
        return CrossingEvolution(refined.encoded, population, tournament, seed, settings.crossover, groups)
    return RegularizedEvolution(refined.encoded, population, tournament, seed)


class Evolution:
    """Regularized evolution in one fixed refined space."""

    def __init__(self, refined: RefinedSpace, settings: Settings, seed: int) -> None:
        self.refined = refined
        self._evolution = evolution_on(refined, settings, seed)

    def ask(self) -> Architecture | None:
        """The next architecture, or None if none is left."""
        encoding = self._evolution.ask()
        return None if encoding is None else Architecture(self.refined.space, encoding)

    def tell(self, arch: Architecture, score: float | None) -> None:
        """Add a scored architecture to the population. A failed one is not added and not asked for again."""
        if score is not None:
            self._evolution.tell(arch.encoding, score)

    def state(self) -> str:
        """A digest of the random state."""
        return random_state(self._evolution.rng, self._evolution.draws.left)
