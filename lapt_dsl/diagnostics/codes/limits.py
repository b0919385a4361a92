"""Contradictions and limits (E50x)."""

from __future__ import annotations

from lapt_dsl.diagnostics.codes.code import Code, table

LIMIT_CODES = table(
    "Limits and contradictions",
    Code(
        "E501",
        "contradiction",
        "error",
        "No architecture satisfies all rules. The notes list a smallest set of rules in conflict.",
        "layers: at least 4 convolution; layers: at least 3 pooling;",
        "layers: at least 3 convolution; layers: at least 3 pooling;",
        "The refined space is empty. Remove or relax any one of the listed rules, and the others can be satisfied.",
    ),
    Code(
        "E502",
        "impossible-rule",
        "error",
        "No architecture of the space satisfies this rule.",
        "layer 3: at least 2 skip;",
        "layer 3: only skip;",
        "The refined space is empty, whatever the other rules are.",
    ),
    Code(
        "E503",
        "too-many-states",
        "error",
        "A rule needs more automaton states than the node limit allows.",
        "network: params <= 1234567; with --max-nodes 1000",
        "network: params <= 1.2M; with the default limit",
        "The compiler is exact. It refuses a rule that it cannot represent exactly in bounded memory. Use rounder "
        "limits, "
        "or raise `--max-nodes`.",
    ),
)
