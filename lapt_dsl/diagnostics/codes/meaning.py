"""What rules mean (W40x), and comments that silence a diagnostic (W49x)."""

from __future__ import annotations

from lapt_dsl.diagnostics.codes.code import Code, table

MEANING_CODES = table(
    "Meaning",
    Code(
        "W401",
        "idle-rule",
        "warning",
        "A rule removes nothing: every architecture of the space satisfies it.",
        "layers: at most 6 pooling;",
        "layers: at most 1 pooling;",
        "The rule reads as if it did something. Either it was meant tighter or it is noise.",
    ),
    Code(
        "W402",
        "implied-principle",
        "warning",
        "A principle removes nothing that the other principles of the file leave.",
        "principle a { layers: never pooling; } principle b { layers: at most 1 pooling; }",
        "principle a { layers: never pooling; }",
        "What the others say already needs no second sentence. It may also mean that another principle is stricter "
        "than intended.",
    ),
    Code(
        "W403",
        "idle-preference",
        "warning",
        "A preference cannot act: every architecture that is left has the same weight under it.",
        "layer 3: only skip; layer 3: prefer conv3x3;",
        "layer 3: only skip, conv3x3; layer 3: prefer conv3x3;",
        "A preference shifts sampling between architectures that are left; among equals it does nothing.",
    ),
    Code(
        "W404",
        "dead-condition",
        "warning",
        "The condition of an `if` is true nowhere, so the rule never acts.",
        "layer 3: only skip; if layer 3: only conv3x3; then layer 5: only skip;",
        "layer 3: only skip; layer 5: only skip;",
        "A rule that never acts was probably meant for another layer or operator.",
    ),
    Code(
        "W405",
        "no-live-path",
        "warning",
        "The rules leave no path from an input of a cell to its output.",
        "layers into output: only none;",
        "layers into output: at least 1 any except none;",
        "Such a cell computes a constant; no training can help it.",
    ),
    Code(
        "W406",
        "no-choice",
        "note",
        "Layers are left with one candidate.",
        "",
        "",
        "It is a fact, not a fault: what is decided is no longer searched.",
    ),
    Code(
        "W407",
        "unused-operator",
        "note",
        "Operators may not be carried by any layer any more.",
        "",
        "",
        "It is a fact, not a fault: the supernet need not hold them.",
    ),
    Code(
        "W408",
        "analysis-cut-short",
        "warning",
        "The analysis of what the file means reached the node limit.",
        "--max-nodes 1000",
        "--max-nodes 1000000",
        "Findings that were made are exact; others may be missing.",
    ),
)

SUPPRESSION_CODES = table(
    "Suppression comments",
    Code(
        "W490",
        "unused-allow",
        "warning",
        "A suppression comment silences nothing.",
        "layers: only convolution; // lapt: allow W401",
        "layers: only convolution;",
        "A comment that no longer silences anything would silence the next finding of that kind unseen.",
    ),
    Code(
        "W491",
        "unknown-allow",
        "warning",
        "A suppression comment names a code that does not exist, or one that cannot be silenced.",
        "layers: only convolution; // lapt: allow W9999",
        "layers: only convolution; // lapt: allow W401",
        "A misspelt code silences nothing. Errors cannot be silenced: a file with an error has no meaning.",
    ),
)
