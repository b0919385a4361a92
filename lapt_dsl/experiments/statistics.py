"""Statistics of records: mean, median and bootstrap interval, with runs that did not reach the target counted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean, median

from lapt_dsl.experiments.single import RunRecord

RESAMPLES = 9_999
CONFIDENCE = 0.95

Summary = dict[str, object]


def interval_of_mean(values: Sequence[float]) -> list[float]:
    """The 95 % percentile bootstrap interval of the mean; the value itself where all are equal."""
    if len(set(values)) == 1:
        return [float(values[0]), float(values[0])]
    import numpy as np
    from scipy.stats import bootstrap

    result = bootstrap(
        (np.asarray(values, dtype=float),),
        np.mean,
        n_resamples=RESAMPLES,
        confidence_level=CONFIDENCE,
        method="percentile",
        rng=np.random.default_rng(0),
        batch=1_000,
    )
    return [float(result.confidence_interval.low), float(result.confidence_interval.high)]


def summary(values: Sequence[float]) -> Summary:
    """Mean, median and interval of values."""
    if not values:
        return {"mean": None, "median": None, "interval": None, "runs": 0}
    return {
        "mean": fmean(values),
        "median": float(median(values)),
        "interval": interval_of_mean(values),
        "runs": len(values),
    }


def evaluations_to_top(records: Sequence[RunRecord]) -> Summary:
    """Architectures evaluated until one of the top 0.1 % was among them.

    A run that ended earlier counts with its evaluations. Mean and interval are then marked as lower bounds. The median
    is None if half of the runs or more did not reach the top.
    """
    counts = [float(record.reached or record.evaluated) for record in records]
    late = sum(record.reached is None for record in records)
    found = summary(counts)
    ordered = sorted(math.inf if record.reached is None else float(record.reached) for record in records)
    middle = median(ordered) if ordered else math.inf
    found["median"] = middle if math.isfinite(middle) else None
    found["reached"] = len(records) - late
    found["not_reached"] = late
    found["lower_bound"] = late > 0
    return found


def of_ranks(records: Sequence[RunRecord]) -> Summary:
    """The rank of the best found within the budget."""
    return summary([float(record.rank) for record in records if record.rank is not None])


def of_reported(records: Sequence[RunRecord]) -> Summary:
    """The test metric (else the objective's own) of the best found within the budget."""
    return summary([record.reported for record in records if record.reported is not None])


def over_targets(records: Sequence[RunRecord]) -> Summary:
    """The rank averaged over targets, per seed; the interval is over seeds."""
    by_seed: dict[int, list[float]] = {}
    for record in records:
        if record.rank is not None:
            by_seed.setdefault(record.seed, []).append(float(record.rank))
    return summary([fmean(ranks) for ranks in by_seed.values()])
