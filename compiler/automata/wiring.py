"""Which words are architectures at all: distinct sources counted once, and source budgets."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from lapt_dsl.compiler.automata.diagram import DEFAULT_MAX_NODES, EMPTY, Diagrams
from lapt_dsl.compiler.space.model import Cell, Layer, Space


def base_set(store: Diagrams, space: Space, max_nodes: int = DEFAULT_MAX_NODES) -> int:
    """Every word that is an architecture of the space."""
    root = store.top
    for cell in space.cells:
        for node in cell.nodes:
            if node.distinct_sources:
                layers = [layer for layer in cell.operator_layers if layer.key in node.layers]
                root = store.intersection(root, store.build(_Ascending(store, layers), max_nodes), max_nodes)
        if cell.source_budget is not None:
            root = store.intersection(root, store.build(_SourceBudget(store, cell), max_nodes), max_nodes)
    return root


class _Ascending:
    """Layers that read pairwise different sources, in ascending order, so that every set of pairs has one word."""

    def __init__(self, store: Diagrams, layers: Sequence[Layer]) -> None:
        self.store = store
        self.layers = {layer.decision: layer for layer in layers}
        self.last = max(self.layers)
        self.start: Hashable = ("after", -1)

    def step(self, level: int, state: Hashable) -> tuple[int, Sequence[Hashable]]:
        assert isinstance(state, tuple)
        layer = self.layers.get(level)
        if layer is None:
            return self.store.pattern((0,) * self.store.widths[level]), [state]
        sources = [label.sources[0] for label in layer.choices]
        if level == self.last:
            following: list[Hashable] = [
                self.store.rest[level + 1] if source > state[1] else EMPTY for source in dict.fromkeys(sources)
            ]
        else:
            following = [("after", source) if source > state[1] else EMPTY for source in dict.fromkeys(sources)]
        return self.store.pattern(sources), following


class _SourceBudget:
    """Counts the sources that the layers of a cell read together."""

    def __init__(self, store: Diagrams, cell: Cell) -> None:
        assert cell.source_budget is not None
        self.store, self.limit = store, cell.source_budget
        self.layers = {layer.decision: layer for layer in cell.operator_layers}
        self.last = max(self.layers)
        self.start: Hashable = ("left", self.limit)

    def step(self, level: int, state: Hashable) -> tuple[int, Sequence[Hashable]]:
        assert isinstance(state, tuple)
        layer = self.layers.get(level)
        if layer is None:
            return self.store.pattern((0,) * self.store.widths[level]), [state]
        used = [len(label.sources) for label in layer.choices]
        following: list[Hashable] = []
        for count in dict.fromkeys(used):
            left = state[1] - count
            rest = self.store.rest[level + 1] if level == self.last else ("left", left)
            following.append(rest if left >= 0 else EMPTY)
        return self.store.pattern(used), following
