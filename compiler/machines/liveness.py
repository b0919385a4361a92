"""Machines for `live layers` and `depth` of the built network: what is connected, cell by cell."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, TypeGuard

from lapt_dsl.compiler.constraints import Bound
from lapt_dsl.compiler.diagram import EMPTY, UNIT, Diagrams
from lapt_dsl.compiler.model import Cell, Layer, NumberRef, Space

Numbers = tuple[tuple[str, int], ...]
Nodes = tuple[Any, ...]
"""What is known of every node of the current cell; None for a node that nothing reaches or nothing reads any more."""


class CellWalk:
    """Reads a word cell by cell. A state is what earlier cells left, the repeat counts chosen, and the open nodes."""

    def __init__(self, store: Diagrams, space: Space, bound: Bound) -> None:
        self.store, self.space = store, space
        self.low, self.high = bound.low, bound.high
        self.layers = space.layers
        self.cells = {cell.name: cell for cell in space.cells}
        self.open = {cell.name: _open_nodes(cell) for cell in space.cells}
        self.start: Hashable = (self.before_all(), (), self.fresh(space.cells[0])) if space.layers else UNIT

    def before_all(self) -> Hashable:
        """What is known before the first cell."""
        raise NotImplementedError

    def fresh(self, cell: Cell) -> Nodes:
        """The nodes of a cell of which no layer has been read."""
        raise NotImplementedError

    def extend(
        self, before: Any, nodes: Nodes, cell: Cell, layer: Layer, sources: tuple[int, ...], numbers: Numbers
    ) -> tuple[Hashable, Nodes]:
        """Add a layer that carries data from `sources` (none: it carries nothing)."""
        raise NotImplementedError

    def finish(self, before: Any, nodes: Nodes, cell: Cell) -> Hashable:
        """What a cell leaves when its last layer has been read."""
        raise NotImplementedError

    def decide(self, level: int, before: Any) -> int | None:
        """The set that follows, where `before` settles it; must settle it after the last level."""
        raise NotImplementedError

    def step(self, level: int, state: Hashable) -> tuple[int, Sequence[Hashable]]:
        """Read one level."""
        assert isinstance(state, tuple)
        before, numbers, nodes = state
        layer = self.layers[level]
        cell = self.cells[layer.cell]
        following: list[Hashable] = []
        if layer.is_number:
            read = any(layer.key == other.repeat.name for other in cell.operator_layers if _varies(other.repeat))
            keys: list[Hashable] = [label.number if read else None for label in layer.labels]
            for key in dict.fromkeys(keys):
                chosen = (*numbers, (layer.key, key)) if read else numbers
                following.append(self._settle(level, cell, before, chosen, nodes))
            return self.store.pattern(keys), following
        carried = [() if label.operator is None or label.operator.absent else label.sources for label in layer.labels]
        for sources in dict.fromkeys(carried):
            after, moved = self.extend(before, nodes, cell, layer, sources, numbers)
            following.append(self._settle(level, cell, after, numbers, moved))
        return self.store.pattern(carried), following

    def _settle(self, level: int, cell: Cell, before: Any, numbers: Numbers, nodes: Nodes) -> Hashable:
        if level == cell.layers[-1].level:
            before = self.finish(before, nodes, cell)
            numbers = ()
            nodes = self.fresh(self.cells[self.layers[level + 1].cell]) if level + 1 < len(self.layers) else ()
        else:
            kept = self.open[cell.name][level + 1]
            nodes = tuple(known if index in kept else None for index, known in enumerate(nodes))
        decided = self.decide(level + 1, before)
        return (before, numbers, nodes) if decided is None else decided


def _varies(repeat: int | NumberRef) -> TypeGuard[NumberRef]:
    return isinstance(repeat, NumberRef)


def length_of(layer: Layer, numbers: Numbers) -> int:
    """How many layers a layer stands for, given the numbers chosen so far in its cell."""
    return dict(numbers)[layer.repeat.name] if isinstance(layer.repeat, NumberRef) else layer.repeat


def with_parts(cell: Cell, nodes: set[int] | frozenset[int]) -> frozenset[int]:
    """The nodes and, through concat, everything they are made of."""
    found: set[int] = set()
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting.extend(cell.nodes[node].concat)
    return frozenset(found)


def _open_nodes(cell: Cell) -> dict[int, frozenset[int]]:
    """Per level of the cell, the nodes that matter from there on: read or fed later, or part of the output."""
    found: dict[int, frozenset[int]] = {}
    later = {cell.output.index}
    for layer in reversed(cell.layers):
        if layer.target is not None:
            later |= {layer.target, *layer.source_options}
        found[layer.level] = with_parts(cell, later)
    return found


class LiveLayersMachine(CellWalk):
    """Live layers, summed over the instances of every cell.

    A layer is live when it lies on a live path from an input to the output. Per node the state holds the layers that
    would become live if the node turned out to reach the output; where that is certain they are counted at once.
    """

    def __init__(self, store: Diagrams, space: Space, bound: Bound, instances: Sequence[str]) -> None:
        self.instances = {cell.name: sum(name == cell.name for name in instances) for cell in space.cells}
        self.certain = {cell.name: with_parts(cell, {cell.output.index}) for cell in space.cells}
        super().__init__(store, space, bound)

    def before_all(self) -> Hashable:
        """No live layer yet."""
        return 0

    def fresh(self, cell: Cell) -> Nodes:
        """Inputs are reached by no layer."""
        return tuple(frozenset() if node.kind == "input" else None for node in cell.nodes)

    def extend(
        self, before: Any, nodes: Nodes, cell: Cell, layer: Layer, sources: tuple[int, ...], numbers: Numbers
    ) -> tuple[Hashable, Nodes]:
        """Join the layers behind the sources, or count them where the target surely reaches the output."""
        read = [found for source in sources if (found := self._behind(cell, nodes, source)) is not None]
        if not read:
            return before, nodes
        target = layer.target
        assert target is not None
        found = (nodes[target] or frozenset()).union(*read) | {layer.level}
        if target in self.certain[cell.name]:
            lengths = {other.level: other for other in cell.operator_layers}
            before += self.instances[cell.name] * sum(length_of(lengths[level], numbers) for level in found)
            nodes = tuple(None if layers is None else layers - found for layers in nodes)
            found = frozenset()
        return before, (*nodes[:target], found, *nodes[target + 1 :])

    def _behind(self, cell: Cell, nodes: Nodes, node: int) -> frozenset[int] | None:
        found = [layers for part in with_parts(cell, {node}) if (layers := nodes[part]) is not None]
        return frozenset().union(*found) if found else None

    def finish(self, before: Any, nodes: Nodes, cell: Cell) -> Hashable:
        """Layers not counted by now are dead."""
        return before  # type: ignore[no-any-return]

    def decide(self, level: int, before: Any) -> int | None:
        """The total only grows."""
        if self.high is not None and before > self.high:
            return EMPTY
        enough = self.low is None or before >= self.low
        if enough and self.high is None:
            return self.store.rest[level]
        return (UNIT if enough else EMPTY) if level == len(self.layers) else None
