"""What the builders of both languages share: every production of the grammars that both have."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from lapt_dsl.language import tree as t
from lapt_dsl.language.forms.vocabulary import MAX_DIGITS
from lapt_dsl.language.parsing.trivia import Trivia

if TYPE_CHECKING:
    from collections.abc import Callable

    from lapt_dsl.diagnostics.span import Span
    from lapt_dsl.language.parsing.lexer import Tokens
    from lapt_dsl.language.parsing.source_text import SourceText


class Builder:
    """Turns each reduction of the parser into a tree node.

    The method `_p` builds the production `p` and takes the values of the production's non-terminals and the
    indices of its first and last token. Repeated parts arrive in one list, in order.
    """

    def __init__(self, source: SourceText, tokens: Tokens) -> None:
        self.source = source
        self.tokens = tokens
        self.trivia = Trivia(source.text, tokens)

    def method(self, production: str) -> Callable[[list[Any], int, int], Any] | None:
        """The method for a production, or None where its only part is its value."""
        return getattr(self, f"_{production}", None)

    def span(self, first: int, last: int) -> Span:
        """The span of the tokens `first` to `last`."""
        return self.source.span(self.tokens.starts[first], self.tokens.ends[last])

    def word(self, token: int) -> str:
        """The text of a token, or what a misspelt one was read as."""
        if token in self.tokens.replaced:
            return self.tokens.replaced[token]
        return self.source.text[self.tokens.starts[token] : self.tokens.ends[token]]

    def block(self, what: str, first: int, last: int, content: list[Any]) -> t.Comments:
        """Comments of a node whose block ends at `last`; a block without a token in it is reported (E016)."""
        # Recovery can put in a `{` that is not there.
        opened = next((at for at in range(first, last) if self.tokens.kinds[at] == "LBRACE"), None)
        if opened is not None and not content and last == opened + 1 and self.tokens.kinds[last] == "RBRACE":
            starts, ends = self.tokens.starts, self.tokens.ends
            self.source.add(
                "E016", f"{what} is empty", starts[opened], ends[last], hint="say something in it or remove it"
            )
        return self.trivia.block(first, last, opened)

    def _name(self, _: list[Any], first: int, last: int) -> t.Name:
        """NAME, or a word of the language that may be one."""
        return t.Name(self.word(first), span=self.span(first, last))

    def _node_name(self, values: list[Any], first: int, last: int) -> t.Name:
        """A name that is not `output`."""
        return self._name(values, first, last)

    def _names(self, values: list[Any], *_: int) -> list[Any]:
        """`a, b`."""
        return values

    def _integer(self, _: list[Any], first: int, *__: int) -> int:
        """A whole number; one that is too long has been reported and is cut."""
        digits = self.word(first)
        return int(digits[:MAX_DIGITS]) if digits.isdigit() else 0

    def _string(self, _: list[Any], first: int, *__: int) -> str:
        """The text between the quotes, escapes resolved."""
        raw = self.word(first)
        inner = raw[1:-1] if len(raw) > 1 and raw.endswith('"') else raw[1:]
        return re.sub(r'\\(["\\])', r"\1", inner) if "\\" in inner else inner

    def _range(self, values: list[Any], *_: int) -> tuple[int, int]:
        """`3` or `0..2`."""
        return (values[0], values[-1])

    def _ranges(self, values: list[Any], first: int, last: int) -> t.Ranges:
        """`0..2, 5`."""
        return t.Ranges(tuple(values), span=self.span(first, last))

    def _index(self, values: list[Any], first: int, last: int) -> t.Ranges:
        """A single index."""
        return t.Ranges(((values[0], values[0]),), span=self.span(first, last))
