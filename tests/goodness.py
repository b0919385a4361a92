"""How well counts fit what they should be."""

from __future__ import annotations

from collections.abc import Sequence

import pytest


def fit(observed: Sequence[float], expected: Sequence[float] | None = None) -> float:
    """The p-value of Pearson's chi-squared test; every outcome is as likely without `expected`. Skips without SciPy."""
    stats = pytest.importorskip("scipy.stats", reason="needs SciPy: pip install 'lapt-dsl[learn]'")
    return float((stats.chisquare(observed) if expected is None else stats.chisquare(observed, expected)).pvalue)
