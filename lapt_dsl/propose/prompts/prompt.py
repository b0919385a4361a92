"""A prompt as a value: what is sent, and what an answer to it must look like."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

from lapt_dsl.propose.exchange import Message, Task, canonical


@dataclass(frozen=True)
class Prompt:
    """Messages for a language model.

    Attributes:
        task: What is asked for.
        messages: One message of the system, which is the same for all prompts of one space, and one of the user.
        tokens: The estimate of what the messages take, by whichever count the prompt was made with.
        shown: How many architectures stand in it.
        left_out: How many that were to be shown did not fit, or repeat what is shown.
        name: The name that the answer's header must give its file.
        extends: The file that the answer must extend, or None where it stands by itself.
        names: The principles in force there, which the answer may drop or replace.
        goal: The question in one sentence, for a prompt that has to repeat it.
        evidence: The digest as it stands in the prompt, for the same; empty where there is none.
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
        """The whole as one Markdown text, for a chat window that takes a single message."""
        return "\n\n".join(message.content.strip() for message in self.messages) + "\n"

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the messages, as hexadecimal digits."""
        content = [[message.role, message.content] for message in self.messages]
        return hashlib.sha256(canonical(content).encode("ascii")).hexdigest()
