"""Layered decision diagrams: exact sets of words, kept canonical so that equal sets are the same node.

A word has one label per level. A node at level i says, for each label of that level, which node at level i + 1 follows;
node 0 is the empty set, node 1 the set of the empty word. Labels that lead to one child are stored once: a node is a
*pattern* (label -> class, classes numbered by first appearance) and a tuple of children, one per class, all different.
Nodes are unique, so two sets are equal exactly when their roots are equal, and every operation walks pairs of
nodes level by level (no recursion), meeting each pair once.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Final, Protocol
from weakref import WeakValueDictionary

EMPTY: Final = 0
UNIT: Final = 1

DEFAULT_MAX_NODES: Final = 300_000
"""How many states one operation may explore before it is refused: some ten seconds at most."""


class NodeLimitExceeded(Exception):
    """An operation would explore more than `limit` states."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(f"more than {limit} automaton states")


class Automaton(Protocol):
    """A deterministic machine that reads a word level by level.

    `step(level, state)` returns the pattern (as interned by `Diagrams.pattern`) and per class the next state, which is
    any hashable value except an int; an int is a finished node of the next level (`EMPTY`, or a `Diagrams.rest`).
    After the last level every state must be an int: `EMPTY` or `UNIT`.
    """

    start: Hashable

    def step(self, level: int, state: Hashable) -> tuple[int, Sequence[Hashable]]:
        """Read one label of `level` in `state`."""
        ...


class Diagrams:
    """The store of all diagrams over words with `widths[i]` labels at level i."""

    def __init__(self, widths: Sequence[int]) -> None:
        self.widths: Final = tuple(widths)
        self.children: Final[list[tuple[int, ...]]] = [(), ()]
        self.pattern_of: Final[list[tuple[int, ...]]] = [(), ()]
        self._pattern_id_of: list[int] = [-1, -1]
        self._unique: dict[tuple[int, tuple[int, ...]], int] = {}
        self._patterns: dict[tuple[int, ...], int] = {}
        self._pattern_list: list[tuple[int, ...]] = []
        self._class_sizes: list[tuple[int, ...]] = []
        self._joined: dict[tuple[int, int], tuple[int, list[tuple[int, int]]]] = {}
        self._merged: dict[tuple[int, tuple[int, ...]], int] = {}
        self._counts: dict[int, int] = {EMPTY: 0, UNIT: 1}
        self._results: dict[tuple[str, int, int], int] = {}
        self.rest: Final = self._build_rest()
        """`rest[i]` is the set of every word over the levels from i on."""

    @property
    def top(self) -> int:
        """The set of every word."""
        return self.rest[0]

    def _build_rest(self) -> list[int]:
        rest = [UNIT]
        for width in reversed(self.widths):
            rest.append(self.node(self.pattern((0,) * width), (rest[-1],)))
        return rest[::-1]

    # --- patterns and nodes -----------------------------------------------------------------------------------

    def pattern(self, keys: Iterable[Hashable]) -> int:
        """Intern the partition of a level's labels that puts labels with equal keys in one class."""
        first: dict[Hashable, int] = {}
        classes = tuple([first.setdefault(key, len(first)) for key in keys])
        known = self._patterns.get(classes)
        if known is None:
            known = self._patterns[classes] = len(self._pattern_list)
            self._pattern_list.append(classes)
            sizes = [0] * (max(classes, default=-1) + 1)
            for number in classes:
                sizes[number] += 1
            self._class_sizes.append(tuple(sizes))
        return known

    def classes(self, pattern: int) -> tuple[int, ...]:
        """The class of every label under an interned pattern."""
        return self._pattern_list[pattern]

    def node(self, pattern: int, successors: Sequence[int]) -> int:
        """The node with these successors, one per class of `pattern`; equal successors are merged."""
        if not any(successors):
            return EMPTY
        children = tuple(dict.fromkeys(successors))
        if len(children) != len(successors):
            order = {child: number for number, child in enumerate(children)}
            merge = tuple([order[child] for child in successors])
            known = self._merged.get((pattern, merge))
            if known is None:
                known = self.pattern([merge[number] for number in self._pattern_list[pattern]])
                self._merged[pattern, merge] = known
            pattern = known
        key = (pattern, children)
        node = self._unique.get(key)
        if node is None:
            node = self._unique[key] = len(self.children)
            self.children.append(children)
            self.pattern_of.append(self._pattern_list[pattern])
            self._pattern_id_of.append(pattern)
        return node

    def join(self, left: int, right: int) -> tuple[int, list[tuple[int, int]]]:
        """The coarsest pattern finer than two, and per class of it the classes of both it lies in."""
        known = self._joined.get((left, right))
        if known is None:
            pairs = list(zip(self._pattern_list[left], self._pattern_list[right], strict=True))
            known = self._joined[left, right] = (self.pattern(pairs), list(dict.fromkeys(pairs)))
        return known

    # --- building ---------------------------------------------------------------------------------------------

    def build(
        self, automaton: Automaton, max_nodes: int = DEFAULT_MAX_NODES, weigh: Callable[[Hashable], int] | None = None
    ) -> int:
        """The set of words a machine accepts.

        Forward, level by level, over the states that are reached; then backward, making each state a node.
        Raises NodeLimitExceeded when more than `max_nodes` states are reached, each counted as much as `weigh` says.
        """
        if isinstance(automaton.start, int):
            return automaton.start
        layers: list[list[tuple[Hashable, int, Sequence[Hashable]]]] = []
        frontier: dict[Hashable, None] = {automaton.start: None}
        reached = 0
        for level in range(len(self.widths)):
            reached += len(frontier) if weigh is None else sum(map(weigh, frontier))
            if reached > max_nodes:
                raise NodeLimitExceeded(max_nodes)
            layer = []
            following: dict[Hashable, None] = {}
            for state in frontier:
                pattern, successors = automaton.step(level, state)
                layer.append((state, pattern, successors))
                for successor in successors:
                    if not isinstance(successor, int):
                        following[successor] = None
                if reached + len(following) > max_nodes:
                    raise NodeLimitExceeded(max_nodes)
            layers.append(layer)
            frontier = following
        assert not frontier, "a machine must end in EMPTY or UNIT"
        finished: dict[Hashable, int] = {}
        for layer in reversed(layers):
            made: dict[Hashable, int] = {}
            for state, pattern, successors in layer:
                made[state] = self.node(pattern, [s if isinstance(s, int) else finished[s] for s in successors])
            finished = made
        return finished[automaton.start]

    def _apply(self, name: str, left: int, right: int, shortcut: Shortcut, max_nodes: int) -> int:
        known = self._results.get((name, left, right))
        if known is None:
            known = self.build(_Pair(self, left, right, shortcut), max_nodes)
            self._results[name, left, right] = known
        return known

    def intersection(self, left: int, right: int, max_nodes: int = DEFAULT_MAX_NODES) -> int:
        """Words in both sets."""
        if left > right:
            left, right = right, left
        return self._apply("&", left, right, _and, max_nodes)

    def union(self, left: int, right: int, max_nodes: int = DEFAULT_MAX_NODES) -> int:
        """Words in either set."""
        if left > right:
            left, right = right, left
        return self._apply("|", left, right, _or, max_nodes)

    def difference(self, left: int, right: int, max_nodes: int = DEFAULT_MAX_NODES) -> int:
        """Words in `left` that are not in `right`."""
        return self._apply("-", left, right, _minus, max_nodes)

    def complement(self, root: int, max_nodes: int = DEFAULT_MAX_NODES) -> int:
        """Words that are not in the set."""
        return self.difference(self.top, root, max_nodes)

    # --- reading ----------------------------------------------------------------------------------------------

    def levels(self, root: int) -> list[list[int]]:
        """Every node reachable from `root`, level by level, each once, in order of discovery."""
        if root == EMPTY:
            return [[] for _ in self.widths]
        layers = [[root]]
        for _ in range(len(self.widths) - 1):
            seen: dict[int, None] = {}
            for node in layers[-1]:
                for child in self.children[node]:
                    if child:
                        seen[child] = None
            layers.append(list(seen))
        return layers

    def count(self, root: int) -> int:
        """How many words the set holds, exactly."""
        counts = self._counts
        if root in counts:
            return counts[root]
        for layer in reversed(self.levels(root)):
            for node in layer:
                if node not in counts:
                    sizes = self._class_sizes[self._pattern_id_of[node]]
                    counts[node] = sum(
                        size * counts[child] for size, child in zip(sizes, self.children[node], strict=True)
                    )
        return counts[root]

    def step(self, node: int, label: int) -> int:
        """The node after reading `label` in `node`."""
        return self.children[node][self.pattern_of[node][label]]

    def contains(self, root: int, word: Sequence[int]) -> bool:
        """Whether the set holds a word."""
        children, pattern_of = self.children, self.pattern_of
        node = root
        for label in word:
            if node == EMPTY:
                return False
            node = children[node][pattern_of[node][label]]
        return node == UNIT

    def size(self, root: int) -> int:
        """How many nodes the diagram has."""
        return sum(len(layer) for layer in self.levels(root))


Shortcut = Callable[[Diagrams, int, int, int], int | None]


class _Pair:
    """Two diagrams walked together; `shortcut` decides a pair early, or the leaves."""

    def __init__(self, store: Diagrams, left: int, right: int, shortcut: Shortcut) -> None:
        self.store = store
        self.shortcut = shortcut
        decided = shortcut(store, 0, left, right)
        self.start: Hashable = (left, right) if decided is None else decided

    def step(self, level: int, state: Hashable) -> tuple[int, Sequence[Hashable]]:
        assert isinstance(state, tuple)
        store, shortcut = self.store, self.shortcut
        left, right = state
        lefts, rights = store.children[left], store.children[right]
        pattern, pairs = store.join(store._pattern_id_of[left], store._pattern_id_of[right])
        successors: list[Hashable] = []
        for i, j in pairs:
            one, other = lefts[i], rights[j]
            decided = shortcut(store, level + 1, one, other)
            successors.append((one, other) if decided is None else decided)
        return pattern, successors


def _and(store: Diagrams, level: int, left: int, right: int) -> int | None:
    if left == EMPTY or right == EMPTY:
        return EMPTY
    rest = store.rest[level]
    if left == right or right == rest:
        return left
    return right if left == rest else None


def _or(store: Diagrams, level: int, left: int, right: int) -> int | None:
    if left == EMPTY:
        return right
    if right == EMPTY or left == right:
        return left
    rest = store.rest[level]
    return rest if rest in (left, right) else None


def _minus(store: Diagrams, level: int, left: int, right: int) -> int | None:
    if left in (EMPTY, right) or right == store.rest[level]:
        return EMPTY
    return left if right == EMPTY else None


_SHARED: WeakValueDictionary[tuple[str, tuple[int, ...]], Diagrams] = WeakValueDictionary()


def shared_diagrams(digest: str, widths: Sequence[int]) -> Diagrams:
    """The one store of a space, so that refined spaces compiled apart can be compared node by node."""
    key = (digest, tuple(widths))
    store = _SHARED.get(key)
    if store is None:
        store = _SHARED[key] = Diagrams(widths)
    return store
