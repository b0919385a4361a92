"""Zero-cost proxies (E775)."""

from __future__ import annotations

from lapt_dsl.diagnostics.codes.code import Code, table

PROXY_CODES = table(
    "Zero-cost proxies",
    Code(
        "E775",
        "unknown-proxy",
        "error",
        "There is no zero-cost proxy of this name.",
        "lapt search --space nas201 --evaluator proxy:synflw",
        "lapt search --space nas201 --evaluator proxy:synflow+naswot",
        "Name a proxy after the colon, or several joined by `+`. Each name stands for one published definition.",
    ),
)
