"""Prompts as files (E89x)."""

from __future__ import annotations

from lapt_dsl.diagnostics.codes.code import Code, table

PROMPT_CODES = table(
    "Prompts",
    Code(
        "E891",
        "prompt-too-long",
        "error",
        "A prompt does not fit its token budget, even with all that can be left out left out.",
        "lapt prompt learn table.json --budget-tokens 200",
        "lapt prompt learn table.json --budget-tokens 4000",
        "The description of the space, the language and the task cannot be cut without changing the question. A prompt "
        "that a server cuts in its stead loses its end, where the task stands.",
    ),
    Code(
        "E892",
        "not-that-prompt",
        "error",
        "A file is no prompt that `lapt prompt` wrote, or was changed since.",
        "--prompt notes.md",
        "--prompt prompt.md, as `lapt prompt ... -o prompt.md` wrote it",
        "An answer is judged against the space, the file in force and the evidence that its prompt names. After a "
        "change they may not be what the model was told.",
    ),
)
