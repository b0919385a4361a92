"""The model of the target task, from the source and the evaluations so far.

The score on the target is a + b (rho m + drift m + phi r + f + e): the mean m of the source with an uncertain slope, a
share phi of its residual r, a Gaussian process f, and noise. The covariance of f lies between the posterior of the
source (for similar tasks) and its prior (for different ones). The task similarity rho is averaged over a grid, weighted
by the evidence of the evaluations, so a misleading source loses its weight. a and b are set by maximum likelihood.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lapt_dsl.propose.induction.source import SourceTask

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

SIMILARITIES = (0.0, 0.5, 0.8, 0.95)
DRIFT = 0.3
"""Standard deviation of the slope on the mean of the source."""
RESIDUAL, RESIDUAL_SPREAD = 0.15, 0.15
"""Share of the residual of the source that the target shares, and its standard deviation. Measured as 0.25 to 0.39
between the two tables of NAS-Bench-201, halved for tables of one seed."""
CLIP = 3.0
"""Scores are clipped at this many (scaled) absolute deviations below the median, so that failures do not dominate."""


@dataclass
class _Similarity:
    """The model for one similarity: scale, mean and variance of every row, and values for further conditioning."""

    scale: float
    mean: Floats
    variance: Floats
    solved: Floats
    intercept: Floats
    weight: float = 0.0


class TargetModel:
    """The model of a target after evaluations: rows of the pool and their scores, for which larger is better."""

    def __init__(self, source: SourceTask, rows: Sequence[int], scores: Sequence[float]) -> None:
        import numpy as np

        self.source, self.rows = source, list(rows)
        slopes = source.mean if len(source.mean) else np.zeros(0)
        self.drift = np.stack([DRIFT * slopes, RESIDUAL_SPREAD * source.residual], 1)
        self.scores = _clipped(np.asarray(scores, dtype=float))
        self.models = [self._condition(rho) for rho in SIMILARITIES]

    def covariance(self, rho: float, row: int) -> Floats:
        """The prior covariance of all rows with one row, before any evaluation of the target."""
        source = self.source
        between = rho * rho * source.posterior[row] + (1 - rho * rho) * source.prior[row]
        found: Floats = between + self.drift @ self.drift[row]
        return found

    def _condition(self, rho: float) -> _Similarity:
        import numpy as np
        from scipy.linalg import solve_triangular

        source, y, n = self.source, self.scores, len(self.scores)
        mean = rho * source.mean + RESIDUAL * source.residual
        diagonal = rho * rho * source.posterior.diagonal() + (1 - rho * rho) * source.prior.diagonal()
        diagonal = diagonal + (self.drift**2).sum(1)
        between = np.stack([self.covariance(rho, row) for row in self.rows])
        root = _root(between[:, self.rows] + source.noise * np.eye(n))
        whitened = solve_triangular(root, np.stack([np.ones(n), mean[self.rows], y], 1), lower=True)
        one, expected, seen = whitened.T
        ones = float(one @ one)
        y_left, m_left = seen - one * (one @ seen) / ones, expected - one * (one @ expected) / ones
        yy, ym, mm = float(y_left @ y_left), float(y_left @ m_left), float(m_left @ m_left)
        inverse = 1.0
        if n > 1 and yy > 1e-18:
            inverse = (2 * ym + math.sqrt(4 * ym * ym + 16 * yy * (n - 1))) / (4 * yy)
        scale = 1 / inverse
        offset = float(one @ (seen - scale * expected)) / ones
        solved = solve_triangular(root, between, lower=True)
        intercept = (1 - one @ solved) / math.sqrt(ones)
        found = offset + scale * mean + (seen - offset * one - scale * expected) @ solved
        variance = np.maximum(diagonal - np.einsum("ij,ij->j", solved, solved), 1e-9) + intercept**2
        evidence = (n - 1) * math.log(inverse) - 0.5 * (yy * inverse * inverse - 2 * ym * inverse + mm)
        evidence -= float(np.log(np.diag(root)).sum()) + 0.5 * math.log(ones)
        return _Similarity(scale, found, variance, solved, intercept, evidence)

    def weights(self) -> list[float]:
        """The weight of each similarity, in order of SIMILARITIES."""
        most = max(model.weight for model in self.models)
        shares = [math.exp(model.weight - most) for model in self.models]
        return [share / sum(shares) for share in shares]

    def similarity(self) -> list[tuple[float, float]]:
        """Each similarity of the grid with its weight."""
        return list(zip(SIMILARITIES, self.weights(), strict=True))

    def propose(self, count: int, taken: Sequence[int]) -> list[int]:
        """Rows with the largest expected improvement of the measured score, one by one.

        Each row is chosen as if the earlier ones had scored as predicted. Rows in `taken` are excluded.
        """
        import numpy as np

        source, weights = self.source, self.weights()
        closed = np.zeros(len(source.pool), dtype=bool)
        closed[list(taken)] = True
        best = float(self.scores.max())
        variances = [model.variance.copy() for model in self.models]
        factors: list[list[Floats]] = [[] for _ in self.models]
        chosen: list[int] = []
        for _ in range(min(count, int((~closed).sum()))):
            gain, mean = np.zeros(len(closed)), np.zeros(len(closed))
            for model, variance, weight in zip(self.models, variances, weights, strict=True):
                spread = model.scale * np.sqrt(np.maximum(variance, 1e-9) + source.noise)
                gain += weight * _improvement(model.mean, spread, best)
                mean += weight * model.mean
            row = int(np.where(closed, -1.0, gain).argmax())
            chosen.append(row)
            closed[row] = True
            best = max(best, float(mean[row]))
            for number, (rho, model) in enumerate(zip(SIMILARITIES, self.models, strict=True)):
                shared = self.covariance(rho, row) - model.solved.T @ model.solved[:, row]
                shared = shared + model.intercept * model.intercept[row]
                for factor in factors[number]:
                    shared = shared - factor * factor[row]
                factor = shared / math.sqrt(max(float(shared[row]), 1e-9) + source.noise)
                factors[number].append(factor)
                variances[number] = variances[number] - factor * factor
        return chosen


def _improvement(mean: Floats, spread: Floats, best: float) -> Floats:
    import numpy as np
    from scipy.special import ndtr

    z = (mean - best) / spread
    found: Floats = spread * (z * ndtr(z) + np.exp(-z * z / 2) / math.sqrt(2 * math.pi))
    return found


def _root(covariance: Floats) -> Floats:
    """The Cholesky factor, with the smallest of a few jitters added to the diagonal.

    With almost no noise, rounding can make a covariance indefinite.
    """
    import numpy as np

    size = float(np.abs(covariance.diagonal()).max())
    for added in (0.0, 1e-10, 1e-8, 1e-6):
        try:
            return np.asarray(np.linalg.cholesky(covariance + added * size * np.eye(len(covariance))), dtype=float)
        except np.linalg.LinAlgError:
            continue
    return np.asarray(np.linalg.cholesky(covariance + size * np.eye(len(covariance))), dtype=float)


def _clipped(scores: Floats) -> Floats:
    import numpy as np

    if len(scores) < 4:
        return scores
    middle = np.median(scores)
    spread = max(1.4826 * float(np.median(np.abs(scores - middle))), 1e-12)
    found: Floats = np.maximum(scores, middle - CLIP * spread)
    return found
