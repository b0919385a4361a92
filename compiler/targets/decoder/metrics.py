"""Which quantities of a space's network can be bounded."""

from __future__ import annotations

from typing import get_args

from lapt_dsl.compiler.networks.costs import Metric, cost_terms
from lapt_dsl.compiler.space.model import Space
from lapt_dsl.diagnostics.diagnostic import LaptError


def measurable(space: Space, metric: str) -> bool:
    """Whether `network: METRIC <= N;` can be decided: there is a network, and nothing in it is of unknown cost."""
    if not space.networks:
        return False
    for costly in get_args(Metric):
        if metric == costly:
            try:
                cost_terms(space, costly)
            except LaptError:
                return False
    return True
