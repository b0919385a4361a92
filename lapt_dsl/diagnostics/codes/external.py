"""Programs and functions as evaluators (E790, E791)."""

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
