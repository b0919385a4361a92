"""What rules mean (W40x), and comments that suppress a diagnostic (W49x)."""

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
        "The rule looks like a restriction and is none. Make it stricter or remove it.",
    ),
    Code(
        "W402",
        "implied-principle",
        "warning",
        "A principle is implied by the other principles of the file.",
        "principle a { layers: never pooling; } principle b { layers: at most 1 pooling; }",
        "principle a { layers: never pooling; }",
        "The principle is redundant, or another principle is stricter than intended.",
    ),
    Code(
        "W403",
        "idle-preference",
        "warning",
        "A preference has no effect: all remaining architectures have the same weight under it.",
        "layer 3: only skip; layer 3: prefer conv3x3;",
        "layer 3: only skip, conv3x3; layer 3: prefer conv3x3;",
        "A preference changes how likely the remaining architectures are to be sampled. Where all are equal, it "
        "changes "
        "nothing.",
    ),
    Code(
        "W404",
        "dead-condition",
        "warning",
        "The condition of an `if` is never true, so the rule has no effect.",
        "layer 3: only skip; if layer 3: only conv3x3; then layer 5: only skip;",
        "layer 3: only skip; layer 5: only skip;",
        "The condition was probably meant for another layer or operator.",
    ),
    Code(
        "W405",
        "no-live-path",
        "warning",
        "The rules leave no path from an input of a cell to its output.",
        "layers into output: only none;",
        "layers into output: at least 1 any except none;",
        "The output of such a cell does not depend on its input, so training is useless.",
    ),
    Code(
        "W406",
        "no-choice",
        "note",
        "Some layers have a single remaining candidate.",
        "",
        "",
        "For information only: the search no longer varies these layers.",
    ),
    Code(
        "W407",
        "unused-operator",
        "note",
        "Some operators are no longer a candidate of any layer.",
        "",
        "",
        "For information only: a supernet does not need these operators.",
    ),
    Code(
        "W408",
        "analysis-cut-short",
        "warning",
        "The analysis of the file stopped at the node limit.",
        "--max-nodes 1000",
        "--max-nodes 1000000",
        "The diagnostics shown are exact, but others may be missing. Raise `--max-nodes` for a complete analysis.",
    ),
)

SUPPRESSION_CODES = table(
    "Suppression comments",
    Code(
        "W490",
        "unused-allow",
        "warning",
        "A suppression comment has no effect.",
        "layers: only convolution; // lapt: allow W401",
        "layers: only convolution;",
        "Remove the comment. Otherwise it would hide the next diagnostic of this code on that line.",
    ),
    Code(
        "W491",
        "unknown-allow",
        "warning",
        "A suppression comment names an unknown code, or a code that cannot be suppressed.",
        "layers: only convolution; // lapt: allow W9999",
        "layers: only convolution; // lapt: allow W401",
        "A misspelt code suppresses nothing. Errors cannot be suppressed, because a file with errors cannot be "
        "compiled.",
    ),
)
