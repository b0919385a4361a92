"""Path rules: a small automaton is run along every live path at once, by keeping per node the states it can be in."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence

from lapt_dsl.compiler.constraints import Agree, Allowed, Count, OnPath
from lapt_dsl.compiler.diagram import EMPTY, Diagrams
from lapt_dsl.compiler.model import Cell, Layer, Space

Reading = Hashable
"""What one predicate remembers of the path so far; None means it has failed for good."""

Arc = tuple[int, tuple[Hashable, ...]]
"""A step of a path as the predicates see it: the node it comes from, and per predicate what it sees of the layer."""


class _AllowedOnPath:
    start: Reading = True

    def __init__(self, predicate: Allowed) -> None:
        self.sets = dict(predicate.labels)

    def seen(self, level: int, symbol: int) -> Hashable:
        inside = self.sets.get(level)
        return inside is None or symbol in inside

    def step(self, seen: Hashable, reading: Reading) -> Reading | None:
        return reading if seen else None

    def accepts(self, reading: Reading) -> bool:
        return True


class _CountOnPath:
    start: Reading = 0

    def __init__(self, predicate: Count) -> None:
        self.sets = dict(predicate.labels)
        self.low, self.high = predicate.low, predicate.high

    def seen(self, level: int, symbol: int) -> Hashable:
        return symbol in self.sets.get(level, ())

    def step(self, seen: Hashable, reading: Reading) -> Reading | None:
        assert isinstance(reading, int)
        count = reading + bool(seen)
        if self.high is None:
            return min(count, self.low)
        return count if count <= self.high else None

    def accepts(self, reading: Reading) -> bool:
        assert isinstance(reading, int)
        return reading >= self.low


class _AgreeOnPath:
    start: Reading = frozenset()

    def __init__(self, predicate: Agree) -> None:
        self.classes = dict(predicate.classes)
        self.distinct = predicate.distinct

    def seen(self, level: int, symbol: int) -> Hashable:
        classes = self.classes.get(level)
        return None if classes is None else classes[symbol]

    def step(self, seen: Hashable, reading: Reading) -> Reading | None:
        assert isinstance(reading, frozenset)
        if seen is None:
            return reading
        if (seen in reading) if self.distinct else (reading and seen not in reading):
            return None
        return reading | {seen}

    def accepts(self, reading: Reading) -> bool:
        return True


class PathMachine:
    """`some path` (or, run on, `every path`) of one cell.

    Per node the state holds the set of joint readings of all predicates over the live paths that reach it. `some` fails
    a path when a predicate fails; `every` keeps a failed path as the reading None, which can never be accepted.
    """

    def __init__(self, store: Diagrams, space: Space, constraint: OnPath) -> None:
        cell = space.cell(constraint.cell)
        assert cell is not None
        self.store, self.cell, self.every = store, cell, constraint.quantifier == "every"
        self.end = constraint.end
        self.predicates = [_automaton(predicate) for predicate in constraint.predicates]
        self.layers = {layer.level: layer for layer in cell.operator_layers}
        self.first, self.last = min(self.layers, default=0), max(self.layers, default=-1)
        self.needed = _needed(cell, constraint.end)
        self.groups = {layer.level: self._group(layer) for layer in cell.operator_layers}
        begin = frozenset({tuple(predicate.start for predicate in self.predicates)})
        nothing: frozenset[Hashable] = frozenset()
        starts = {node.index for node in cell.inputs} if constraint.start is None else {constraint.start}
        self.start: Hashable = self._settle(
            self.first, tuple(begin if node.index in starts else nothing for node in cell.nodes)
        )
        if self.last < 0:
            self.start = store.top if self._accepts(self.start) else EMPTY

    def _settle(self, level: int, reached: tuple[frozenset[Hashable], ...]) -> Hashable:
        """Forget what no later layer reads, so that states that act alike are equal."""
        needed = self.needed.get(level, frozenset({self.end}))
        parts = _with_parts(self.cell, needed)
        return ("reached", tuple(s if i in parts else frozenset() for i, s in enumerate(reached)))

    def step(self, level: int, state: Hashable) -> tuple[int, Sequence[Hashable]]:
        """Read one level."""
        assert isinstance(state, tuple)
        layer = self.layers.get(level)
        width = self.store.widths[level]
        if layer is None:
            ended = level > self.last
            following = self.store.rest[level + 1] if ended else state
            return self.store.pattern((0,) * width), [following]
        assert layer.target is not None
        pattern, groups = self.groups[level]
        reached: tuple[frozenset[Hashable], ...] = state[1]
        successors: list[Hashable] = []
        for arcs in groups:
            arrival = set(reached[layer.target])
            for source, seen in arcs:
                arrival.update(self._advance(seen, _reach(self.cell, reached, source)))
            following = self._settle(
                level + 1, (*reached[: layer.target], frozenset(arrival), *reached[layer.target + 1 :])
            )
            if level == self.last:
                following = self.store.rest[level + 1] if self._accepts(following) else EMPTY
            successors.append(following)
        return pattern, successors

    def _group(self, layer: Layer) -> tuple[int, list[tuple[Arc, ...]]]:
        """Labels that look alike to every predicate, as a pattern and per class the arcs they make."""
        arcs = [
            tuple(
                (source, tuple(p.seen(layer.level, number * len(self.cell.nodes) + source) for p in self.predicates))
                for source in label.sources
            )
            if label.operator is not None and not label.operator.absent
            else ()
            for number, label in enumerate(layer.labels)
        ]
        return self.store.pattern(arcs), list(dict.fromkeys(arcs))

    def _advance(self, seen: tuple[Hashable, ...], readings: frozenset[Hashable]) -> Iterator[Hashable]:
        for joint in readings:
            if joint is None:
                yield None
                continue
            assert isinstance(joint, tuple)
            moved = tuple(p.step(s, reading) for p, s, reading in zip(self.predicates, seen, joint, strict=True))
            if None not in moved:
                yield moved
            elif self.every:
                yield None

    def _accepts(self, state: Hashable) -> bool:
        assert isinstance(state, tuple)
        verdicts = (
            joint is not None
            and all(predicate.accepts(reading) for predicate, reading in zip(self.predicates, joint, strict=True))
            for joint in _reach(self.cell, state[1], self.end)
        )
        return all(verdicts) if self.every else any(verdicts)


def _automaton(predicate: Allowed | Count | Agree) -> _AllowedOnPath | _CountOnPath | _AgreeOnPath:
    if isinstance(predicate, Allowed):
        return _AllowedOnPath(predicate)
    return _CountOnPath(predicate) if isinstance(predicate, Count) else _AgreeOnPath(predicate)


def _reach(cell: Cell, reached: Sequence[frozenset[Hashable]], node: int) -> frozenset[Hashable]:
    """The readings at a node; a concat node continues from each of its parts."""
    found = reached[node]
    for part in cell.nodes[node].concat:
        found = found | _reach(cell, reached, part)
    return found


def _with_parts(cell: Cell, nodes: frozenset[int]) -> frozenset[int]:
    found: set[int] = set()
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting.extend(cell.nodes[node].concat)
    return frozenset(found)


def _needed(cell: Cell, end: int) -> dict[int, frozenset[int]]:
    """Per level, the nodes that a layer from that level on may read or still feeds, and `end`."""
    needed: dict[int, frozenset[int]] = {}
    later = frozenset({end})
    for layer in reversed(cell.operator_layers):
        assert layer.target is not None
        later = later | {layer.target} | frozenset(layer.source_options)
        needed[layer.level] = later
    return needed
