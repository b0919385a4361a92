"""What is left of a cell: per layer the operators, numbers and sources that some remaining label still uses.

The exact projection of a refined space is a set of labels per level. People, drawings and `constraints.json` ask it
three questions: which candidates are left (C_i), which sources (S_i), and whether a source is read by all or only by
some of what is left. All are relative to what the whole space uses: under `distinct sources` the first layer of a
stage never reads the last of its options, and no principle has removed that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from lapt_dsl.compiler.refined.refined_space import RefinedSpace
    from lapt_dsl.compiler.space.model import Choice, Layer

SourceUse = Literal["always", "sometimes", "never"]


@dataclass(frozen=True, slots=True)
class RemainingChoice:
    """A candidate (operator or number, as text) and whether some remaining architecture uses it."""

    name: str
    left: bool


@dataclass(frozen=True, slots=True)
class RemainingSource:
    """A node a layer may read by its wiring, and how many of the layer's remaining labels read it."""

    node: int
    reading: SourceUse


@dataclass(frozen=True, slots=True)
class RemainingCandidates:
    """One layer and what is left of it; candidates and sources keep the order of the space file."""

    layer: Layer
    choices: tuple[RemainingChoice, ...]
    sources: tuple[RemainingSource, ...]

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


def remaining(refined: RefinedSpace) -> dict[str, tuple[RemainingCandidates, ...]]:
    """What is left of every layer.

    Args:
        refined: a refined space; it may be empty, then nothing is left of any layer.

    Returns:
        For each cell, by name, one entry per layer in level order.
    """
    from lapt_dsl.compiler.refined.refined_space import full

    whole, left = full(refined.space).candidates, refined.candidates
    return {
        cell.name: tuple(
            _layer_left(layer, whole[layer.decision].choices, left[layer.decision].choices) for layer in cell.layers
        )
        for cell in refined.space.cells
    }


def _layer_left(layer: Layer, whole: tuple[int, ...], left: tuple[int, ...]) -> RemainingCandidates:
    used = [layer.choices[number] for number in whole]
    kept = [layer.choices[number] for number in left]
    possible = {source for label in used for source in label.sources}
    sources = []
    for node in layer.source_options:
        readers = sum(node in label.sources for label in kept)
        reading: SourceUse = "never" if not readers else "always" if readers == len(kept) else "sometimes"
        if node in possible:
            sources.append(RemainingSource(node, reading))
    names, still = [_name(label) for label in used], {_name(label) for label in kept}
    return RemainingCandidates(
        layer, tuple(RemainingChoice(name, name in still) for name in dict.fromkeys(names)), tuple(sources)
    )


def _name(label: Choice) -> str:
    return str(label.number) if label.operator is None else label.operator.name
