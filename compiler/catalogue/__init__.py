"""The catalogue: every implementation a space file may name, its arguments, its exact cost and its torch class."""

from __future__ import annotations

from lapt_dsl.compiler.catalogue.entry import Arguments, CatalogueEntry, Cost, OperatorContext, Parameter, Role
from lapt_dsl.compiler.catalogue.operators import ENTRIES
from lapt_dsl.compiler.catalogue.validate import CHANNELS_LIMIT, check, cost, problem_at, resolve

__all__ = [
    "CHANNELS_LIMIT",
    "ENTRIES",
    "Arguments",
    "CatalogueEntry",
    "Cost",
    "OperatorContext",
    "Parameter",
    "Role",
    "check",
    "cost",
    "problem_at",
    "resolve",
]
