"""Words for people: what could stand in a place, and what stands there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lapt_dsl.language.forms.keywords import groups
from lapt_dsl.language.forms.vocabulary import ADVICE, HUMAN
from lapt_dsl.language.parsing.parse_table import END

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lapt_dsl.language.parsing.parse_table import ParseTable

MOST_SHOWN = 5


class Describer:
    """Describes the terminals of one language."""

    def __init__(self, table: ParseTable) -> None:
        self.table = table
        self.text = {kind: text for text, kind in table.literals.items()}

    def expected(self, kinds: set[str]) -> str:
        """`a rule or `}``: the terminals `kinds`, the ones that belong together under one label, at most five."""
        left = set(kinds)
        labels: list[str] = []
        for label, group in groups(self.table.language):
            # Where any name may stand, words that may be names say nothing.
            if group <= left and ("NAME" in group or "NAME" not in left or not group <= self.table.soft):
                labels.append(label)
                left -= group
                if "NAME" in group:
                    left -= self.table.soft
        if "NAME" in left:
            labels.append(HUMAN["NAME"])
            left -= self.table.soft | {"NAME"}
        words = sorted((kind for kind in left if kind != END), key=self._order)
        labels += [self.kind(kind) for kind in words]
        if END in left and not labels:
            labels.append(HUMAN[END])
        if len(labels) > MOST_SHOWN:
            return ", ".join(labels[: MOST_SHOWN - 1]) + " or another word of the language"
        return join(labels)

    def advice(self, kinds: set[str]) -> str:
        """What to write where the terminals `kinds` may stand."""
        for needed, advice in ADVICE[self.table.language]:
            if needed in kinds:
                return advice
        if len(kinds) == 1:
            return f"put {self.expected(kinds)} here"
        return "write one of these, or remove what stands here"

    def kind(self, kind: str) -> str:
        """One terminal."""
        text = self.text.get(kind)
        return f"`{text}`" if text is not None else HUMAN.get(kind, "a word of the language")

    def found(self, kind: str, text: str) -> str:
        """The token that stands there."""
        if kind == END:
            return "the end of the file"
        if kind == "STRING":
            return "a string"
        return f"`{shorten(text)}`"

    def near(self, word: str, kinds: set[str]) -> str | None:
        """The keyword among the terminals `kinds` that `word` is most like, or None."""
        from difflib import get_close_matches

        words = sorted(self.text[kind] for kind in kinds if kind in self.text and self.text[kind].isalpha())
        if word.lower() in words:
            return word.lower()
        return next(iter(get_close_matches(word.lower()[:64], words, 1, 0.7)), None)

    def _order(self, kind: str) -> tuple[bool, str]:
        # Signs last: a person looks for a word first.
        text = self.text.get(kind, "")
        return (not text[:1].isalpha() and text != "", text)


def join(items: Iterable[str]) -> str:
    """`a, b or c`."""
    words = list(items)
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} or {words[-1]}"


def shorten(text: str, length: int = 40) -> str:
    """The text on one line, cut at `length`, unprintable characters escaped."""
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text[: length + 1])
    return shown if len(shown) <= length else shown[: length - 3] + "..."
