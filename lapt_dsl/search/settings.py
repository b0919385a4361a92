"""The settings of a LAPT run, with those of the paper's Table 1 by name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """`archive`: source architectures learned from; `keep`: r, the best found that an adaptation learns from;
    `iterations`: how many stretches the budget is cut into, principles change between them; `budget`: architectures
    evaluated; `population` and `tournament` of regularized evolution; `crossover`: share of children of two parents;
    `interval`: evaluations between changes of the principles, None for the paper's budget / iterations. The paper's
    proposer is a language model that costs a call; the offline one is free and pays off when asked more often.
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
    def stretch(self) -> int:
        """Evaluations between changes of the principles."""
        return self.interval if self.interval is not None else -(-self.budget // self.iterations)


OFTEN = 5
"""Evaluations between changes for a proposer that costs nothing; docs/induction.md says how it was chosen."""

PRESETS: dict[str, Settings] = {
    "nas201": Settings(archive=50, keep=5, iterations=3, population=5, tournament=2, budget=100),
    "trans101": Settings(archive=50, keep=15, iterations=4, population=10, tournament=5, budget=50),
    "darts": Settings(archive=100, keep=50, iterations=2, population=20, tournament=10, budget=200, crossover=0.5),
}
"""LAPT (AAAI 2025), Table 1. For DARTS the paper says 10 generations of 20 with crossover and mutation 0.5 each."""
