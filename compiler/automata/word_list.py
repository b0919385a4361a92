"""The set of listed words as an automaton: for sets that come from data, such as the rows of a table."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Iterable, Sequence

from lapt_dsl.compiler.automata.diagram import EMPTY, UNIT, Diagrams


class _Listed:
    """Reads a word by narrowing a range of the sorted list: a state is the range that the labels so far leave."""

    def __init__(self, store: Diagrams, words: Sequence[tuple[int, ...]]) -> None:
        self._store, self._words = store, words
        self.start: Hashable = (0, len(words)) if words else EMPTY

    def step(self, level: int, state: Hashable) -> tuple[int, Sequence[Hashable]]:
        assert isinstance(state, tuple)
        words, (low, high) = self._words, state
        last = level + 1 == len(self._store.widths)
        following: list[Hashable] = [EMPTY] * self._store.widths[level]
        while low < high:
            label = words[low][level]
            end = bisect_right(words, label, low, high, key=lambda word: word[level])
            following[label] = UNIT if last else (low, end)
            low = end
        return self._store.pattern(following), list(dict.fromkeys(following))


def set_of_words(store: Diagrams, words: Iterable[tuple[int, ...]]) -> int:
    """The set of exactly these words, each with one label per level.

    The work grows with the number of words and levels only, so there is no limit on states to reach.

    >>> store = Diagrams([2, 2, 2])
    >>> store.count(set_of_words(store, [(0, 1, 1), (1, 0, 0), (0, 1, 1)]))
    2
    """
    ordered = sorted(set(words))
    return store.build(_Listed(store, ordered), max_nodes=(len(ordered) + 1) * (len(store.widths) + 1))
