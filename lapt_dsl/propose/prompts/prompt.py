"""A prompt: its messages, and the requirements on the answer."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

from lapt_dsl.propose.exchange import Message, Task, canonical


@dataclass(frozen=True)
class Prompt:
    """Messages for a language model.

    Attributes:
        task: Purpose of the answer.
        messages: A system message, equal for all prompts of a space, and a user message.
        tokens: Estimated tokens of the messages.
        shown: Number of architectures listed.
        left_out: Number of architectures not listed.
        name: Name that the header of the answer must have.
        extends: The file that the answer must extend, or None.
        names: Principles in force, which the answer may drop or replace.
        goal: The question in one sentence, for repair prompts.
        evidence: The digest in the prompt, for repair prompts; empty if there is none.
    """

    task: Task
    messages: tuple[Message, ...]
    tokens: int
    shown: int
    left_out: int
    name: str
    extends: str | None = None
    names: tuple[str, ...] = ()
    goal: str = ""
    evidence: str = ""

    @property
    def text(self) -> str:
        """All messages as one Markdown text, for a chat window."""
        return "\n\n".join(message.content.strip() for message in self.messages) + "\n"

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the messages in hexadecimal."""
        content = [[message.role, message.content] for message in self.messages]
        return hashlib.sha256(canonical(content).encode("ascii")).hexdigest()
