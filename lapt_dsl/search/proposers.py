"""Who writes principles, by name."""

from __future__ import annotations

import importlib

from lapt_dsl.propose.proposer import Proposer

PROPOSERS = {"induction": ("lapt_dsl.propose.induction", "Induction")}
"""A module and its class; imported when asked for."""


def proposer_named(name: str) -> Proposer:
    """A new proposer of this name. KeyError for one that does not exist."""
    module, made = PROPOSERS[name]
    proposer: Proposer = getattr(importlib.import_module(module), made)()
    return proposer
