"""What the best architectures have in common, choice by choice: rules that the counts support, and soft weights.

A value of a choice stays allowed unless a two-sided sign test says that it is rarer among the best than the most
frequent value. The weight of a value is the log of its frequency relative to the most frequent one, with half a count
added (Jeffreys).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lapt_dsl.propose.induction.columns import FeatureColumn

SIGNIFICANCE = 0.05
SMOOTHING = 0.5


@dataclass(frozen=True, slots=True)
class Frequencies:
    """One choice among the best: how often each value occurs, which values stay, and the log weight of each."""

    counts: tuple[int, ...]
    allowed: tuple[int, ...]
    logs: tuple[float, ...]


def frequencies(columns: Sequence[FeatureColumn], rows: Sequence[tuple[int, ...]]) -> list[Frequencies]:
    """Count every choice over some rows."""
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
    """Two-sided probability that two equally likely values come up as unequally often as `one` and `other` times.

    >>> round(sign_test(1, 9), 4)
    0.0215
    """
    total = one + other
    tail = sum(math.comb(total, smaller) for smaller in range(min(one, other) + 1))
    return min(1.0, 2.0 * tail / float(2**total))
