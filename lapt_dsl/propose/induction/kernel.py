"""The kernel: similarity of two architectures in their choices and in the features of their live parts.

k(x, y) = a exp(-sum_f r_f (x_f - y_f)^2) + (1 - a) exp(-sum_c h_c [x_c != y_c]) over standardised features f and
choices c. Share and scales maximise the evidence (marginal likelihood) of the scores of the source. No target is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

FIT_ROWS = 500
"""Number of architectures on which the evidence is maximised, spread evenly over the scores."""
FIT_STEPS = 40
LEAST_SCALE = 1e-12


@dataclass(frozen=True)
class Kernel:
    """`features` [n, f] standardised, `choices` [n, c]; `scales` r_f, `agreement` h_c, `share` a, `noise` relative."""

    features: Floats
    choices: Ints
    scales: Floats
    agreement: Floats
    share: float
    noise: float

    def matrix(self) -> Floats:
        """The kernel matrix of all rows, [n, n]."""
        import numpy as np

        scaled = self.features * np.sqrt(self.scales)
        alike: Floats = self.share * np.exp(-_squared(scaled))
        alike += (1 - self.share) * np.exp(-_differing(self.choices, self.agreement))
        return alike


def standardised(features: Floats) -> Floats:
    """Features with mean 0 and standard deviation 1. Constant features become 0."""
    scaled: Floats = (features - features.mean(0)) / (features.std(0) + 1e-9)
    return scaled


def fit(features: Floats, choices: Ints, scores: Floats, order: Ints) -> Kernel:
    """The kernel with the largest evidence for `scores` [m] of the rows `order` [m], best first.

    L-BFGS maximises the log evidence of a Gaussian process, whose scale is set by maximum likelihood, from one fixed
    starting point and on at most FIT_ROWS rows.
    """
    import numpy as np
    from scipy.optimize import minimize

    chosen = np.unique(np.linspace(0, len(order) - 1, min(FIT_ROWS, len(order))).round().astype(int))
    rows, y = order[chosen], scores[chosen] - scores[chosen].mean()
    x, c = features[rows], choices[rows]
    squares = np.stack([(x[:, [f]] - x[:, [f]].T) ** 2 for f in range(x.shape[1])])
    differs = np.stack([(c[:, [k]] != c[:, [k]].T).astype(float) for k in range(c.shape[1])])
    wide, several = len(squares), len(differs)
    start = np.log(np.concatenate([np.full(wide, 0.3 / wide), np.full(several, 1.0 / several), [1.0, 0.1]]))

    def objective(point: Floats) -> tuple[float, Floats]:
        return _negative_evidence(np.clip(point, -12, 4), y, squares, differs)

    found = minimize(objective, start, jac=True, method="L-BFGS-B", options={"maxiter": FIT_STEPS})
    best = np.exp(np.clip(found.x, -12, 4))
    share = float(best[-2] / (1 + best[-2]))
    return Kernel(features, choices, best[:wide], best[wide : wide + several], share, float(best[-1]))


def _negative_evidence(point: Floats, y: Floats, squares: Floats, differs: Floats) -> tuple[float, Floats]:
    """The negative log evidence and its gradient in the logs of scales, agreement, odds of the share, and noise."""
    import numpy as np

    n, wide, several = len(y), len(squares), len(differs)
    values = np.exp(point)
    scales, agreement, odds, noise = values[:wide], values[wide : wide + several], values[-2], values[-1]
    share = odds / (1 + odds)
    smooth = np.exp(-np.tensordot(scales, squares, 1))
    agree = np.exp(-np.tensordot(agreement, differs, 1))
    covariance = share * smooth + (1 - share) * agree + (noise + 1e-6) * np.eye(n)
    root = np.linalg.cholesky(covariance)
    inverse = np.linalg.inv(covariance)
    alpha = inverse @ y
    # Equal scores have no scale. A lower bound keeps the logarithm finite.
    scale = max(float(y @ alpha) / n, LEAST_SCALE)
    value = 0.5 * n * np.log(scale) + float(np.log(np.diag(root)).sum())
    # d value / d theta = 1/2 tr((K^-1 - alpha alpha' / scale) dK/dtheta)
    weight = 0.5 * (inverse - np.outer(alpha, alpha) / scale)
    of_smooth, of_agree = weight * smooth * share, weight * agree * (1 - share)
    gradient = np.concatenate(
        [
            -scales * np.tensordot(squares, of_smooth, 2),
            -agreement * np.tensordot(differs, of_agree, 2),
            [share * (1 - share) * float((weight * (smooth - agree)).sum()), noise * float(np.trace(weight))],
        ]
    )
    return value, gradient


def _squared(rows: Floats) -> Floats:
    import numpy as np

    lengths = (rows * rows).sum(1)
    found: Floats = np.maximum(lengths[:, None] + lengths[None] - 2 * rows @ rows.T, 0)
    return found


def _differing(choices: Ints, agreement: Floats) -> Floats:
    """Sum of the weights of the differing choices, for each pair of rows."""
    import numpy as np

    found = np.zeros((len(choices), len(choices)))
    for column, weight in enumerate(agreement):
        found += weight * (choices[:, [column]] != choices[:, [column]].T)
    return found
