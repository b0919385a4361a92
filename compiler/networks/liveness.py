"""Which layers and nodes of a cell matter: those on a live path from an input to the output.

A layer whose operator is absent, or that reads no node that carries something, carries nothing; a layer whose node
leads nowhere is not needed. What is not live does not touch the output.
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


def cell_labels(arch: Architecture, cell: Cell) -> dict[int | str, Choice]:
    """The label of every layer of a cell, by the layer's key."""
    return {layer.key: layer.choices[arch.encoding[layer.decision]] for layer in cell.layers}


def carries(label: Choice, carrying: Container[int]) -> bool:
    """Whether a layer with this label passes something on."""
    absent = label.operator is not None and label.operator.absent
    return not absent and any(source in carrying for source in label.sources)


def liveness(cell: Cell, labels: Mapping[int | str, Choice]) -> Liveness:
    """Follow the data forwards from the inputs, then backwards from the output."""
    carrying: set[int] = set()
    for node in cell.nodes:
        fed = node.kind == "input" or any(carries(labels[key], carrying) for key in node.layers)
        if fed or any(part in carrying for part in node.concat):
            carrying.add(node.index)
    needed = {cell.output.index} & carrying
    layers: set[int] = set()
    for node in reversed(cell.nodes):
        if node.index not in needed:
            continue
        needed.update(part for part in node.concat if part in carrying)
        for key in node.layers:
            if carries(labels[key], carrying):
                layers.add(key)
                needed.update(source for source in labels[key].sources if source in carrying)
    return Liveness(frozenset(carrying), frozenset(needed), frozenset(layers))


def deepest_path(
    cell: Cell, labels: Mapping[int | str, Choice], repeats: Mapping[int, int], starts: Sequence[int | None]
) -> int | None:
    """Most operator layers on a live path to the output.

    Args:
        cell: The cell.
        labels: The label of every layer, by key.
        repeats: How often each operator layer stands in sequence, by key.
        starts: Per input, how many layers lie behind it on the deepest path, or None where nothing arrives.

    Returns:
        The count, or None where no path reaches the output.
    """
    depths: dict[int, int] = {i: start for i, start in enumerate(starts) if start is not None}
    for node in cell.nodes[len(cell.inputs) :]:
        found = [depths[part] for part in node.concat if part in depths]
        for key in node.layers:
            label = labels[key]
            if carries(label, depths):
                found.append(max(depths[source] for source in label.sources if source in depths) + repeats[key])
        if found:
            depths[node.index] = max(found)
    return depths.get(cell.output.index)
