"""Settings of a LAPT run, and the presets of the paper's Table 1."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a LAPT run.

    The paper's proposer is a language model, and each change of the principles costs a call. The offline proposer is
    free, so it changes the principles more often (`interval`).

    Attributes:
        archive: Number of source architectures that principles are learned from.
        keep: r in the paper: number of best architectures found that an adaptation learns from.
        iterations: Number of iterations that the budget is divided into. The principles change between them.
        budget: Number of architectures to evaluate.
        population: Population size of regularized evolution.
        tournament: Tournament size of regularized evolution.
        crossover: Share of the children that have two parents, from 0 to 1.
        interval: Evaluations between changes of the principles. None means budget / iterations, as in the paper.
    """

    archive: int
    keep: int
    iterations: int
    population: int
    tournament: int
    budget: int
    crossover: float = 0.0
    interval: int | None = None

    @property
    def evaluations_per_iteration(self) -> int:
        """Number of evaluations between two changes of the principles."""
        return self.interval if self.interval is not None else -(-self.budget // self.iterations)


OFTEN = 5
"""Default `interval` of a proposer that costs nothing. docs/induction.md explains the choice."""

PRESETS: dict[str, Settings] = {
    "nas201": Settings(archive=50, keep=5, iterations=3, population=5, tournament=2, budget=100),
    "trans101": Settings(archive=50, keep=15, iterations=4, population=10, tournament=5, budget=50),
    "darts": Settings(archive=100, keep=50, iterations=2, population=20, tournament=10, budget=200, crossover=0.5),
}
"""LAPT (AAAI 2025), Table 1. For DARTS the paper uses 10 generations of 20, with crossover and mutation at 0.5 each."""
