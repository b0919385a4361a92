"""Paths, live layers and depth of an architecture by explicit search over its graph."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lapt_dsl.compiler.space.model import Cell, Choice, Layer, NumberRef, Space

Chosen = Mapping[int | str, Choice]
Path = tuple[tuple[Layer, int], ...]


def chosen_labels(space: Space, cell: Cell, word: tuple[int, ...]) -> dict[int | str, Choice]:
    """The label every layer of `cell` carries in `word`, by the layer's key."""
    return {layer.key: layer.choices[word[layer.decision]] for layer in cell.layers}


def carries(label: Choice) -> bool:
    """Whether data passes a layer with this label at all (its sources aside)."""
    return label.operator is not None and not label.operator.absent


def repeat_of(layer: Layer, chosen: Chosen) -> int:
    """How many operators in sequence the layer stands for."""
    if isinstance(layer.repeat, NumberRef):
        number = chosen[layer.repeat.name].number
        assert number is not None
        return number
    return layer.repeat


def paths(cell: Cell, chosen: Chosen, starts: frozenset[int], end: int) -> Iterator[Path]:
    """Every path from a node of `starts` to `end`, as (layer, source taken) in the order data flows."""
    if end in starts:
        yield ()
    node = cell.nodes[end]
    for part in node.concat:
        yield from paths(cell, chosen, starts, part)
    for key in node.layers:
        layer = cell.layer(key)
        assert layer is not None
        label = chosen[key]
        if carries(label):
            for source in label.sources:
                for path in paths(cell, chosen, starts, source):
                    yield (*path, (layer, source))


def edges(cell: Cell, chosen: Chosen) -> list[tuple[int, int]]:
    """Every (node, node) that data crosses, be it through a layer or into a concatenation."""
    found = [(part, node.index) for node in cell.nodes for part in node.concat]
    for layer in cell.operator_layers:
        if carries(chosen[layer.key]):
            assert layer.target is not None
            found += [(source, layer.target) for source in chosen[layer.key].sources]
    return found


def closure(start: set[int], steps: list[tuple[int, int]]) -> set[int]:
    """All nodes that `steps` lead to from `start`, itself included."""
    reached = set(start)
    while True:
        more = {target for source, target in steps if source in reached} - reached
        if not more:
            return reached
        reached |= more


def live_layers(cell: Cell, chosen: Chosen) -> list[Layer]:
    """The layers on some path from an input of the cell to its output."""
    steps = edges(cell, chosen)
    fed = closure({node.index for node in cell.inputs}, steps)
    used = closure({cell.output.index}, [(target, source) for source, target in steps])
    return [
        layer
        for layer in cell.operator_layers
        if carries(chosen[layer.key]) and layer.target in used and fed & set(chosen[layer.key].sources)
    ]


def instances(space: Space) -> list[Cell]:
    """The cells of the default network in stacking order."""
    found = []
    for part in space.networks[0].parts:
        if part.cell is not None:
            cell = space.cell(part.cell)
            assert cell is not None
            found += [cell] * part.repeat
    return found


def network_live_layers(space: Space, word: tuple[int, ...]) -> int:
    """Live layers over all cell instances, a repeated layer as often as it stands in sequence."""
    total = 0
    for cell in instances(space):
        chosen = chosen_labels(space, cell, word)
        total += sum(repeat_of(layer, chosen) for layer in live_layers(cell, chosen))
    return total


def network_depth(space: Space, word: tuple[int, ...]) -> int:
    """The most operator layers on one path from the image to the head; 0 where no path reaches the head.

    A cell with k inputs reads what the k parts before it made, oldest first, the first part again where there are
    fewer. Blocks between cells hand on what they get.
    """
    states: list[int | None] = []
    for part in space.networks[0].parts:
        if part.cell is None:
            states.append(states[-1] if states else 0)
            continue
        cell = space.cell(part.cell)
        assert cell is not None
        for _ in range(part.repeat):
            count = len(cell.inputs)
            inputs = ([states[0]] * count + states)[-count:]
            states.append(cell_depth(cell, chosen_labels(space, cell, word), inputs))
    return states[-1] or 0


def cell_depth(cell: Cell, chosen: Chosen, inputs: list[int | None]) -> int | None:
    """The most layers behind the output, given the most behind each input; None where no path arrives."""
    longest: dict[int, int | None] = {}
    for node in cell.nodes:
        if node.kind == "input":
            longest[node.index] = inputs[cell.inputs.index(node)]
            continue
        found = [longest[part] for part in node.concat]
        for key in node.layers:
            layer = cell.layer(key)
            assert layer is not None
            if carries(chosen[key]):
                for source in chosen[key].sources:
                    before = longest[source]
                    found.append(None if before is None else before + repeat_of(layer, chosen))
        longest[node.index] = max((value for value in found if value is not None), default=None)
    return longest[cell.output.index]
