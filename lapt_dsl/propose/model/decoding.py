"""The constraint on replies in each mode, and the principle file that a reply contains."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lapt_dsl.compiler.space.model import Space
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.language.replies.reply import answer
from lapt_dsl.propose.exchange import JSON, Message, Mode
from lapt_dsl.propose.model.options import takes_grammar
from lapt_dsl.propose.prompts.prompt import Prompt


@dataclass(frozen=True, slots=True)
class ReplyConstraint:
    """The constraint of a request: a grammar, a schema, or nothing."""

    grammar: str | None = None
    schema: Mapping[str, JSON] | None = None


def constraint_for(space: Space, prompt: Prompt, mode: Mode) -> ReplyConstraint:
    """The constraint on the answer to a prompt in a mode.

    Args:
        space: The space.
        prompt: The prompt. The answer extends its file and may drop the principles that it names.
        mode: The mode.
    """
    if takes_grammar(mode):
        from lapt_dsl.compiler.targets.decoder.grammar import decoder_grammar

        return ReplyConstraint(grammar=decoder_grammar(space, extends=prompt.extends, names=prompt.names))
    if mode == "json_schema":
        from lapt_dsl.compiler.targets.decoder.grammar import principles_schema

        return ReplyConstraint(schema=principles_schema(space, names=prompt.names))
    return ReplyConstraint()


def is_constrained(mode: Mode) -> bool:
    """Whether the answer in a mode is a file without surrounding text."""
    return mode != "plain"


def messages_for(prompt: Prompt, mode: Mode) -> tuple[Message, ...]:
    """The messages of a prompt, as sent in a mode."""
    if mode != "json_schema":
        return prompt.messages
    *before, last = prompt.messages
    text = f"{last.content}\n\nGive the file as JSON that follows the given schema, not as text."
    return (*before, Message(last.role, text))


def file_in(reply: str, space: Space, prompt: Prompt, mode: Mode) -> str:
    """The principle file that a reply in a mode holds, or the reply itself if the file must be extracted from its text.

    Raises:
        LaptError: E869, the reply is not JSON that follows the schema and contains no file.
    """
    if mode != "json_schema":
        return reply
    from lapt_dsl.compiler.targets.decoder.grammar import principles_from_json

    try:
        return principles_from_json(reply, space, extends=prompt.extends, names=prompt.names, file=prompt.name)
    except LaptError:
        # A server that ignores the schema may still have answered with a file.
        if answer(reply) is None:
            raise
        return reply
