"""Quality of a refined space on a target: share of the best architectures kept, and distribution of errors.

The second is LAPT's Figure 8, after Radosavovic et al., "On Network Design Spaces for Visual Recognition", ICCV 2019.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache

from lapt_dsl.compiler.refined.refined_space import RefinedSpace
from lapt_dsl.experiments.study import TargetTask

MAX_MEMBERS = 1_000_000
"""Larger spaces are not enumerated."""


@dataclass(frozen=True, slots=True)
class Quality:
    """`size`: number of architectures; `kept`: share of the target's top 1 % that is in the space; `edf`: share of the
    space with at most each error of the grid."""

    size: int
    kept: float
    edf: tuple[float, ...]


@lru_cache(256)
def quality_of(refined: RefinedSpace, target: TargetTask) -> Quality | None:
    """The quality of a space on a target. Architectures that are not in the table are ignored.

    Returns:
        None if the space is too large to enumerate.
    """
    if refined.size > MAX_MEMBERS:
        return None
    encodings, index, errors = refined.encoded, target.table.index, target.errors
    found = sorted(errors[index[encoding]] for encoding in encodings if encoding in index)
    kept = sum(encoding in encodings for encoding in target.good) / len(target.good)
    # The tolerance keeps the best architecture despite rounding of the first grid point.
    edf = [bisect_right(found, error + 1e-12) / len(found) if found else 0.0 for error in target.grid]
    return Quality(refined.size, kept, tuple(edf))
