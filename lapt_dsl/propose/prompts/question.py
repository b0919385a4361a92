"""Assembly of a prompt from its parts, within a token budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

from lapt_dsl.compiler.space.model import Space
from lapt_dsl.propose.archive import Scored
from lapt_dsl.propose.exchange import Message, Task
from lapt_dsl.propose.prompts.answer import closing, inheritance, system_message
from lapt_dsl.propose.prompts.digest import digest_lines
from lapt_dsl.propose.prompts.listing import by_information, layer_by_layer, listed, score_text
from lapt_dsl.propose.prompts.prompt import Prompt
from lapt_dsl.propose.prompts.quoting import SHORT, block, one_line
from lapt_dsl.propose.prompts.tokens import BUDGET, Count, estimated_tokens, fit

LISTED = 8
"""Default number of architectures listed beside a digest."""


class PromptParts(TypedDict, total=False):
    """The fields of `Options` as keyword arguments."""

    digest: bool
    budget_tokens: int
    constrained: bool
    listed: int | None
    count: Count


@dataclass(frozen=True, slots=True)
class Options:
    """Options of a prompt.

    Attributes:
        digest: Whether to add the digest.
        budget_tokens: Maximum tokens of the messages, by `count`.
        constrained: Whether a grammar constrains the reply. The prompt then asks for the file without a block.
        listed: Maximum number of architectures; None means LISTED beside a digest, and all without one.
        count: Counts the tokens of a text. The default is an upper estimate.
    """

    digest: bool = True
    budget_tokens: int = BUDGET
    constrained: bool = False
    listed: int | None = None
    count: Count = estimated_tokens


@dataclass(frozen=True)
class Question:
    """The content of a prompt, before it is reduced to the budget.

    `parts` come first and are never reduced. `best` is ranked, and `rest` is its contrast. `principles` are those in
    force, if any, and `leaves` describes the size of their refined space.
    """

    task: Task
    space: Space
    name: str
    goal: str
    parts: tuple[str, ...]
    steps: str
    best: Sequence[Scored]
    rest: Sequence[Scored]
    extends: str | None = None
    names: tuple[str, ...] = ()
    principles: str = ""
    leaves: str = ""

    def prompt(self, options: Options) -> Prompt:
        """Reduce to the budget: first the least informative architectures, then the end of the digest.

        If that is not enough, the end of the principles in force is replaced by a note. Long principles must not stop a
        search, and the prompt lists the remaining candidates of each layer in any case.
        """
        lines = self._digest() if options.digest else []
        limit = options.listed if options.listed is not None else LISTED if lines else len(self.best)
        most = min(len(self.best), max(1, limit))
        order = by_information(self.best)
        system = system_message(self.space)

        def build(kept: Sequence[int]) -> tuple[Message, ...]:
            shown = sorted(order[: kept[0]])
            return system, Message("user", self._text(shown, lines[: kept[1]], kept[2], options.constrained))

        longest = (most, len(lines), len(self.principles.splitlines()))
        fitted = fit(build, longest, (min(1, most), 0, 0), options.budget_tokens, options.count)
        shown, of_digest, _ = fitted.kept
        return Prompt(
            self.task,
            fitted.messages,
            fitted.tokens,
            shown,
            len(self.best) - shown,
            self.name,
            self.extends,
            self.names,
            self.goal,
            _digest_text(lines[:of_digest], len(self.best), len(self.rest)),
        )

    def _digest(self) -> list[str]:
        if not self.best:
            return []
        rest = [entry.arch for entry in self.rest]
        return digest_lines(self.space, [entry.arch for entry in self.best], rest)

    def _text(self, shown: Sequence[int], lines: Sequence[str], of_principles: int, constrained: bool) -> str:
        parts = [*self.parts]
        if self.extends is not None:
            parts.insert(1, self._in_force(of_principles))
        if self.best:
            parts += self._architectures(shown)
        parts += [text] if (text := _digest_text(lines, len(self.best), len(self.rest))) else []
        parts += [f"## What to do\n\n{self.steps}", "## Your answer"]
        if self.extends is not None:
            parts.append(inheritance(self.names))
        parts.append(closing(self.space, self.name, self.extends, constrained))
        return "\n\n".join(parts)

    def _in_force(self, most: int) -> str:
        lines = self.principles.splitlines()
        kept = lines[:most]
        if len(kept) < len(lines):
            kept.append(f"// ... and {len(lines) - len(kept)} more lines")
        about = f"File `{one_line(self.extends or '')}`, with all files that it extends. {self.leaves}"
        text = block("\n".join(kept), "lapt", len(self.principles) + SHORT)
        return f"## Principles in force\n\n{about}\n\n{text}"

    def _architectures(self, shown: Sequence[int]) -> list[str]:
        rows = [listed(place + 1, self.best[place]) for place in shown]
        which = (
            f"{len(shown)} of the {len(self.best)} best" if len(shown) < len(self.best) else f"The {len(shown)} best"
        )
        title = "## Architectures" if self.task == "learn" else "## Best architectures found"
        first = self.best[0]
        best = f"The best one, with a score of {score_text(first.score)}, layer by layer:"
        # A list of one architecture would repeat it.
        several = ["\n".join([f"{which}, as layer lists:", "", *rows])] if len(shown) > 1 else []
        return [title, *several, f"{best}\n\n{layer_by_layer(first.arch)}"]


def _digest_text(lines: Sequence[str], best: int, rest: int) -> str:
    """The digest with its heading; empty if there is none."""
    if not lines:
        return ""
    compared = f", compared with {rest:,} others (elsewhere)" if rest else ", compared with chance (elsewhere)"
    return "\n".join([f"## Digest, counted by a program over the {best} best{compared}", "", *lines])
