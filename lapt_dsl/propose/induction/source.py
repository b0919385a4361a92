"""The model of the source task: predicted mean, residual and covariance of every architecture that may be proposed.

A Gaussian process over a *pool* of architectures is fitted to the scores of the source, converted to normal quantiles
so that only their order matters. If only the best architectures are known, membership among them is the score.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from lapt_dsl.compiler.refined.refined_space import full
from lapt_dsl.compiler.space.model import Architecture, Space
from lapt_dsl.propose.archive import Archive
from lapt_dsl.propose.induction import kernel
from lapt_dsl.propose.induction.columns import FeatureColumn, columns_of, rows_of
from lapt_dsl.propose.induction.features import feature_rows, signature

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

ENUMERATE = 20_000
"""Spaces up to this size are enumerated. For larger ones, the pool is the archive and random members."""
POOL = 2_500
"""Size of the pool. The cost of the process grows with its cube."""
MEMBERS = 1_000
"""Number of draws from the principles in force to propose from, in a space too large to be enumerated."""
START = 1_000
"""Number of random architectures that a search without transfer considers, beside those near its best."""


@dataclass(frozen=True)
class SourceTask:
    """The fitted source model, for each row of the pool.

    `mean` and `residual` [n] are the smooth part of the scores and what is left of them at each row (0 where unknown);
    `prior` and `posterior` [n, n] are covariances before and after the source; `noise` is the variance of one score.
    """

    space: Space
    columns: tuple[FeatureColumn, ...]
    pool: tuple[Architecture, ...]
    choices: Ints
    mean: Floats
    residual: Floats
    prior: Floats
    posterior: Floats
    noise: float


@lru_cache(maxsize=8)
def no_source(space: Space, near: tuple[Architecture, ...]) -> SourceTask:
    """The prior without transfer, over random architectures and those `near` the search."""
    import numpy as np

    columns = columns_of(space)
    pool = tuple(sorted({*_start(space), *near}, key=lambda arch: arch.encoding))
    choices = np.array(rows_of(columns, pool), dtype=np.int64)
    features = kernel.standardised(np.array(feature_rows(space, pool)))
    even = np.full(features.shape[1], 0.3 / features.shape[1])
    known = kernel.Kernel(features, choices, even, np.full(choices.shape[1], 1 / choices.shape[1]), 0.5, 0.1)
    prior, zero = known.matrix(), np.zeros(len(pool))
    return SourceTask(space, columns, pool, choices, zero, zero, prior, prior, known.noise)


@lru_cache(maxsize=8)
def _start(space: Space) -> tuple[Architecture, ...]:
    """Random members, one of each that compute the same function."""
    import numpy as np

    members = full(space).sample(START, np.random.default_rng(0), uniform=True)
    first: dict[object, Architecture] = {}
    for arch in members:
        first.setdefault(signature(space, arch), arch)
    return tuple(first.values())


@lru_cache(maxsize=8)
def learn_source(space: Space, archive: Archive, top: int, members: tuple[Architecture, ...] = ()) -> SourceTask:
    """Fit the source model to the scores of a finished task.

    Args:
        space: The space.
        archive: All known scores of the task.
        top: Number of best architectures, if only these are known.
        members: Architectures to propose from, in a space too large to be enumerated.
    """
    import numpy as np

    columns = columns_of(space)
    pool = _pool(space, archive, members)
    choices = np.array(rows_of(columns, pool), dtype=np.int64)
    features = kernel.standardised(np.array(feature_rows(space, pool)))
    n = len(pool)
    rows, scores = _scores(pool, archive, top)
    order = np.argsort(-scores, kind="stable")
    fitted = kernel.fit(features, choices, scores[order], rows[order])
    prior = fitted.matrix()
    covariance = prior[np.ix_(rows, rows)] + fitted.noise * np.eye(len(rows))
    inverse = np.linalg.inv(covariance)
    y = scores - scores.mean()
    alpha = inverse @ y
    # Equal scores have no scale. A scale of 0 would make the target unlearnable, so 1 is used.
    scale = float(y @ alpha) / len(rows) or 1.0
    across = prior[:, rows]
    mean = across @ alpha
    residual = np.zeros(n)
    residual[rows] = alpha / np.diag(inverse)
    posterior = scale * (prior - across @ inverse @ across.T)
    return SourceTask(
        space, columns, pool, choices, mean - mean.mean(), residual, scale * prior, posterior, scale * fitted.noise
    )


def _pool(space: Space, archive: Archive, given: tuple[Architecture, ...]) -> tuple[Architecture, ...]:
    """The architectures that may be proposed. Of those with equal function and score, only the first is kept.

    A pool that is too large is reduced to the best of the archive and an even sample by score, which keeps the
    contrast. Architectures in `given` are always kept.
    """
    import numpy as np

    whole = full(space)
    if whole.size <= ENUMERATE:
        members, given = list(whole), ()
    else:
        sampled = given or whole.sample(POOL, np.random.default_rng(0), uniform=True)
        members = sorted({*sampled, *(entry.arch for entry in archive)}, key=lambda arch: arch.encoding)
    scores = {entry.arch: entry.score for entry in archive}
    first: dict[object, Architecture] = {}
    for arch in members:
        first.setdefault((signature(space, arch), scores.get(arch)), arch)
    kept = list(first.values())
    if len(kept) > POOL:
        stay = set(given)
        ranked = sorted(
            (arch for arch in kept if arch not in stay), key=lambda a: (-scores.get(a, -np.inf), a.encoding)
        )
        best = (POOL - (len(kept) - len(ranked))) // 2
        places = np.linspace(best, len(ranked) - 1, POOL - (len(kept) - len(ranked)) - best).round().astype(int)
        cut = [*ranked[:best], *(ranked[place] for place in dict.fromkeys(places.tolist()))]
        kept = [*cut, *(arch for arch in kept if arch in stay)]
    return tuple(sorted(kept, key=lambda arch: arch.encoding))


def _scores(pool: tuple[Architecture, ...], archive: Archive, top: int) -> tuple[Ints, Floats]:
    """The rows with a score, and the scores as normal quantiles of their ranks among all known scores."""
    import numpy as np
    from scipy.special import ndtri
    from scipy.stats import rankdata

    if len(archive) <= 2 * top:
        best = {entry.arch for entry in archive.top(top)}
        flags = np.array([float(arch in best) for arch in pool])
        return np.arange(len(pool)), (flags - flags.mean()) / (flags.std() + 1e-9)
    quantiles = ndtri((rankdata([entry.score for entry in archive]) - 0.5) / len(archive))
    known = {entry.arch: quantile for entry, quantile in zip(archive, quantiles.tolist(), strict=True)}
    rows = [row for row, arch in enumerate(pool) if arch in known]
    return np.array(rows, dtype=np.int64), np.array([known[pool[row]] for row in rows])
