"""Rules on what the built network connects: each cell is summarised once, and the stack of cells reads the summaries.

A rule such as `network: depth <= 30` needs only a small summary of each cell: the lengths of its paths, or the number
of its live layers. The summary does not depend on other cells, and far fewer summaries than cells are distinct. So the
diagram of a cell is explored once, with summaries as leaves. For each context that earlier cells can leave, the leaves
are then replaced by the sets of continuations, which needs no second exploration.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Protocol, TypeGuard

from lapt_dsl.compiler.automata.diagram import Diagrams, NodeLimitExceeded
from lapt_dsl.compiler.space.model import Cell, Choice, Layer, NumberRef, Space

Numbers = tuple[tuple[str, int], ...]
Nodes = tuple[Any, ...]
"""What is known of every node of a cell; None for a node that no data reaches or that no later layer reads."""


class Summary(Protocol):
    """How to summarise a cell, and what a stack of summaries means."""

    def fresh(self, cell: Cell) -> tuple[Any, Nodes]:
        """A running value and the nodes of a cell of which no layer has been read."""
        ...

    def extend(
        self, running: Any, nodes: Nodes, cell: Cell, layer: Layer, sources: tuple[int, ...], numbers: Numbers
    ) -> tuple[Any, Nodes]:
        """Add a layer that carries data from `sources` (none: it carries nothing)."""
        ...

    def finish(self, running: Any, nodes: Nodes, cell: Cell) -> Hashable:
        """The summary of a cell all of whose layers have been read."""
        ...

    def before(self) -> Hashable:
        """The context before the first cell."""
        ...

    def advance(self, context: Any, cell: Cell, summary: Any) -> Hashable:
        """The context after a cell with this summary."""
        ...

    def accepts(self, context: Any) -> bool:
        """Whether the rule holds, once every cell is known."""
        ...


def stacked_set(store: Diagrams, space: Space, summary: Summary, max_nodes: int) -> int:
    """The encodings whose cells' summaries are accepted. Raises NodeLimitExceeded."""
    diagrams = [_CellDiagram(store, cell, summary, max_nodes) for cell in space.cells]
    contexts: list[dict[Hashable, None]] = [{summary.before(): None}]
    for cell, diagram in zip(space.cells, diagrams, strict=True):
        following = {
            summary.advance(context, cell, leaf): None for context in contexts[-1] for leaf in diagram.summaries
        }
        contexts.append(following)
        if sum(map(len, contexts)) > max_nodes:
            raise NodeLimitExceeded(max_nodes)
    roots: dict[Hashable, int] = {context: int(summary.accepts(context)) for context in contexts[-1]}
    for number in range(len(diagrams) - 1, -1, -1):
        cell, diagram = space.cells[number], diagrams[number]
        roots = {
            context: diagram.replace({leaf: roots[summary.advance(context, cell, leaf)] for leaf in diagram.summaries})
            for context in contexts[number]
        }
    return roots[summary.before()]


class _CellDiagram:
    """The reduced diagram of one cell with summaries as leaves."""

    def __init__(self, store: Diagrams, cell: Cell, summary: Summary, max_nodes: int) -> None:
        self.store, self.cell, self.summary = store, cell, summary
        self.open = _open_nodes(cell)
        self.classes: list[list[tuple[int, tuple[int, ...]]]] = []
        """Per level (last first) the distinct states: a pattern and the numbers of the successors' classes."""
        running, nodes = summary.fresh(cell)
        start = (running, (), nodes)
        layers = self._explore(start, max_nodes)
        self._reduce(layers)

    def _explore(self, start: Hashable, max_nodes: int) -> list[dict[Hashable, tuple[int, list[Hashable]]]]:
        layers: list[dict[Hashable, tuple[int, list[Hashable]]]] = []
        frontier: dict[Hashable, None] = {start: None}
        reached = 0
        for layer in self.cell.layers:
            steps = {}
            following: dict[Hashable, None] = {}
            for state in frontier:
                steps[state] = self._step(layer, state)
                following.update(dict.fromkeys(steps[state][1]))
                if reached + len(following) > max_nodes:
                    raise NodeLimitExceeded(max_nodes)
            reached += len(following)
            layers.append(steps)
            frontier = following
        return layers

    def _step(self, layer: Layer, state: Any) -> tuple[int, list[Hashable]]:
        running, numbers, nodes = state
        last = layer is self.cell.layers[-1]
        following: list[tuple[Any, Numbers, Nodes]] = []
        if layer.is_number:
            read = any(layer.key == o.repeat.name for o in self.cell.operator_layers if _varies(o.repeat))
            chosen = [label.number if read else None for label in layer.choices]
            for key in dict.fromkeys(chosen):
                added = () if key is None else ((str(layer.key), key),)
                following.append((running, (*numbers, *added), nodes))
            pattern = self.store.pattern(chosen)
        else:
            carried = [_carried(label) for label in layer.choices]
            for sources in dict.fromkeys(carried):
                after, moved = self.summary.extend(running, nodes, self.cell, layer, sources, numbers)
                following.append((after, numbers, moved))
            pattern = self.store.pattern(carried)
        if last:
            return pattern, [self.summary.finish(after, moved, self.cell) for after, _, moved in following]
        kept = self.open[layer.decision + 1]
        return pattern, [
            (after, repeats, tuple([known if index in kept else None for index, known in enumerate(moved)]))
            for after, repeats, moved in following
        ]

    def _reduce(self, layers: list[dict[Hashable, tuple[int, list[Hashable]]]]) -> None:
        numbers: dict[Hashable, int] = {}
        for _, leaves in layers[-1].values():
            for leaf in leaves:
                numbers.setdefault(leaf, len(numbers))
        self.summaries = list(numbers)
        for steps in reversed(layers):
            distinct: dict[tuple[int, tuple[int, ...]], int] = {}
            numbers = {
                state: distinct.setdefault((pattern, tuple([numbers[s] for s in following])), len(distinct))
                for state, (pattern, following) in steps.items()
            }
            self.classes.append(list(distinct))

    def replace(self, leaves: Mapping[Hashable, int]) -> int:
        """The encodings of the cell's levels and all later ones, with a set over the later levels for every summary."""
        found = [leaves[summary] for summary in self.summaries]
        for level in self.classes:
            found = [self.store.node(pattern, [found[n] for n in successors]) for pattern, successors in level]
        return found[0]


def _carried(label: Choice) -> tuple[int, ...]:
    return () if label.operator is None or label.operator.absent else label.sources


def _varies(repeat: int | NumberRef) -> TypeGuard[NumberRef]:
    return isinstance(repeat, NumberRef)


def length_of(layer: Layer, numbers: Numbers) -> int:
    """How many times a layer is repeated, given the numbers chosen so far in its cell."""
    return dict(numbers)[layer.repeat.name] if isinstance(layer.repeat, NumberRef) else layer.repeat


def with_parts(cell: Cell, nodes: Sequence[int] | set[int]) -> frozenset[int]:
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
        found[layer.decision] = with_parts(cell, later)
    return found
