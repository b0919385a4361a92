"""Programs and functions as evaluators (E790, E791), and spaces in the terms of other tools (E792)."""

from __future__ import annotations

from lapt_dsl.diagnostics.codes.code import Code, table

EXTERNAL_CODES = table(
    "Evaluators of your own",
    Code(
        "E790",
        "no-such-program",
        "error",
        "The evaluator program cannot be run.",
        "lapt search --space nas201 --evaluator exec:train.sh",
        "lapt search --space nas201 --evaluator exec:./train.sh",
        "The command is run without a shell. Give the path of a program, or its name on PATH, and its arguments.",
    ),
    Code(
        "E791",
        "no-such-function",
        "error",
        "The evaluator function cannot be imported.",
        "lapt search --space nas201 --evaluator python:mine.py",
        "lapt search --space nas201 --evaluator python:mine:score",
        "The part before the colon is imported as a module; the part after it names a function of that module.",
    ),
)

BRIDGE_CODES = table(
    "Other tools",
    Code(
        "E792",
        "not-expressible",
        "error",
        "A refined space cannot be exported to another tool within the size limit.",
        "to_configspace(refined)",
        "to_configspace(refined, max_clauses=10_000)",
        "ConfigSpace describes constraints by listing forbidden combinations. A space that needs more clauses than the "
        "limit is refused, because leaving clauses out would export a larger space.",
    ),
)
