"""Machines for rules on the layers themselves: per-layer sets, counts, agreement."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from lapt_dsl.compiler.automata.diagram import EMPTY, Diagrams
from lapt_dsl.compiler.lowering.constraints import AgreementConstraint, Allowed, CountConstraint


class _Everything:
    def __contains__(self, label: object) -> bool:
        return True


_EVERY = _Everything()


def allowed(store: Diagrams, constraint: Allowed) -> int:
    """Words whose listed levels carry an allowed label. The diagram is a chain, made from its end without a search."""
    sets: dict[int, frozenset[int] | _Everything] = {}
    for level, labels in constraint.labels:
        known = sets.get(level)
        sets[level] = known & labels if isinstance(known, frozenset) else labels
    if not sets:
        return store.top
    node = store.rest[max(sets) + 1]
    for level in range(max(sets), -1, -1):
        flags = [label in sets.get(level, _EVERY) for label in range(store.widths[level])]
        node = store.node(store.pattern(flags), [node if flag else EMPTY for flag in dict.fromkeys(flags)])
    return node


class CountAutomaton:
    """Counts listed levels that carry a label of their set; the state is the count, saturated at what still matters."""

    def __init__(self, store: Diagrams, constraint: CountConstraint) -> None:
        self.store = store
        self.low, self.high = constraint.low, constraint.high
        self.sets = dict(constraint.labels)
        self.left = [0] * (len(store.widths) + 1)
        for level in range(len(store.widths) - 1, -1, -1):
            self.left[level] = self.left[level + 1] + (level in self.sets)
        self.start: Hashable = self._state(0, 0)

    def _state(self, level: int, count: int) -> Hashable:
        left = self.left[level]
        if (self.high is not None and count > self.high) or count + left < self.low:
            return EMPTY
        if count >= self.low and (self.high is None or count + left <= self.high):
            return self.store.rest[level]
        # With no upper bound a state above `low` cannot be reached here, so the count is already saturated.
        return ("count", count)

    def step(self, level: int, state: Hashable) -> tuple[int, Sequence[Hashable]]:
        """Read one level."""
        assert isinstance(state, tuple)
        count: int = state[1]
        width = self.store.widths[level]
        inside = self.sets.get(level)
        if inside is None:
            return self.store.pattern((0,) * width), [self._state(level + 1, count)]
        flags = [label in inside for label in range(width)]
        return self.store.pattern(flags), [self._state(level + 1, count + flag) for flag in dict.fromkeys(flags)]


class AgreementAutomaton:
    """Same or distinct operators: the state is the one class seen, or the set of classes seen."""

    start: Hashable = ("seen", frozenset())

    def __init__(self, store: Diagrams, constraint: AgreementConstraint) -> None:
        self.store = store
        self.classes = dict(constraint.classes)
        self.distinct = constraint.distinct
        self.last = max(self.classes, default=-1)

    def step(self, level: int, state: Hashable) -> tuple[int, Sequence[Hashable]]:
        """Read one level."""
        assert isinstance(state, tuple)
        seen: frozenset[int] = state[1]
        if level > self.last:
            return self.store.pattern((0,) * self.store.widths[level]), [self.store.rest[level + 1]]
        classes = self.classes.get(level)
        if classes is None:
            classes = (None,) * self.store.widths[level]
        return self.store.pattern(classes), [self._next(level, seen, c) for c in dict.fromkeys(classes)]

    def _next(self, level: int, seen: frozenset[int], label_class: int | None) -> Hashable:
        if label_class is not None:
            if (label_class in seen) if self.distinct else (seen and label_class not in seen):
                return EMPTY
            seen = seen | {label_class}
        return self.store.rest[level + 1] if level >= self.last else ("seen", seen)
