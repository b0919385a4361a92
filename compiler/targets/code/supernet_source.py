"""`supernet.py`: one network that holds every remaining architecture and runs a chosen one.

Weights are shared among architectures. In every instance of a cell an operator on an edge, from a node into another,
is one module, whichever layer puts it there (`cells.holder`); a layer that reads any subset of nodes has one module of
each operator. So the supernet of the whole DARTS space has the edges of the published one: 14 a cell, with all
operators on each. Operators, edges and inputs that no remaining architecture uses are omitted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from lapt_dsl.compiler.networks.liveness import cell_choices
from lapt_dsl.compiler.networks.shape_check import first_shape_error
from lapt_dsl.compiler.networks.shapes import Instance, ShapeError, find_network, layout_network, scaled, shape_error
from lapt_dsl.compiler.space.model import Architecture, Space
from lapt_dsl.compiler.targets.code.cell_code import class_name
from lapt_dsl.compiler.targets.code.cells import CHOICE, ChoiceCell, holder, module_key, operator_choices
from lapt_dsl.compiler.targets.code.network_class import network_class
from lapt_dsl.compiler.targets.code.python_text import Names, assemble, comment_text, header
from lapt_dsl.diagnostics.diagnostic import Diagnostic, LaptError

CellChoice = Mapping[int, tuple[str, Sequence[str]]]

_MAIN = """if __name__ == "__main__":
    count = sum(parameter.numel() for parameter in Supernet().parameters())
    print(f"{count:,} parameters")"""


def supernet_choice(arch: Architecture) -> dict[str, CellChoice]:
    """The argument of `Supernet.forward` that runs an architecture: per cell the result of `cells.operator_choices`."""
    return {cell.name: operator_choices(arch, cell) for cell in arch.space.cells}


def supernet_source(
    space: Space,
    allowed: Mapping[int, Sequence[int]],
    *,
    num_classes: int | None = None,
    channels: int | None = None,
    depth: int | None = None,
    network: str | None = None,
    inputs: Sequence[tuple[str, str]] = (),
) -> str:
    """Generate the supernet of a refined space: a class for each cell, and `Supernet`.

    Args:
        space: The space.
        allowed: For every decision the numbers of the remaining choices, at least one each.
        num_classes: Outputs of the head; None is the published number.
        channels: Initial channels; None is the published number (see `networks.shapes.layout_network`).
        depth: Cells for each `N x cell`; None is the published number.
        network: Name of the network; None is the default one.
        inputs: Names and SHA-256 sums for the header.

    Returns:
        Python source that imports torch alone, the same for the same arguments.

    Raises:
        LaptError: E140, E141, the network cannot be built; E780, several numbers are left for a number layer.
    """
    laid_out = layout_network(space, network, classes=num_classes, channels=channels, depth=depth)
    chosen = find_network(space, network).name
    problem = first_shape_error(space, chosen)
    if problem is not None:
        raise shape_error(space, chosen, ShapeError(problem))
    numbers = _numbers(space, allowed)
    names = Names(["Supernet", "count", "parameter"])
    groups: dict[str, list[Instance]] = {}
    for instance in laid_out.instances:
        groups.setdefault(instance.cell.name, []).append(instance)
    cells = {
        name: ChoiceCell(found[0].cell, found, class_name(found[0].cell, names), allowed, shared=True)
        for name, found in groups.items()
    }
    given = {
        name: {made.code.numbers[str(layer.key)]: numbers[layer.decision] for layer in made.cell.number_layers}
        for name, made in cells.items()
    }
    whole = network_class(
        "Supernet",
        "All that is left in one network, run by choice.",
        laid_out,
        {decision: scaled(number, laid_out.scale) for decision, number in numbers.items()},
        cells,
        built=range(len(laid_out.parts)),
        run=range(len(laid_out.parts)),
        choice=f"Mapping[str, {CHOICE}]",
        given=given,
    )
    title = f"Supernet of the space {comment_text(space.name)}, network {comment_text(chosen)}."
    docstring = "All architectures that are left as one PyTorch network; `Supernet()` builds it."
    body = [*(cell.text() for cell in cells.values()), whole, _MAIN]
    return assemble(header(title, inputs), docstring, "\n\n\n".join(body))


def _numbers(space: Space, allowed: Mapping[int, Sequence[int]]) -> dict[int, int]:
    """The one number that remains for every number layer, by decision."""
    found: dict[int, int] = {}
    for layer in space.layers:
        if not layer.is_number:
            continue
        left = sorted({layer.choices[i].number or 0 for i in allowed[layer.decision]})
        if len(left) != 1:
            listed = ", ".join(map(str, left[:8]))
            message = f"a supernet has one {layer.key} of cell `{layer.cell}`, and {len(left)} are left: {listed}"
            hint = f"leave one with a principle: in {layer.cell} {{ layer {layer.key}: only {left[0]}; }}"
            raise LaptError([Diagnostic("E780", "error", message, space.span, hint)])
        found[layer.decision] = left[0]
    return found


def path_keys(
    arch: Architecture, keys: Iterable[str], *, network: str | None = None, depth: int | None = None
) -> dict[str, str]:
    """Where the weights of an architecture's own network are in a supernet.

    Args:
        arch: The architecture.
        keys: Names in the `state_dict` of the network, as `build_module` builds it.
        network: The network's name; None is the default one.
        depth: Cells for each `N x cell`, as the network was built.

    Returns:
        For every key the name in the `state_dict` of the supernet. Modules that never run may be missing there.
    """
    parts = layout_network(arch.space, network, depth=depth).parts
    found: dict[str, str] = {}
    for key in keys:
        place, _, inside = key.partition(".")
        child, _, rest = inside.partition(".")
        kind, _, number = place.partition("_")
        part = parts[int(number)] if kind == "cell" else None
        found[key] = key
        if isinstance(part, Instance) and child.startswith("layer_"):
            layer = part.cell.layer(int(child.removeprefix("layer_")))
            assert layer is not None, "a network has the layers of its cells"
            choice = cell_choices(arch, part.cell)[layer.key]
            found[key] = f"{place}.{holder(part.cell, layer, True)}.{module_key(part.cell, layer, choice)}.{rest}"
    return found
