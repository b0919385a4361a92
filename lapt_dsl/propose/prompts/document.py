"""Prompts as files for manual use with a chat window.

A file begins with an HTML comment that holds the context of the prompt as JSON, and a checksum of context and text.
`lapt accept` reads the context from the file.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.propose.exchange import JSON, TASKS, Task, canonical
from lapt_dsl.propose.prompts.prompt import Prompt

MOST_CHARACTERS = 4_000_000
"""Longer texts are rejected without parsing."""

_OPENING = "<!-- lapt prompt. Send this file to a model, save its answer, and give both to `lapt accept`."
_SHAPE = re.compile(r"\s*<!-- lapt prompt[^\n]*\n(\{\n.*?\n\})\n-->\n(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class PromptContext:
    """The context of a prompt that is needed to validate an answer.

    Attributes:
        task: Purpose of the answer.
        space: Name of the space.
        space_digest: Digest of the space.
        space_file: The space as given on the command line: a shipped name, or a path.
        name: Name that the header of the answer must have.
        prompt: The digest of the messages (`Prompt.digest`).
        version: The version of lapt that wrote the prompt.
        extends: The file the answer must extend; None for `learn`.
        names: Names of the principles in force.
        principles: SHA-256 of the principles in force as one text, or None.
        store: Path of the run store, or None.
        evaluated: Number of evaluations of the run.
        table: Path of the table learned from, or None.
        column: Column of the table, or None.
        top: Number of best architectures taken, or None.
        keep: Number of best architectures that an adaptation learns from, or None.
    """

    task: Task
    space: str
    space_digest: str
    space_file: str
    name: str
    prompt: str
    version: str
    extends: str | None = None
    names: tuple[str, ...] = ()
    principles: str | None = None
    store: str | None = None
    evaluated: int = 0
    table: str | None = None
    column: str | None = None
    top: int | None = None
    keep: int | None = None


def text_digest(text: str) -> str:
    """SHA-256 of a principle text in hexadecimal, as in `PromptContext.principles`."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def write_document(prompt: Prompt, context: PromptContext) -> str:
    """The file of a prompt.

    Args:
        prompt: The prompt.
        context: The context. Its `prompt` must be the digest of the prompt.

    Returns:
        Markdown that `read_document` reads back.

    Raises:
        ValueError: The context belongs to another prompt.
    """
    if context.prompt != prompt.digest or context.task != prompt.task:
        raise ValueError("the context belongs to another prompt")
    values: dict[str, JSON] = {**asdict(context), "names": list(context.names)}
    values["checksum"] = _checksum(values, prompt.text)
    # Brackets and double dashes are escaped, so that no name or path can close the comment.
    inside = json.dumps(values, indent=1).replace("<", "\\u003c").replace(">", "\\u003e").replace("--", "-\\u002d")
    return f"{_OPENING}\n{inside}\n-->\n\n{prompt.text}"


def read_document(text: str, file: str = "<prompt>") -> tuple[PromptContext, str]:
    """Read what `write_document` wrote.

    Args:
        text: The text of the file. Line ends, trailing blanks and outer blank lines are ignored.
        file: Its name in messages.

    Returns:
        The context and the text of the prompt.

    Raises:
        LaptError: E892, the file is not a prompt, or it was changed.
    """
    if len(text) > MOST_CHARACTERS:
        raise _foreign(file, f"it has more than {MOST_CHARACTERS:,} characters")
    found = _SHAPE.fullmatch(_normal(text))
    if found is None:
        raise _foreign(file, "the comment of `lapt prompt` at its start is missing")
    try:
        values = json.loads(found[1])
    except (ValueError, RecursionError):
        raise _foreign(file, "the comment at its start is not valid JSON") from None
    checksum = values.pop("checksum", None)
    context = _context(values)
    if context is None:
        raise _foreign(file, "the comment at its start has unknown or missing fields")
    if checksum != _checksum(values, found[2]):
        raise _foreign(file, "it was changed after it was written")
    return context, found[2].strip() + "\n"


def _context(values: Mapping[str, object]) -> PromptContext | None:
    """The context of JSON values, or None if a field is unknown or has the wrong type."""
    kinds = {field.name: _KINDS.get(str(field.type), ()) for field in fields(PromptContext)}
    if set(values) != set(kinds):
        return None
    for name, value in values.items():
        if isinstance(value, bool) or not isinstance(value, kinds[name]):
            return None
        if isinstance(value, list) and not all(isinstance(item, str) for item in value):
            return None
    if values["task"] not in TASKS:
        return None
    checked: dict[str, Any] = dict(values)
    return PromptContext(**{**checked, "names": tuple(checked["names"])})


_KINDS: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "Task": (str,),
    "int": (int,),
    "str | None": (str, type(None)),
    "int | None": (int, type(None)),
    "tuple[str, ...]": (list,),
}


def _checksum(values: Mapping[str, JSON], text: str) -> str:
    """SHA-256 of context and text. White space that editors and mail programs change is ignored."""
    content = f"{canonical(values)}\n{_normal(text).strip()}"
    return hashlib.sha256(content.encode("utf-8", errors="surrogatepass")).hexdigest()


def _normal(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.removeprefix("\ufeff").splitlines())


def _foreign(file: str, why: str) -> LaptError:
    hint = "use the unchanged file of `lapt prompt ... -o FILE`, or write it again"
    return LaptError.of("E892", f"this is not a valid prompt file: {why}", file, hint=hint)
