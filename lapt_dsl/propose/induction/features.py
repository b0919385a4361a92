"""Features of the live part of an architecture, for any space.

Per cell: the number of live layers with each operator, the number of live paths, and the maximum, minimum and mean
number of computing layers on a path. An operator computes if it has weights; operators with the trait `shortcut` or
`pooling` only move data.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from lapt_dsl.compiler.space.model import Architecture, Cell, Operator, Space

LIGHT = frozenset({"shortcut", "pooling", "absent"})


@lru_cache(maxsize=32)
def _kinds(space: Space) -> tuple[Operator, ...]:
    """The operators that carry data, in order of the space."""
    return tuple(operator for operator in space.operators if not operator.absent)


def computes(operator: Operator) -> bool:
    """Whether an operator has weights."""
    return not operator.traits & LIGHT


def feature_names(space: Space) -> list[str]:
    """Names of the features, by cell."""
    kinds = [f"live {operator.name}" for operator in _kinds(space)]
    per_cell = [*kinds, "live paths", "most on a path", "fewest on a path", "mean on a path", "computing layers"]
    return [f"{cell.name}: {name}" for cell in space.cells for name in per_cell]


def features_of(space: Space, arch: Architecture) -> list[float]:
    """Features of one architecture, in the order of `feature_names`."""
    found: list[float] = []
    for cell in space.cells:
        chosen = {layer.key: layer.choices[arch.encoding[layer.decision]] for layer in cell.operator_layers}
        operators = {key: label.operator for key, label in chosen.items()}
        carries = {
            key: label.sources
            for key, label in chosen.items()
            if label.operator is not None and not label.operator.absent
        }
        live = live_layers(cell, carries)
        found += [float(sum(operators[key] == kind for key in live)) for kind in _kinds(space)]
        paths, most, fewest, total = _paths(cell, carries, {key: _weighs(operators[key]) for key in chosen})
        found += [
            float(paths),
            float(most),
            float(fewest),
            total / paths if paths else -1.0,
            float(sum(_weighs(operator) for operator in operators.values())),
        ]
    return found


def _weighs(operator: Operator | None) -> int:
    return int(operator is not None and computes(operator))


def live_layers(cell: Cell, carries: dict[int | str, tuple[int, ...]]) -> list[int | str]:
    """The layers on a path from an input to the output, in order. `carries` maps layers with data to their sources."""
    reached = {node.index for node in cell.inputs}
    forward = []
    for node in cell.nodes:
        for key in node.layers:
            if any(source in reached for source in carries.get(key, ())):
                forward.append((key, node.index))
                reached.add(node.index)
        if any(part in reached for part in node.concat):
            reached.add(node.index)
    wanted = {cell.output.index}
    live = []
    for node in reversed(cell.nodes):
        if node.index in wanted:
            wanted.update(node.concat)
            for key, target in forward:
                if target == node.index:
                    live.append(key)
                    wanted.update(source for source in carries[key] if source in reached)
    order = {layer.key: place for place, layer in enumerate(cell.operator_layers)}
    return sorted(live, key=order.__getitem__)


def _paths(
    cell: Cell, carries: dict[int | str, tuple[int, ...]], weighs: dict[int | str, int]
) -> tuple[int, int, int, float]:
    """Number of paths from an input to the output, and maximum, minimum and total of computing layers on them."""
    found: dict[int, tuple[int, int, int, float]] = {node.index: (1, 0, 0, 0.0) for node in cell.inputs}
    for node in cell.nodes:
        if node.kind == "input":
            continue
        incoming = [(part, 0) for part in node.concat]
        incoming += [(source, weighs[key]) for key in node.layers for source in carries.get(key, ())]
        known = [(found[source], weight) for source, weight in incoming if source in found]
        if known:
            found[node.index] = (
                sum(paths for (paths, _, _, _), _ in known),
                max(most + weight for (_, most, _, _), weight in known),
                min(fewest + weight for (_, _, fewest, _), weight in known),
                sum(total + weight * paths for (paths, _, _, total), weight in known),
            )
    return found.get(cell.output.index, (0, -1, -1, 0.0))


def signature(space: Space, arch: Architecture) -> tuple[object, ...]:
    """The function of an architecture, without dead layers and shortcuts. Equal signatures mean equal functions.

    For each cell it is the expression of the output: sums are unordered, a shortcut equals its source, and absent
    layers are removed. In cells with number layers or several inputs, where a shortcut may not be an identity, layers
    keep their keys.
    """
    return tuple(_expression(cell, arch) for cell in space.cells)


def _expression(cell: Cell, arch: Architecture) -> object:
    plain = not cell.number_layers and len(cell.inputs) == 1
    terms: dict[int, tuple[object, ...]] = {node.index: ((node.name,),) for node in cell.inputs}
    layers = {layer.key: layer for layer in cell.operator_layers}
    for node in cell.nodes:
        if node.kind == "input":
            continue
        parts: list[object] = [("concat", *(terms[part] for part in node.concat))] if node.concat else []
        for key in node.layers:
            label = layers[key].choices[arch.encoding[layers[key].decision]]
            operator = label.operator
            if operator is None or operator.absent:
                continue
            read = sorted((term for source in label.sources for term in terms[source]), key=repr)
            if read and plain and "shortcut" in operator.traits and layers[key].repeat == 1:
                parts += read
            elif read:
                parts.append((operator.name, str(key) if not plain else "", tuple(read)))
        terms[node.index] = tuple(sorted(parts, key=repr))
    numbers = tuple(arch.encoding[layer.decision] for layer in cell.number_layers)
    return (numbers, terms[cell.output.index])


def feature_rows(space: Space, archs: Sequence[Architecture]) -> list[list[float]]:
    """Features of several architectures."""
    return [features_of(space, arch) for arch in archs]
