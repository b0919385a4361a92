"""The remaining candidates of every layer: C_i^r and S_i^r, the exact projection of a refined space."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lapt_dsl.compiler.automata.diagram import Diagrams
from lapt_dsl.compiler.space.model import Layer, Operator, Space


@dataclass(frozen=True, slots=True)
class LayerCandidates:
    """One layer's remaining choices (ascending), operators C_i^r, numbers, and readable source nodes S_i^r."""

    layer: Layer
    choices: tuple[int, ...]
    operators: tuple[Operator, ...]
    numbers: tuple[int, ...]
    sources: tuple[int, ...]


class Candidates(Sequence[LayerCandidates]):
    """The remaining candidates of every layer, in the order of the decisions."""

    def __init__(self, layers: Sequence[LayerCandidates]) -> None:
        self._layers = tuple(layers)

    @classmethod
    def of(cls, space: Space, store: Diagrams, root: int) -> Candidates:
        """Project a diagram: a choice remains if some edge of its level with that label leads to a non-empty set."""
        found = []
        for layer, nodes in zip(space.layers, store.levels(root), strict=True):
            alive: set[int] = set()
            for node in nodes:
                children = store.children[node]
                alive.update(label for label, number in enumerate(store.pattern_of[node]) if children[number])
                if len(alive) == len(layer.choices):
                    break
            choices = [layer.choices[number] for number in sorted(alive)]
            found.append(
                LayerCandidates(
                    layer,
                    tuple(sorted(alive)),
                    tuple(dict.fromkeys(label.operator for label in choices if label.operator is not None)),
                    tuple(dict.fromkeys(label.number for label in choices if label.number is not None)),
                    tuple(sorted({source for label in choices for source in label.sources})),
                )
            )
        return cls(found)

    def __len__(self) -> int:
        return len(self._layers)

    def __getitem__(self, level: int) -> LayerCandidates:  # type: ignore[override]
        return self._layers[level]

    def __iter__(self) -> Iterator[LayerCandidates]:
        return iter(self._layers)
