"""Sending an answer back: what was written, what is wrong with it, and the same question for a whole corrected file."""

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

FINDINGS = 8
"""So many findings are sent back; a model that mends these has mended most of the rest."""

# Whether the digest is repeated, how many findings and how many characters of the answer: what is tried, longest first.
_CUTS = ((True, FINDINGS, LONG), (False, FINDINGS, LONG), (False, 4, 4_000), (False, 2, 1_000), (False, 1, 200))


def repair_prompt(
    space: Space,
    asked: Prompt,
    text: str,
    findings: Sequence[Diagnostic],
    *,
    file: str = "answer.lp",
    numbers: Sequence[str] = (),
    constrained: bool = False,
    budget_tokens: int = BUDGET,
    count: Count = estimated_tokens,
) -> Prompt:
    """The question for a corrected answer.

    Args:
        space: The space.
        asked: The prompt that was answered (not an earlier repair: what it asked for is repeated).
        text: The answer, or the file that was found in it.
        findings: What is wrong with it; their spans speak of `text` under the name `file`.
        file: That name.
        numbers: Further sentences on what the answer means, such as how many architectures it leaves.
        constrained: The server holds the model to the grammar.
        budget_tokens: What the messages may take, by `count`. The digest is left out first, then findings and text from
            their ends.
        count: Counts the tokens of a text.

    Raises:
        LaptError: E891, it does not fit the budget.
    """
    system = system_message(space)
    tokens = 0
    for evidence, most, characters in _CUTS:
        shown = block(text, "lapt", characters)
        said = _text(space, asked, shown, _findings(text, findings[:most], file, len(findings)), numbers)
        parts = [said, asked.evidence] if evidence and asked.evidence else [said]
        parts += [_request(asked), closing(space, asked.name, asked.extends, constrained)]
        messages = (system, Message("user", "\n\n".join(parts)))
        tokens = counted(messages, count)
        if tokens <= budget_tokens:
            return Prompt(
                "repair", messages, tokens, 0, asked.shown + asked.left_out, asked.name, asked.extends, asked.names,
                asked.goal, asked.evidence,
            )  # fmt: skip
    raise too_long(tokens, budget_tokens)


def _text(space: Space, asked: Prompt, text: str, findings: str, numbers: Sequence[str]) -> str:
    parts = [
        f"# Task: correct your file\n\nYou were asked to {asked.goal}, over the space `{space.name}`. You wrote:",
        text,
    ]
    if findings:
        parts += ["The compiler says (file:line:column):", findings]
    if numbers:
        parts += ["What is wrong with it as a whole:", "\n".join(f"- {one_line(number, 400)}" for number in numbers)]
    return "\n\n".join(parts)


def _findings(text: str, findings: Sequence[Diagnostic], file: str, total: int) -> str:
    if not findings:
        return ""
    said = render(findings, {file: text}).rstrip()
    if total > len(findings):
        said += f"\n... and {total - len(findings)} more"
    return block(said)


def _request(asked: Prompt) -> str:
    said = "Correct every one of these and keep what is right. Write the whole file again, not only what changes."
    if asked.extends is not None:
        said += f"\n\n{inheritance(asked.names)}"
    return f"## Your answer\n\n{said}"
