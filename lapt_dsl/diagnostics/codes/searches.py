"""Searches that cannot go on (E82x, E83x)."""

from __future__ import annotations

from lapt_dsl.diagnostics.codes.code import Code, table

SEARCH_CODES = table(
    "Searches",
    Code(
        "E820",
        "run-differs",
        "error",
        "A continued run asks for another architecture than the one its store holds.",
        "resuming with another version of lapt or NumPy",
        "resuming with what the run was started with",
        "Going on would mix two runs, and neither could be repeated.",
    ),
    Code(
        "E821",
        "evaluator-broken",
        "error",
        "Many evaluations in a row have failed.",
        "a search over a table that holds no row of its space",
        "a table that covers the space, or a mended evaluator and --resume",
        "One failed evaluation is skipped; a row of them says that the evaluator is broken, not the architectures.",
    ),
    Code(
        "E830",
        "no-method",
        "error",
        "An experiment is to compare a method that does not exist or is not installed.",
        "lapt reproduce nas201 --methods lapt,genetic",
        "lapt reproduce nas201 --methods lapt,evolution",
        "A comparison that silently left a method out would be read as if it were complete.",
    ),
    Code(
        "E831",
        "no-target",
        "error",
        "The tables of an experiment do not fit together.",
        "a source of one space and a target of another",
        "two tables of one space, or lapt reproduce transfer",
        "Principles of one space say nothing about another unless they are written for any.",
    ),
)
