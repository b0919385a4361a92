"""Spaces in the terms of other tools (E792)."""

from __future__ import annotations

from lapt_dsl.diagnostics.codes.code import Code, table

BRIDGE_CODES = table(
    "Other tools",
    Code(
        "E792",
        "not-expressible",
        "error",
        "A refined space cannot be written in another tool's terms within the bound.",
        "to_configspace(refined)",
        "to_configspace(refined, max_clauses=10_000)",
        "ConfigSpace excludes by listing what is forbidden; a space that needs more clauses than the bound is refused "
        "rather than written as a larger one.",
    ),
)
