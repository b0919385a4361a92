"""Reading and writing files (E90x)."""

from __future__ import annotations

from lapt_dsl.diagnostics.codes.code import Code, table

INPUT_OUTPUT_CODES = table(
    "Reading and writing",
    Code(
        "E901",
        "cannot-read",
        "error",
        "A file cannot be read: it is missing, a directory, or not permitted.",
        "lapt lint my.ip",
        "lapt lint my.lp",
        "Check the path and the permissions. Nothing is analysed before every file can be read.",
    ),
    Code(
        "E902",
        "not-text",
        "error",
        "A file is not UTF-8 text.",
        "a file saved as UTF-16, or a binary file",
        "the same file saved as UTF-8",
        "Both languages are UTF-8 text, so that a file means the same on every machine.",
    ),
    Code(
        "E903",
        "cannot-write",
        "error",
        "A file cannot be written.",
        "lapt compile my.lp -o /nowhere/out",
        "lapt compile my.lp -o out",
        "Check that the folder exists, is writable and has free space. A file is written whole or not at all.",
    ),
)
