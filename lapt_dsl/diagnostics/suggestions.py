"""Which known name the author probably meant."""

from __future__ import annotations

from collections.abc import Iterable

_LONGEST = 64
"""Longer words are not compared: a comparison costs the product of the lengths, and no real name is that long."""

_MOST_LISTED = 12


class Suggestions:
    """Answers 'did you mean' for unknown words, at most `budget` different ones, so that a hostile text stays cheap."""

    def __init__(self, budget: int = 200) -> None:
        self._budget = budget
        self._answers: dict[tuple[str, tuple[str, ...]], str | None] = {}

    def closest(self, word: str, known: Iterable[str]) -> str | None:
        """The known name nearest to `word`, or None when none is near."""
        names = tuple(known)
        key = (word, names)
        if key not in self._answers:
            if len(word) > _LONGEST or len(self._answers) >= self._budget:
                return None
            import difflib

            lowered: dict[str, str] = {}
            for name in names:
                lowered.setdefault(name.lower(), name)
            found = difflib.get_close_matches(word.lower(), lowered, n=1, cutoff=0.6)
            self._answers[key] = lowered[found[0]] if found else None
        return self._answers[key]

    def hint(self, word: str, known: Iterable[str], what: str) -> str:
        """A remedy for an unknown `word`: the name that was probably meant, else what there is."""
        names = tuple(known)
        near = self.closest(word, names)
        if near is not None:
            return f"did you mean `{near}`?"
        return f"there are no {what} here" if not names else f"{what}: {listed(names)}"


def listed(names: Iterable[str]) -> str:
    """Names as a sentence lists them, shortened when there are many.

    >>> listed(["skip", "conv3x3"])
    'skip, conv3x3'
    """
    every = tuple(names)
    shown = ", ".join(every[:_MOST_LISTED])
    return shown if len(every) <= _MOST_LISTED else f"{shown} and {len(every) - _MOST_LISTED} more"


def shortened(word: str) -> str:
    """A name from the text, cut where it is too long to be shown in a message."""
    return word if len(word) <= _LONGEST else f"{word[: _LONGEST - 1]}…"
