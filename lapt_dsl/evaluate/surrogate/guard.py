"""Where a surrogate may be believed: no further out than the architectures it was checked on.

The limits are the extremes of the 725 genotypes of NAS-Bench-301 with published scores, drawn uniformly: how many
layers of a cell carry one operator, and how many carry none with parameters, per cell and in both. Skips
alone score 94 with the surrogate, and nothing in the data says that they should. The published cells
of DARTS (both orders), GDAS, PC-DARTS and P-DARTS are inside. A distance to the nearest genotype was no use: in a space
of 1e18 every architecture is far from 725 others, and parameters and depth follow from the operators.
"""

from __future__ import annotations

from collections import Counter

MOST = {
    "normal": {
        "max_pool_3x3": 6, "avg_pool_3x3": 5, "skip_connect": 4,
        "sep_conv_3x3": 5, "sep_conv_5x5": 5, "dil_conv_3x3": 5, "dil_conv_5x5": 4,
    },
    "reduce": {
        "max_pool_3x3": 5, "avg_pool_3x3": 4, "skip_connect": 5,
        "sep_conv_3x3": 6, "sep_conv_5x5": 6, "dil_conv_3x3": 5, "dil_conv_5x5": 5,
    },
}  # fmt: skip
"""How many of a cell's eight layers carry an operator, at most, among the 725."""

FREE = ("max_pool_3x3", "avg_pool_3x3", "skip_connect")
MOST_FREE = {"normal": 7, "reduce": 8}
MOST_FREE_IN_BOTH = 12
"""How many layers carry an operator without parameters, at most: of a cell, and of the sixteen of both."""

LIMITS = {"most": MOST, "most_free": MOST_FREE, "most_free_in_both": MOST_FREE_IN_BOTH}
"""All of it, for an evaluator's description."""


def outside(normal: Counter[str], reduce: Counter[str]) -> str | None:
    """Why an architecture is outside the surrogate's data, as a sentence; None where it is inside.

    Args:
        normal: How many layers of the normal cell carry each operator, by the names of the published genotypes.
        reduce: The same of the reduction cell.

    >>> outside(Counter(skip_connect=8), Counter(sep_conv_3x3=4, dil_conv_5x5=4))
    '8 layers of the normal cell are skip_connect, at most 4 in the data'
    """
    free = {}
    for cell, counts in (("normal", normal), ("reduce", reduce)):
        for operator, most in MOST[cell].items():
            if counts[operator] > most:
                return f"{counts[operator]} layers of the {cell} cell are {operator}, at most {most} in the data"
        free[cell] = sum(counts[operator] for operator in FREE)
        if free[cell] > MOST_FREE[cell]:
            return f"{free[cell]} layers of the {cell} cell have no parameters, at most {MOST_FREE[cell]} in the data"
    both = sum(free.values())
    if both > MOST_FREE_IN_BOTH:
        return f"{both} layers of both cells have no parameters, at most {MOST_FREE_IN_BOTH} in the data"
    return None
