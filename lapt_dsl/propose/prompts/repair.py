"""Repair prompts: the answer, its diagnostics, and the request for a corrected file."""

from __future__ import annotations

from collections.abc import Sequence

from lapt_dsl.compiler.space.model import Space
from lapt_dsl.diagnostics.diagnostic import Diagnostic
from lapt_dsl.diagnostics.render import render
from lapt_dsl.propose.exchange import Message
from lapt_dsl.propose.prompts.answer import closing, inheritance, system_message
from lapt_dsl.propose.prompts.prompt import Prompt
from lapt_dsl.propose.prompts.quoting import LONG, block, one_line
from lapt_dsl.propose.prompts.tokens import BUDGET, Count, counted, estimated_tokens, too_long

DIAGNOSTICS = 8
"""Maximum number of diagnostics sent back. A model that corrects these usually corrects the rest."""

# Variants to try, longest first: whether the digest is repeated, number of diagnostics, characters of the answer.
_CUTS = ((True, DIAGNOSTICS, LONG), (False, DIAGNOSTICS, LONG), (False, 4, 4_000), (False, 2, 1_000), (False, 1, 200))


def repair_prompt(
    space: Space,
    asked: Prompt,
    text: str,
    diagnostics: Sequence[Diagnostic],
    *,
    file: str = "answer.lp",
    numbers: Sequence[str] = (),
    constrained: bool = False,
    budget_tokens: int = BUDGET,
    count: Count = estimated_tokens,
) -> Prompt:
    """The prompt for a corrected answer.

    Args:
        space: The space.
        asked: The prompt that was answered, not an earlier repair prompt, since its question is repeated.
        text: The answer, or the file in it.
        diagnostics: The diagnostics. Their spans refer to `text` under the name `file`.
        file: Name of the answer in diagnostics.
        numbers: Further sentences about the answer as a whole, such as the size of its refined space.
        constrained: Whether a grammar constrains the reply.
        budget_tokens: Maximum tokens of the messages, by `count`. The digest is omitted first, then the ends of the
            diagnostics and of the text.
        count: Counts the tokens of a text.

    Raises:
        LaptError: E891, the prompt does not fit the budget.
    """
    system = system_message(space)
    tokens = 0
    for evidence, most, characters in _CUTS:
        shown = block(text, "lapt", characters)
        shown_text = _text(space, asked, shown, _diagnostics(text, diagnostics[:most], file, len(diagnostics)), numbers)
        parts = [shown_text, asked.evidence] if evidence and asked.evidence else [shown_text]
        parts += [_request(asked), closing(space, asked.name, asked.extends, constrained)]
        messages = (system, Message("user", "\n\n".join(parts)))
        tokens = counted(messages, count)
        if tokens <= budget_tokens:
            return Prompt(
                "repair", messages, tokens, 0, asked.shown + asked.left_out, asked.name, asked.extends, asked.names,
                asked.goal, asked.evidence,
            )  # fmt: skip
    raise too_long(tokens, budget_tokens)


def _text(space: Space, asked: Prompt, text: str, diagnostics: str, numbers: Sequence[str]) -> str:
    parts = [
        f"# Task: correct your file\n\nYou were asked to {asked.goal}, over the space `{space.name}`. You wrote:",
        text,
    ]
    if diagnostics:
        parts += ["Diagnostics of the compiler (file:line:column):", diagnostics]
    if numbers:
        parts += ["Problems of the file as a whole:", "\n".join(f"- {one_line(number, 400)}" for number in numbers)]
    return "\n\n".join(parts)


def _diagnostics(text: str, diagnostics: Sequence[Diagnostic], file: str, total: int) -> str:
    if not diagnostics:
        return ""
    shown_text = render(diagnostics, {file: text}).rstrip()
    if total > len(diagnostics):
        shown_text += f"\n... and {total - len(diagnostics)} more"
    return block(shown_text)


def _request(asked: Prompt) -> str:
    shown_text = "Correct all of these and keep the correct parts. Write the whole file again, not only the changes."
    if asked.extends is not None:
        shown_text += f"\n\n{inheritance(asked.names)}"
    return f"## Your answer\n\n{shown_text}"
