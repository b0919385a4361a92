"""What is left of a cell: per layer the operators, numbers and sources that some remaining label still uses.

The exact projection of a refined space is a set of labels per level. People, drawings and `constraints.json` ask it
three questions: which candidates are left (C_i), which sources (S_i), and whether a source is read by all or only by
some of what is left.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from lapt_dsl.compiler.candidates import Candidates
    from lapt_dsl.compiler.model import Cell, Layer

Reading = Literal["always", "sometimes", "never"]


@dataclass(frozen=True, slots=True)
class Choice:
    """A candidate (operator or number, as text) and whether some remaining architecture uses it."""

    name: str
    left: bool


@dataclass(frozen=True, slots=True)
class Source:
    """A node a layer may read by its wiring, and how many of the layer's remaining labels read it."""

    node: int
    reading: Reading


@dataclass(frozen=True, slots=True)
class LayerLeft:
    """One layer and what is left of it; candidates and sources keep the order of the space file."""

    layer: Layer
    choices: tuple[Choice, ...]
    sources: tuple[Source, ...]

    @property
    def left(self) -> tuple[str, ...]:
        """Names of the candidates left."""
        return tuple(choice.name for choice in self.choices if choice.left)

    @property
    def removed(self) -> tuple[str, ...]:
        """Names of the candidates no remaining architecture uses."""
        return tuple(choice.name for choice in self.choices if not choice.left)

    @property
    def searched(self) -> bool:
        """Whether the layer chooses what it reads."""
        return self.layer.wiring in ("one", "any", "some")


def layers_left(cell: Cell, candidates: Candidates | None) -> tuple[LayerLeft, ...]:
    """What is left of every layer of `cell`.

    Args:
        cell: a cell of the space.
        candidates: the exact projection of what is left; None means everything.

    Returns:
        One entry per layer, in level order.
    """
    return tuple(
        _layer_left(layer, None if candidates is None else candidates[layer.level].labels) for layer in cell.layers
    )


def _layer_left(layer: Layer, numbers: tuple[int, ...] | None) -> LayerLeft:
    kept = [label for number, label in enumerate(layer.labels) if numbers is None or number in numbers]
    if layer.is_number:
        names = [str(label.number) for label in layer.labels]
        left = {str(label.number) for label in kept}
    else:
        names = [operator.name for operator in layer.operators]
        left = {label.operator.name for label in kept if label.operator is not None}
    sources = []
    for node in layer.source_options:
        readers = sum(node in label.sources for label in kept)
        reading: Reading = "never" if not readers else "always" if readers == len(kept) else "sometimes"
        sources.append(Source(node, reading))
    return LayerLeft(layer, tuple(Choice(name, name in left) for name in names), tuple(sources))
