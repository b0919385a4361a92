"""What holds a model's reply to one space in each mode, and the text of a principle file that such a reply means."""

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
class Hold:
    """What a request carries beside its messages: a grammar, or a schema, or nothing."""

    grammar: str | None = None
    schema: Mapping[str, JSON] | None = None


def hold(space: Space, prompt: Prompt, mode: Mode) -> Hold:
    """What holds the answer to a prompt in a mode.

    Args:
        space: The space.
        prompt: What is asked; its answer extends the file and may drop the principles that it names.
        mode: How the server is held.
    """
    if takes_grammar(mode):
        from lapt_dsl.compiler.targets.decoder.grammar import decoder_grammar

        return Hold(grammar=decoder_grammar(space, extends=prompt.extends, names=prompt.names))
    if mode == "json_schema":
        from lapt_dsl.compiler.targets.decoder.grammar import principles_schema

        return Hold(schema=principles_schema(space, names=prompt.names))
    return Hold()


def is_held(mode: Mode) -> bool:
    """Whether the answer in a mode is a file alone, with no words around it."""
    return mode != "plain"


def messages_for(prompt: Prompt, mode: Mode) -> tuple[Message, ...]:
    """The messages of a prompt as they are sent in a mode."""
    if mode != "json_schema":
        return prompt.messages
    *before, last = prompt.messages
    said = f"{last.content}\n\nGive the file as JSON of the schema that you were given, instead of as text."
    return (*before, Message(last.role, said))


def file_in(reply: str, space: Space, prompt: Prompt, mode: Mode) -> str:
    """The principle file that a reply in a mode holds, or the reply itself where it is to be looked for in its text.

    Raises:
        LaptError: E869, it is neither JSON of the schema nor holds a file.
    """
    if mode != "json_schema":
        return reply
    from lapt_dsl.compiler.targets.decoder.grammar import principles_from_json

    try:
        return principles_from_json(reply, space, extends=prompt.extends, names=prompt.names, file=prompt.name)
    except LaptError:
        # A server that does not honour the schema may still have answered with a file.
        if answer(reply) is None:
            raise
        return reply
