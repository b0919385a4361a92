"""Architectures as text for a model, in one line or layer by layer, and selection of the most informative ones."""

from __future__ import annotations

from collections.abc import Sequence

from lapt_dsl.compiler.space.model import Architecture, Cell, Choice, Layer, Space
from lapt_dsl.propose.archive import Scored
from lapt_dsl.propose.prompts.describe import variable

CONSIDERED = 400
"""Only this many entries are ordered by information. No prompt shows more."""


def line(arch: Architecture) -> str:
    """An architecture as the layer lists of its cells, as arguments of the described classes."""
    space = arch.space
    shown = [
        f"{cell.name}={text}" if len(space.cells) > 1 else text for cell in space.cells if (text := _cell(arch, cell))
    ]
    return ", ".join(shown)


def listed(rank: int, scored: Scored) -> str:
    """A line of a list: rank, score, layer lists."""
    return f"{rank}. score {score_text(scored.score)}: {line(scored.arch)}"


def layer_by_layer(arch: Architecture) -> str:
    """An architecture with named layers, one line per cell."""
    lines = []
    for cell in arch.space.cells:
        chosen = "; ".join(f"layer {layer.key} {choice(cell, layer, _label(arch, layer))}" for layer in cell.layers)
        lines.append(f"- {f'{cell.name}: ' if len(arch.space.cells) > 1 else ''}{chosen}")
    return "\n".join(lines)


def score_text(score: float) -> str:
    """A score with six digits. Zero has no sign."""
    return f"{score + 0.0:.6g}"


def choice(cell: Cell, layer: Layer, label: Choice) -> str:
    """The choice of one layer: an operator, with its sources if they are searched, or a number."""
    if label.operator is None:
        return str(label.number)
    if layer.wiring == "fixed":
        return label.operator.name
    return f"{label.operator.name}({', '.join(variable(cell.nodes[index].name) for index in label.sources)})"


def _cell(arch: Architecture, cell: Cell) -> str:
    operators = f"[{', '.join(choice(cell, layer, _label(arch, layer)) for layer in cell.operator_layers)}]"
    if not cell.number_layers:
        return operators
    numbers = [f"{layer.key}={_label(arch, layer).number}" for layer in cell.number_layers]
    # Operators are omitted if no layer of the cell can choose one.
    chosen = [operators] if any(len(layer.choices) > 1 for layer in cell.operator_layers) else []
    return f"({', '.join([*chosen, *numbers])})"


def _label(arch: Architecture, layer: Layer) -> Choice:
    return layer.choices[arch.encoding[layer.decision]]


def by_information(entries: Sequence[Scored]) -> list[int]:
    """The places of ranked entries, the most informative first.

    The best entry comes first. Each next entry maximises the product of novelty and rank: the share of layers in which
    it differs from the nearest selected entry, times the share of entries that it is better than. Ties go to the better
    rank. Entries beyond `CONSIDERED` come last, in order.
    """
    words = [entry.arch.encoding for entry in entries[:CONSIDERED]]
    total = len(words)
    if not total:
        return []
    left = dict.fromkeys(range(1, total))
    nearest = [_differences(words[0], word) for word in words]
    order = [0]
    while left:
        chosen = max(left, key=lambda place: (nearest[place] * (total - place), -place))
        order.append(chosen)
        del left[chosen]
        for place in left:
            nearest[place] = min(nearest[place], _differences(words[chosen], words[place]))
    return [*order, *range(total, len(entries))]


def _differences(one: Sequence[int], other: Sequence[int]) -> int:
    return sum(a != b for a, b in zip(one, other, strict=True))


def cells_that_choose(space: Space) -> list[Cell]:
    """Cells with at least one decision."""
    return [cell for cell in space.cells if any(len(layer.choices) > 1 for layer in cell.layers)]
