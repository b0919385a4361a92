"""Searches that cannot go on (E82x, E83x)."""

from __future__ import annotations

from lapt_dsl.diagnostics.codes.code import Code, table

SEARCH_CODES = table(
    "Searches",
    Code(
        "E820",
        "run-differs",
        "error",
        "A resumed run samples a different architecture than the one in its store.",
        "resuming with another version of lapt or NumPy",
        "resuming with the versions the run was started with",
        "Continuing would mix two runs, and neither could be reproduced.",
    ),
    Code(
        "E821",
        "evaluator-broken",
        "error",
        "Many evaluations in a row failed.",
        "a search whose table has no row of its space",
        "a table that covers the space, or a corrected evaluator and --resume",
        "A single failed evaluation is skipped. Many in a row mean that the evaluator is broken, not the "
        "architectures.",
    ),
    Code(
        "E830",
        "no-method",
        "error",
        "A method to compare does not exist or is not installed.",
        "lapt reproduce nas201 --methods lapt,genetic",
        "lapt reproduce nas201 --methods lapt,evolution",
        "A comparison with a method missing could be mistaken for a complete one.",
    ),
    Code(
        "E831",
        "no-target",
        "error",
        "The tables of an experiment are for different spaces, or one is missing.",
        "a source of one space and a target of another",
        "two tables of one space, or lapt reproduce transfer",
        "Principles of one space do not apply to another, except those of a file `for any`.",
    ),
    Code(
        "E832",
        "statistics-library-missing",
        "error",
        "Learning principles by statistics, or comparing methods, needs a library that is not installed.",
        "pip install lapt-dsl",
        "pip install 'lapt-dsl[learn]'",
        "The compiler works without SciPy, which takes as much room as everything else that it needs.",
    ),
)
