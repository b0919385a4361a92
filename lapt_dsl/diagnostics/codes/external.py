"""Programs and functions as evaluators (E790, E791), and spaces in the terms of other tools (E792)."""

from __future__ import annotations

from lapt_dsl.diagnostics.codes.code import Code, table

EXTERNAL_CODES = table(
    "Evaluators of your own",
    Code(
        "E790",
        "no-such-program",
        "error",
        "The program that is to measure cannot be run.",
        "lapt search --space nas201 --evaluator exec:train.sh",
        "lapt search --space nas201 --evaluator exec:./train.sh",
        "No shell reads the command: it is a program's path or a name on PATH, with its arguments.",
    ),
    Code(
        "E791",
        "no-such-function",
        "error",
        "The function that is to measure cannot be imported.",
        "lapt search --space nas201 --evaluator python:mine.py",
        "lapt search --space nas201 --evaluator python:mine:score",
        "The part before the colon is imported as a module, and the part after it is looked up there.",
    ),
)

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
