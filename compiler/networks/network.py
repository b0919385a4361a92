"""Cost and depth of the built network, computed from the space without torch."""

from __future__ import annotations

from collections.abc import Mapping

from lapt_dsl.compiler.catalogue import Cost
from lapt_dsl.compiler.networks.costs import (
    CostTerms,
    Term,
    UnknownCost,
    block_cost,
    cost_terms,
    layer_cost,
    preprocess_cost,
    repeats,
)
from lapt_dsl.compiler.networks.liveness import Liveness, cell_choices, deepest_path, liveness
from lapt_dsl.compiler.networks.shapes import (
    Instance,
    NetworkBlock,
    NetworkLayout,
    ShapeError,
    find_network,
    layout_network,
    shape_error,
)
from lapt_dsl.compiler.space.model import Architecture, Space

__all__ = ["CostTerms", "Term", "cell_instances", "check_network", "cost_terms", "measure"]


def cell_instances(space: Space, network: str | None = None) -> tuple[str, ...]:
    """Names of the cells in stacking order, each as often as the network (None: the default one) repeats it."""
    lines = find_network(space, network).parts
    return tuple(line.cell for line in lines if line.cell is not None for _ in range(line.repeat))


def measure(
    space: Space,
    arch: Architecture,
    network: str | None = None,
    *,
    classes: int | None = None,
    channels: int | None = None,
    depth: int | None = None,
    pruned: bool = False,
) -> dict[str, int | None]:
    """Cost and depth of one architecture, layer by layer.

    Args:
        space: The space.
        arch: The architecture.
        network: Name of the network; None is the default one.
        classes: Outputs of the head; None is the published number, here and below.
        channels: Initial channels; all others scale with them.
        depth: Cells for each `N x cell`.
        pruned: Whether to count only what reaches the output, as generated networks hold it.

    Returns:
        `params` and `flops` (multiply-accumulates of convolutions and linear layers for one image), both None where the
        network holds a `torch_module`; `depth`: most live operator layers on a path from the image to the head;
        `live layers`: live operator layers, summed over all instances.

    Raises:
        LaptError: The network cannot be built.
    """
    laid_out = layout_network(space, network, classes=classes, channels=channels, depth=depth)
    found: dict[str, int | None] = {"params": None, "flops": None}
    try:
        cost = _total_cost(laid_out, arch, pruned)
    except UnknownCost:
        pass
    except ShapeError as error:
        raise shape_error(space, find_network(space, network).name, error) from None
    else:
        found = {"params": cost.params, "flops": cost.flops}
    return {**found, "depth": _depth(laid_out, arch), "live layers": _live_layers(laid_out, arch)}


def chosen_numbers(arch: Architecture) -> dict[int, int]:
    """The chosen number of every number layer, by decision."""
    return {layer.decision: choice.number for layer, choice in arch.choices() if choice.number is not None}


def layer_repeats(arch: Architecture, instance: Instance) -> dict[int, int]:
    """How often each operator layer of a cell is repeated in sequence, by the key of the layer."""
    names = {str(key): choice.number or 0 for key, choice in cell_choices(arch, instance.cell).items()}
    return {int(layer.key): repeats(layer, names) for layer in instance.cell.operator_layers}


def _total_cost(laid_out: NetworkLayout, arch: Architecture, pruned: bool) -> Cost:
    numbers = chosen_numbers(arch)
    live = {cell.name: liveness(cell, cell_choices(arch, cell)) for cell in arch.space.cells}
    needed = _needed(laid_out, live) if pruned else None
    total = Cost()
    for position, part in enumerate(laid_out.parts):
        if needed is not None and position not in needed:
            continue
        if isinstance(part, NetworkBlock):
            total = total + block_cost(part, numbers)
            continue
        choices, alive = cell_choices(arch, part.cell), live[part.cell.name]
        total = total + preprocess_cost(part, numbers, _read_inputs(part, alive) if pruned else None)
        for layer in part.cell.operator_layers:
            if not pruned or layer.key in alive.layers:
                total = total + layer_cost(part, layer, choices[layer.key], numbers)
    return total


def _read_inputs(instance: Instance, live: Liveness) -> tuple[int, ...]:
    """The inputs of a cell that its output depends on, by position; none where nothing reaches the output."""
    if instance.cell.output.index not in live.nodes:
        return ()
    return tuple(node.index for node in instance.cell.inputs if node.index in live.nodes)


def _needed(laid_out: NetworkLayout, live: Mapping[str, Liveness]) -> set[int]:
    """The parts that the output depends on; a cell that carries nothing takes its shape from an input."""
    tensors = {len(laid_out.parts)}
    for position in reversed(range(len(laid_out.parts))):
        part = laid_out.parts[position]
        if position + 1 not in tensors:
            continue
        if isinstance(part, NetworkBlock):
            tensors.add(part.source)
        else:
            read = _read_inputs(part, live[part.cell.name]) or (len(part.cell.inputs) - 1,)
            tensors.update(part.sources[index] for index in read)
    return {position for position in range(len(laid_out.parts)) if position + 1 in tensors}


def _depth(laid_out: NetworkLayout, arch: Architecture) -> int:
    depths: list[int | None] = [0]
    for part in laid_out.parts:
        if isinstance(part, NetworkBlock):
            depths.append(depths[part.source])
            continue
        starts = [depths[source] for source in part.sources]
        depths.append(deepest_path(part.cell, cell_choices(arch, part.cell), layer_repeats(arch, part), starts))
    return depths[-1] or 0


def _live_layers(laid_out: NetworkLayout, arch: Architecture) -> int:
    total = 0
    for part in laid_out.instances:
        times = layer_repeats(arch, part)
        total += sum(times[key] for key in liveness(part.cell, cell_choices(arch, part.cell)).layers)
    return total


def check_network(space: Space) -> str | None:
    """Why some network of a space cannot be built for some architecture, as one sentence; None if all can.

    Number layers are checked one by one: a combination of two numbers that do not fit is found when it is built.
    """
    from lapt_dsl.compiler.networks.shape_check import first_shape_error

    for network in space.networks:
        problem = first_shape_error(space, network.name)
        if problem is not None:
            return problem
    return None
