"""One-change neighbours of an architecture inside an exact set.

A change is another operator for one layer, other sources for one layer, or another number for a number layer. A stage
with distinct sources is a set of (operator, source) pairs; its word keeps them in ascending order of source, so
changing a source there can move the pair, and the change touches every layer of the stage.
"""

from __future__ import annotations

from collections.abc import Iterator

from lapt_dsl.compiler.diagram import Diagrams
from lapt_dsl.compiler.model import Layer, Space

Word = tuple[int, ...]


class Moves:
    """The one-change moves of a space, prepared once."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self.sorted_stage: dict[int, tuple[int, ...]] = {}
        for cell in space.cells:
            for node in cell.nodes:
                if node.distinct_sources:
                    levels = tuple(layer.level for layer in cell.operator_layers if layer.key in node.layers)
                    self.sorted_stage.update(dict.fromkeys(levels, levels))
        self.changes = [[self._changes(layer, number) for number in range(len(layer.labels))] for layer in space.layers]

    def _changes(self, layer: Layer, number: int) -> tuple[tuple[int, bool], ...]:
        """Labels one change away from a label of a layer, each with whether its sources changed."""
        here = layer.labels[number]
        found = []
        for other, label in enumerate(layer.labels):
            same_operator = label.operator == here.operator and label.number == here.number
            if other != number and (same_operator or label.sources == here.sources):
                found.append((other, same_operator))
        return tuple(found)

    def within(self, store: Diagrams, root: int, word: Word) -> list[Word]:
        """Every neighbour of `word` in the set `root`, in order of layer and label, each once."""
        children, pattern_of = store.children, store.pattern_of
        along = [root]
        for label in word:
            node = along[-1]
            along.append(children[node][pattern_of[node][label]] if node else 0)
        found: dict[Word, None] = {}
        for level, label in enumerate(word):
            stage = self.sorted_stage.get(level)
            before = along[level]
            if not before:
                break
            for other, moved in self.changes[level][label]:
                if moved and stage is not None:
                    changed = self._resorted(word, stage, level, other)
                    if changed is not None and store.contains(root, changed):
                        found[changed] = None
                    continue
                node = children[before][pattern_of[before][other]]
                if node and node != along[level + 1]:
                    for following in word[level + 1 :]:
                        node = children[node][pattern_of[node][following]]
                        if not node:
                            break
                if node:
                    found[(*word[:level], other, *word[level + 1 :])] = None
        # A stage can be left and entered again by the same pairs, so the word itself may have come up.
        found.pop(word, None)
        return list(found)

    def _resorted(self, word: Word, stage: tuple[int, ...], level: int, other: int) -> Word | None:
        """The word with one layer's label replaced and its stage brought back in order; None where sources meet."""
        layers = self.space.layers
        labels = [layers[at].labels[other if at == level else word[at]] for at in stage]
        if len({label.sources for label in labels}) < len(labels):
            return None
        changed = list(word)
        for at, label in zip(stage, sorted(labels, key=lambda item: item.sources), strict=True):
            changed[at] = self._number(at, label.sources, label.operator)
        return tuple(changed)

    def _number(self, level: int, sources: tuple[int, ...], operator: object) -> int:
        layer = self.space.layers[level]
        return next(
            number
            for number, label in enumerate(layer.labels)
            if label.sources == sources and label.operator == operator
        )


def iterate(store: Diagrams, root: int) -> Iterator[Word]:
    """Every word of a set in lexicographic order, in memory that grows with the number of levels only."""
    depth = len(store.widths)
    if depth == 0:
        if root:
            yield ()
        return
    word = [0] * depth
    nodes = [root] + [0] * depth
    level = 0
    nexts = [0] * depth
    while level >= 0:
        node, label = nodes[level], nexts[level]
        if not node or label == store.widths[level]:
            level -= 1
            continue
        nexts[level] = label + 1
        child = store.step(node, label)
        if not child:
            continue
        word[level] = label
        if level + 1 == depth:
            yield tuple(word)
            continue
        level += 1
        nodes[level] = child
        nexts[level] = 0
