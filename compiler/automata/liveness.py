"""`live layers` of the built network: the layers on a live path from an input to the output of their cell."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

from lapt_dsl.compiler.automata.stacked import Nodes, Numbers, length_of, with_parts
from lapt_dsl.compiler.lowering.constraints import Bound
from lapt_dsl.compiler.space.model import Cell, Layer, Space


class LiveLayers:
    """Counts live layers over the instances of every cell.

    Per node the layers that would become live if the node turned out to reach the output; where that is certain they
    are counted at once. A cell's summary is its count, the context the total so far.
    """

    def __init__(self, space: Space, bound: Bound, instances: Sequence[str]) -> None:
        self.low, self.high = bound.low, bound.high
        self.instances = {cell.name: sum(name == cell.name for name in instances) for cell in space.cells}
        self.certain = {cell.name: with_parts(cell, {cell.output.index}) for cell in space.cells}

    def fresh(self, cell: Cell) -> tuple[Any, Nodes]:
        """Inputs are reached by no layer."""
        return 0, tuple(frozenset() if node.kind == "input" else None for node in cell.nodes)

    def extend(
        self, running: Any, nodes: Nodes, cell: Cell, layer: Layer, sources: tuple[int, ...], numbers: Numbers
    ) -> tuple[Any, Nodes]:
        """Join the layers behind the sources, or count them where the target surely reaches the output."""
        read = [found for source in sources if (found := self._behind(cell, nodes, source)) is not None]
        if not read:
            return running, nodes
        target = layer.target
        assert target is not None
        found = (nodes[target] or frozenset()).union(*read) | {layer.decision}
        if target in self.certain[cell.name]:
            layers = {other.decision: other for other in cell.operator_layers}
            running += sum(length_of(layers[level], numbers) for level in found)
            nodes = tuple([None if layers is None else layers - found for layers in nodes])
            found = frozenset()
        return running, (*nodes[:target], found, *nodes[target + 1 :])

    def _behind(self, cell: Cell, nodes: Nodes, node: int) -> frozenset[int] | None:
        found = [nodes[part] for part in with_parts(cell, {node}) if nodes[part] is not None]
        return frozenset().union(*found) if found else None

    def finish(self, running: Any, nodes: Nodes, cell: Cell) -> Hashable:
        """Layers not counted by now are dead."""
        count: int = running * self.instances[cell.name]
        return count

    def before(self) -> Hashable:
        """No live layer yet."""
        return 0

    def advance(self, context: Any, cell: Cell, summary: Any) -> Hashable:
        """Add up."""
        total: int = context + summary
        return total

    def accepts(self, context: Any) -> bool:
        """Compare with the bound."""
        return (self.low is None or context >= self.low) and (self.high is None or context <= self.high)
