"""Live layers and nodes of a cell: those on a path from an input to the output that carries data.

A layer carries data if its operator is not absent and one of its sources carries data. A layer is live if it carries
data and its node leads to the output. Layers that are not live do not affect the output.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from lapt_dsl.compiler.space.model import Architecture, Cell, Choice


@dataclass(frozen=True, slots=True)
class Liveness:
    """`carrying`: nodes that data from an input reaches; `nodes`, `layers`: those on a live path, by index and key."""

    carrying: frozenset[int]
    nodes: frozenset[int]
    layers: frozenset[int]


def cell_choices(arch: Architecture, cell: Cell) -> dict[int | str, Choice]:
    """The choice of every layer of a cell, by the layer's key."""
    return {layer.key: layer.choices[arch.encoding[layer.decision]] for layer in cell.layers}


def carries(choice: Choice, carrying: Container[int]) -> bool:
    """Whether a layer with this choice passes data on."""
    absent = choice.operator is not None and choice.operator.absent
    return not absent and any(source in carrying for source in choice.sources)


def liveness(cell: Cell, choices: Mapping[int | str, Choice]) -> Liveness:
    """Follow the data forwards from the inputs, then backwards from the output."""
    carrying: set[int] = set()
    for node in cell.nodes:
        fed = node.kind == "input" or any(carries(choices[key], carrying) for key in node.layers)
        if fed or any(part in carrying for part in node.concat):
            carrying.add(node.index)
    needed = {cell.output.index} & carrying
    layers: set[int] = set()
    for node in reversed(cell.nodes):
        if node.index not in needed:
            continue
        needed.update(part for part in node.concat if part in carrying)
        for key in node.layers:
            if carries(choices[key], carrying):
                layers.add(key)
                needed.update(source for source in choices[key].sources if source in carrying)
    return Liveness(frozenset(carrying), frozenset(needed), frozenset(layers))


def deepest_path(
    cell: Cell, choices: Mapping[int | str, Choice], repeats: Mapping[int, int], starts: Sequence[int | None]
) -> int | None:
    """Most operator layers on a live path to the output.

    Args:
        cell: The cell.
        choices: The choice of every layer, by key.
        repeats: How often each operator layer is repeated in sequence, by key.
        starts: Per input, the layers before it on the deepest path, or None if no path leads to it.

    Returns:
        The count, or None if no path reaches the output.
    """
    depths: dict[int, int] = {i: start for i, start in enumerate(starts) if start is not None}
    for node in cell.nodes[len(cell.inputs) :]:
        found = [depths[part] for part in node.concat if part in depths]
        for key in node.layers:
            choice = choices[key]
            if carries(choice, depths):
                found.append(max(depths[source] for source in choice.sources if source in depths) + repeats[key])
        if found:
            depths[node.index] = max(found)
    return depths.get(cell.output.index)
