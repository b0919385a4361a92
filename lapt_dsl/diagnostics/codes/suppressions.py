"""Comments that silence a diagnostic (W49x)."""

from __future__ import annotations

from lapt_dsl.diagnostics.codes.code import Code, table

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
