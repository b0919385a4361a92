"""Who writes principles, by name."""

from __future__ import annotations

import importlib

from lapt_dsl.compiler.space.model import Space
from lapt_dsl.propose.archive import Archive
from lapt_dsl.propose.proposer import Proposer

PROPOSERS = {"induction": ("lapt_dsl.propose.induction", "Induction")}
"""A module and its class; imported when asked for."""


def proposer_named(name: str, space: Space, archive: Archive | None, top: int) -> Proposer:
    """A new proposer of this name for a space. KeyError for one that does not exist.

    Args:
        name: A key of PROPOSERS.
        space: The space that is searched.
        archive: All that is known of the source task, its best and the rest; None where nothing is transferred.
        top: How many of the best principles are learned from.
    """
    module, made = PROPOSERS[name]
    proposer: Proposer = getattr(importlib.import_module(module), made)(space, archive, top)
    return proposer
