"""Contradictions and limits (E50x)."""

from __future__ import annotations

from lapt_dsl.diagnostics.codes.code import Code, table

LIMIT_CODES = table(
    "Limits and contradictions",
    Code(
        "E501",
        "contradiction",
        "error",
        "A set of rules that no architecture satisfies; the notes list a smallest conflicting subset.",
        "layers: at least 4 convolution; layers: at least 3 pooling;",
        "layers: at least 3 convolution; layers: at least 3 pooling;",
        "Nothing is left to search. Every listed rule takes part: without any one of them the others can be satisfied.",
    ),
    Code(
        "E502",
        "impossible-rule",
        "error",
        "One rule that no architecture of the space satisfies.",
        "layer 3: at least 2 skip;",
        "layer 3: only skip;",
        "Nothing is left to search, whatever else the file says.",
    ),
    Code(
        "E503",
        "too-many-states",
        "error",
        "A rule needs more automaton states than the node limit allows.",
        "network: params <= 1234567; with --max-nodes 1000",
        "network: params <= 1.2M; with the default limit",
        "The compiler is exact, and refuses what it cannot hold exactly in bounded memory.",
    ),
)
