"""Path rules: small automata run along every live path at once, as a set of states per node.

A cell has exponentially many paths, so they are not enumerated. Each node keeps the set of states in which the automata
can be after some path to it, as in the subset construction of automata theory. Paths in the same state have the same
continuations, and `covers` removes states that cannot change the result."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from lapt_dsl.compiler.automata.diagram import EMPTY, Diagrams
from lapt_dsl.compiler.automata.stacked import with_parts
from lapt_dsl.compiler.lowering.constraints import AgreementConstraint, Allowed, CountConstraint, OnPath
from lapt_dsl.compiler.space.model import Cell, Layer, Space

PredicateState = Hashable
"""The state of one predicate after a path; None means that it has failed."""

PathStates = frozenset[Hashable]
"""The joint states (one per predicate, or None for a failed path) of the live paths that reach a node."""

Arc = tuple[int, tuple[Hashable, ...]]
"""A step of a path: its source node, and per predicate the symbol that the layer shows to it."""


_NOTHING: PathStates = frozenset()

_MIXED: PathStates = frozenset({(frozenset({-1, -2}),)})
"""Under `every path: same operator`: paths with different operators meet, so one of them fails in any case."""


class _AllowedOnPath:
    """The automaton of one predicate. `covers(one, other)`: what follows and accepts `other` accepts `one`."""

    start: PredicateState = True

    def __init__(self, predicate: Allowed) -> None:
        self.sets = dict(predicate.labels)

    def seen(self, level: int, symbol: int) -> Hashable:
        inside = self.sets.get(level)
        return inside is None or symbol in inside

    def step(self, seen: Hashable, reading: PredicateState) -> PredicateState | None:
        return reading if seen else None

    def accepts(self, reading: PredicateState) -> bool:
        return True

    def covers(self, one: PredicateState, other: PredicateState) -> bool:
        return True


class _CountOnPath:
    start: PredicateState = 0

    def __init__(self, predicate: CountConstraint) -> None:
        self.sets = dict(predicate.labels)
        self.low, self.high = predicate.low, predicate.high

    def seen(self, level: int, symbol: int) -> Hashable:
        return symbol in self.sets.get(level, ())

    def step(self, seen: Hashable, reading: PredicateState) -> PredicateState | None:
        assert isinstance(reading, int)
        count = reading + bool(seen)
        if self.high is None:
            return min(count, self.low)
        return count if count <= self.high else None

    def accepts(self, reading: PredicateState) -> bool:
        assert isinstance(reading, int)
        return reading >= self.low

    def covers(self, one: PredicateState, other: PredicateState) -> bool:
        assert isinstance(one, int)
        assert isinstance(other, int)
        if self.high is None:
            return one >= other
        return one <= other if self.low == 0 else one == other


class _AgreeOnPath:
    start: PredicateState = frozenset()

    def __init__(self, predicate: AgreementConstraint) -> None:
        self.classes = dict(predicate.classes)
        self.distinct = predicate.distinct

    def seen(self, level: int, symbol: int) -> Hashable:
        classes = self.classes.get(level)
        return None if classes is None else classes[symbol]

    def step(self, seen: Hashable, reading: PredicateState) -> PredicateState | None:
        assert isinstance(reading, frozenset)
        if seen is None:
            return reading
        if (seen in reading) if self.distinct else (reading and seen not in reading):
            return None
        return reading | {seen}

    def accepts(self, reading: PredicateState) -> bool:
        return True

    def covers(self, one: PredicateState, other: PredicateState) -> bool:
        assert isinstance(one, frozenset)
        assert isinstance(other, frozenset)
        return one <= other if self.distinct else not one or one == other


class PathAutomaton:
    """`some path` or `every path` of one cell.

    For every node that a later layer may read, the state holds the joint states of all predicates over the live paths
    to it, without those that another one covers. A path is decided when it arrives at the end: the first accepted path
    satisfies `some`, and the first rejected path violates `every`. Under `every` a failed path is kept as None, since
    it violates the rule only if it arrives.
    """

    def __init__(self, store: Diagrams, space: Space, constraint: OnPath) -> None:
        cell = space.cell(constraint.cell)
        assert cell is not None
        self.store, self.cell, self.every = store, cell, constraint.quantifier == "every"
        self.predicates = [_automaton(predicate) for predicate in constraint.predicates]
        alone = constraint.predicates[0] if len(constraint.predicates) == 1 else None
        self.same_alone = self.every and isinstance(alone, AgreementConstraint) and not alone.distinct
        self.layers = {layer.decision: layer for layer in cell.operator_layers}
        self.first, self.last = min(self.layers, default=0), max(self.layers, default=-1)
        self.arrived = with_parts(cell, {constraint.end})
        self.parts = [tuple(sorted(with_parts(cell, {node.index}))) for node in cell.nodes]
        self.read_later = _read_later(cell)
        self.groups = {layer.decision: self._group(layer) for layer in cell.operator_layers}
        begin: PathStates = frozenset({tuple([predicate.start for predicate in self.predicates])})
        starts = {node.index for node in cell.inputs} if constraint.start is None else {constraint.start}
        reached = [begin if node.index in starts else _NOTHING for node in cell.nodes]
        self.start: Hashable = self._settle(self.first - 1, reached, begin if starts & self.arrived else _NOTHING)
        if self.last < 0 and not isinstance(self.start, int):
            self.start = store.top if self.every else EMPTY

    def _settle(self, level: int, reached: Sequence[PathStates], arrivals: PathStates) -> Hashable:
        """The state after a level at which `arrivals` reached the end, or the set that follows."""
        rest = self.store.rest[level + 1] if level >= self.first else self.store.top
        if any(self._accepts(joint) != self.every for joint in arrivals):
            return EMPTY if self.every else rest
        if level == self.last:
            return rest if self.every else EMPTY
        kept = self.read_later[max(level + 1, self.first)]
        return ("reached", tuple([readings if i in kept else _NOTHING for i, readings in enumerate(reached)]))

    @staticmethod
    def weight(state: Hashable) -> int:
        """The work of a state: two joint states count as one more state."""
        assert isinstance(state, tuple)
        return 1 + sum(map(len, state[1])) // 2

    def step(self, level: int, state: Hashable) -> tuple[int, Sequence[Hashable]]:
        """Read one level."""
        assert isinstance(state, tuple)
        layer = self.layers.get(level)
        if layer is None:
            return self.store.pattern((0,) * self.store.widths[level]), [state]
        target = layer.target
        assert target is not None
        pattern, groups = self.groups[level]
        reached: tuple[PathStates, ...] = state[1]
        moved: dict[Arc, PathStates] = {}
        successors = []
        for arcs in groups:
            found = reached[target]
            for arc in arcs:
                if arc not in moved:
                    moved[arc] = self._advance(*arc, reached)
                found = found | moved[arc]
            found = self._relevant(found)
            following = (*reached[:target], found, *reached[target + 1 :])
            successors.append(self._settle(level, following, found if target in self.arrived else _NOTHING))
        return pattern, successors

    def _group(self, layer: Layer) -> tuple[int, list[tuple[Arc, ...]]]:
        """Choices that no predicate distinguishes, as a pattern and per class the arcs they make."""
        arcs = [
            tuple(
                (source, tuple(p.seen(layer.decision, number * len(self.cell.nodes) + source) for p in self.predicates))
                for source in label.sources
            )
            if label.operator is not None and not label.operator.absent
            else ()
            for number, label in enumerate(layer.choices)
        ]
        return self.store.pattern(arcs), list(dict.fromkeys(arcs))

    def _advance(self, source: int, seen: tuple[Hashable, ...], reached: Sequence[PathStates]) -> PathStates:
        """The states after a layer that reads `source`; a concat node continues from each of its parts."""
        found: set[Hashable] = set()
        for part in self.parts[source]:
            for joint in reached[part]:
                if joint is None:
                    found.add(None)
                    continue
                assert isinstance(joint, tuple)
                moved = tuple([p.step(s, reading) for p, s, reading in zip(self.predicates, seen, joint, strict=True)])
                if None not in moved:
                    found.add(moved)
                elif self.every:
                    found.add(None)
        return frozenset(found)

    def _relevant(self, readings: PathStates) -> PathStates:
        """Drop states that cannot change the result: for `some` all but the best, for `every` all but the worst."""
        if len(readings) < 2:
            return readings
        if None in readings:
            return frozenset({None})
        if self.same_alone and sum(joint != (_NOTHING,) for joint in readings) > 1:
            return _MIXED
        return frozenset(
            joint for joint in readings if not any(other != joint and self._beats(other, joint) for other in readings)
        )

    def _beats(self, one: Hashable, other: Hashable) -> bool:
        assert isinstance(one, tuple)
        assert isinstance(other, tuple)
        better, worse = (other, one) if self.every else (one, other)
        return all(p.covers(a, b) for p, a, b in zip(self.predicates, better, worse, strict=True))

    def _accepts(self, joint: Hashable) -> bool:
        return isinstance(joint, tuple) and all(
            predicate.accepts(reading) for predicate, reading in zip(self.predicates, joint, strict=True)
        )


def _automaton(
    predicate: Allowed | CountConstraint | AgreementConstraint,
) -> _AllowedOnPath | _CountOnPath | _AgreeOnPath:
    if isinstance(predicate, Allowed):
        return _AllowedOnPath(predicate)
    return _CountOnPath(predicate) if isinstance(predicate, CountConstraint) else _AgreeOnPath(predicate)


def _read_later(cell: Cell) -> dict[int, frozenset[int]]:
    """Per level, the nodes that this layer or a later one may read."""
    found: dict[int, frozenset[int]] = {}
    later: set[int] = set()
    for layer in reversed(cell.operator_layers):
        later |= set(layer.source_options)
        found[layer.decision] = with_parts(cell, later)
    return found
