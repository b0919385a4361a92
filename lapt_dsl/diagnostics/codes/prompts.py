"""Prompts as files (E89x)."""

from __future__ import annotations

from lapt_dsl.diagnostics.codes.code import Code, table

PROMPT_CODES = table(
    "Prompts",
    Code(
        "E891",
        "prompt-too-long",
        "error",
        "A prompt does not fit its token budget, even without all of its optional parts.",
        "lapt prompt learn table.json --budget-tokens 200",
        "lapt prompt learn table.json --budget-tokens 4000",
        "The description of the space, the language and the task are required. A prompt that the server truncates "
        "would "
        "lose its end, which holds the task.",
    ),
    Code(
        "E892",
        "not-that-prompt",
        "error",
        "A file was not written by `lapt prompt`, or was changed afterwards.",
        "--prompt notes.md",
        "--prompt prompt.md, as `lapt prompt ... -o prompt.md` wrote it",
        "An answer is validated against the space, the principles and the evidence that its prompt names. In a changed "
        "file they may differ from those the model saw.",
    ),
)
