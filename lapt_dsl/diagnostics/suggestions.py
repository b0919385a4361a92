"""The known name that an unknown one probably means."""

from __future__ import annotations

from collections.abc import Iterable

_LONGEST = 64
"""Longer names are not compared: a comparison costs the product of the lengths, and no known name is that long."""

_MOST_LISTED = 12


class Suggestions:
    """Suggests known names for at most `budget` different unknown ones, which bounds the cost of a hostile text."""

    def __init__(self, budget: int = 200) -> None:
        self._budget = budget
        self._answers: dict[tuple[str, tuple[str, ...]], str | None] = {}

    def closest(self, word: str, known: Iterable[str]) -> str | None:
        """The known name nearest to `word`, or None if none is near."""
        names = tuple(known)
        key = (word, names)
        if key not in self._answers:
            if len(word) > _LONGEST or len(self._answers) >= self._budget:
                return None
            import difflib

            lowered: dict[str, str] = {}
            for name in names:
                lowered.setdefault(name.lower(), name)
            nearest = difflib.get_close_matches(word.lower(), lowered, n=1, cutoff=0.6)
            self._answers[key] = lowered[nearest[0]] if nearest else None
        return self._answers[key]

    def hint(self, word: str, known: Iterable[str], what: str) -> str:
        """The hint for an unknown `word`: the nearest known name, otherwise a list of the known names."""
        names = tuple(known)
        near = self.closest(word, names)
        if near is not None:
            return f"did you mean `{near}`?"
        return f"there are no {what} here" if not names else f"{what}: {listed(names)}"


def listed(names: Iterable[str]) -> str:
    """Names joined by commas; a long list is shortened.

    >>> listed(["skip", "conv3x3"])
    'skip, conv3x3'
    """
    every = tuple(names)
    shown = ", ".join(every[:_MOST_LISTED])
    return shown if len(every) <= _MOST_LISTED else f"{shown} and {len(every) - _MOST_LISTED} more"


def shortened(word: str) -> str:
    """A name from the text, truncated if it is too long for a message."""
    return word if len(word) <= _LONGEST else f"{word[: _LONGEST - 1]}…"
