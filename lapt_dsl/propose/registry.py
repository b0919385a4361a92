"""Proposers by name."""

from __future__ import annotations

import importlib

from lapt_dsl.compiler.space.model import Space
from lapt_dsl.propose.archive import Archive
from lapt_dsl.propose.proposer import Proposer

PROPOSERS = {"induction": ("lapt_dsl.propose.induction", "Induction")}
"""Module and class of each proposer, imported on demand."""


def proposer_named(name: str, space: Space, archive: Archive | None, top: int) -> Proposer:
    """Create the proposer with this name. Raises KeyError for an unknown name.

    Args:
        name: A key of PROPOSERS.
        space: The space to search.
        archive: All known scores of the source task; None without transfer.
        top: Number of best architectures that principles are learned from.
    """
    module, made = PROPOSERS[name]
    proposer: Proposer = getattr(importlib.import_module(module), made)(space, archive, top)
    return proposer
