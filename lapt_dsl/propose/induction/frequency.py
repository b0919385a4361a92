"""Frequencies of the values of each choice among the best architectures: allowed values and soft weights.

A value is excluded if a two-sided sign test finds it significantly rarer than the most frequent value. The weight of a
value is the log of its frequency relative to the most frequent value, with half a count added (Jeffreys' prior).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lapt_dsl.propose.induction.columns import FeatureColumn
from lapt_dsl.propose.induction.library import require_scipy

SIGNIFICANCE = 0.05
SMOOTHING = 0.5


@dataclass(frozen=True, slots=True)
class Frequencies:
    """One choice among the best: the count, the allowed values, and the log weight of each value."""

    counts: tuple[int, ...]
    allowed: tuple[int, ...]
    logs: tuple[float, ...]


def frequencies(columns: Sequence[FeatureColumn], rows: Sequence[tuple[int, ...]]) -> list[Frequencies]:
    """Frequencies of every choice over some rows. Raises LaptError, E832, where SciPy is missing."""
    require_scipy("counting what the best architectures share")
    found = []
    for place, column in enumerate(columns):
        counts = [0] * len(column.values)
        for row in rows:
            counts[row[place]] += 1
        most = max(counts)
        leader = counts.index(most)
        allowed = tuple(
            value for value, count in enumerate(counts) if value == leader or sign_test(count, most) > SIGNIFICANCE
        )
        logs = tuple(math.log((count + SMOOTHING) / (most + SMOOTHING)) for count in counts)
        found.append(Frequencies(tuple(counts), allowed, logs))
    return found


def sign_test(one: int, other: int) -> float:
    """Two-sided sign test: probability of counts at least as unequal as `one` and `other` for equally likely values.

    >>> round(sign_test(1, 9), 4)
    0.0215
    """
    from scipy.stats import binomtest

    return float(binomtest(one, one + other).pvalue) if one + other else 1.0
