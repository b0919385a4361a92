"""Prompts as files that a person carries to a chat window, and back with the answer.

A file begins with an HTML comment that no chat shows: what the prompt was made from, as JSON, and a checksum over that
and the text below. Whoever takes the answer reads it there instead of asking the person again.
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
"""A longer text is no prompt: it is refused before it is searched."""

_OPENING = "<!-- lapt prompt. Send this file to a model, save its answer, and give both to `lapt accept`."
_SHAPE = re.compile(r"\s*<!-- lapt prompt[^\n]*\n(\{\n.*?\n\})\n-->\n(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class PromptContext:
    """What a prompt was made from, as far as judging an answer needs it.

    Attributes:
        task: What was asked for.
        space: The space's name, and `space_digest` what identifies its text.
        space_file: How the space was named on the command line: a shipped name, or a path.
        name: The name that the answer's header must have.
        prompt: The digest of the messages (`Prompt.digest`).
        version: The version of lapt that wrote the prompt.
        extends: The file the answer must extend; None for `learn`.
        names: The principles in force there.
        principles: SHA-256 of everything in force as one text, or None.
        store: Path of the run store, or None.
        evaluated: How many evaluations the run had.
        table: Path of the table learned from, its `column`, and the `top` best that were taken, or None.
        keep: How many of the best found an adaptation learns from, or None.
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
    """SHA-256 of a principle text, as hexadecimal digits: what `PromptContext.principles` holds."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def write_document(prompt: Prompt, context: PromptContext) -> str:
    """The file of a prompt.

    Args:
        prompt: The prompt.
        context: What it was made from; its `prompt` must be the prompt's digest.

    Returns:
        Markdown that `read_document` reads back.

    Raises:
        ValueError: The context belongs to another prompt.
    """
    if context.prompt != prompt.digest or context.task != prompt.task:
        raise ValueError("the context belongs to another prompt")
    values: dict[str, JSON] = {**asdict(context), "names": list(context.names)}
    values["checksum"] = _checksum(values, prompt.text)
    # Neither a bracket nor two dashes: nothing in a name or a path can close the comment.
    inside = json.dumps(values, indent=1).replace("<", "\\u003c").replace(">", "\\u003e").replace("--", "-\\u002d")
    return f"{_OPENING}\n{inside}\n-->\n\n{prompt.text}"


def read_document(text: str, file: str = "<prompt>") -> tuple[PromptContext, str]:
    """Read what `write_document` wrote.

    Args:
        text: The file's text. Line ends, blanks at line ends and blank lines around the whole do not count.
        file: Its name, for messages.

    Returns:
        The context and the prompt's text.

    Raises:
        LaptError: E892, it is no such file, or it was changed.
    """
    if len(text) > MOST_CHARACTERS:
        raise _foreign(file, f"it has more than {MOST_CHARACTERS:,} characters")
    found = _SHAPE.fullmatch(_normal(text))
    if found is None:
        raise _foreign(file, "it does not begin with the comment that `lapt prompt` writes")
    try:
        values = json.loads(found[1])
    except (ValueError, RecursionError):
        raise _foreign(file, "the comment it begins with cannot be read") from None
    checksum = values.pop("checksum", None)
    context = _context(values)
    if context is None:
        raise _foreign(file, "the comment it begins with does not say what `lapt prompt` says there")
    if checksum != _checksum(values, found[2]):
        raise _foreign(file, "it was changed after it was written")
    return context, found[2].strip() + "\n"


def _context(values: Mapping[str, object]) -> PromptContext | None:
    """The context of JSON values, or None where one has another name or type."""
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
    """SHA-256 over the context and the text, blind to what editors and mail programs change."""
    content = f"{canonical(values)}\n{_normal(text).strip()}"
    return hashlib.sha256(content.encode("utf-8", errors="surrogatepass")).hexdigest()


def _normal(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.removeprefix("\ufeff").splitlines())


def _foreign(file: str, why: str) -> LaptError:
    hint = "give the file as `lapt prompt ... -o FILE` wrote it, or write it anew"
    return LaptError.of("E892", f"this is no prompt to take an answer to: {why}", file, hint=hint)
