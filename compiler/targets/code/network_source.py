"""`net.py`: one architecture as straight-line PyTorch code, the whole network around it included.

Layers that are not live never run, so they do not affect the output. A layer that reads nothing carries nothing, even
if it is a convolution whose batch norm would add a bias. Pruned code omits these layers. Unpruned code builds every
published module, so that the parameter count is the published one, and runs only the live modules.
"""

from __future__ import annotations

from collections.abc import Sequence

from lapt_dsl.compiler.networks.costs import repeats
from lapt_dsl.compiler.networks.liveness import Liveness, cell_choices, liveness
from lapt_dsl.compiler.networks.network import chosen_numbers
from lapt_dsl.compiler.networks.shape_check import shape_errors_of
from lapt_dsl.compiler.networks.shapes import (
    Instance,
    NetworkBlock,
    NetworkLayout,
    ShapeError,
    find_network,
    layout_network,
    scaled,
    shape_error,
)
from lapt_dsl.compiler.space.model import Architecture, Cell, Space
from lapt_dsl.compiler.targets.code.cell_code import CellCode, class_name, function
from lapt_dsl.compiler.targets.code.network_class import network_class
from lapt_dsl.compiler.targets.code.python_text import (
    ModuleCall,
    Names,
    assemble,
    comment_text,
    header,
    layout,
    literal,
)


class _ArchitectureCell:
    """The class of one cell for one architecture."""

    def __init__(self, arch: Architecture, cell: Cell, instances: Sequence[Instance], name: str, prune: bool) -> None:
        self.code = CellCode(cell, instances)
        self.cell = cell
        self.name = name
        self.choices = cell_choices(arch, cell)
        self.live: Liveness = liveness(cell, self.choices)
        self.numbers = {str(key): choice.number or 0 for key, choice in self.choices.items()}
        self.dead = cell.output.index not in self.live.nodes
        self.built_inputs = self._inputs() if prune else tuple(node.index for node in cell.inputs)
        self.init = self._init_lines(prune)
        self.arguments = self.code.signature(self.init)

    def _inputs(self) -> tuple[int, ...]:
        """The inputs the output depends on; a dead cell takes its shape from the last."""
        needed = tuple(node.index for node in self.cell.inputs if node.index in self.live.nodes)
        return () if self.dead else needed

    @property
    def reads(self) -> tuple[int, ...]:
        """The inputs that `forward` takes."""
        return (len(self.cell.inputs) - 1,) if self.dead else self._inputs()

    def _number(self, name: str) -> str:
        return literal(self.numbers[name])

    def _init_lines(self, prune: bool) -> list[str]:
        lines: list[str] = []
        if self.cell.preprocess is not None:
            for index in self.built_inputs:
                lines += self.code.preprocess_lines(index, self._number)
        for layer in self.cell.operator_layers:
            choice = self.choices[layer.key]
            assert choice.operator is not None, "operator layers choose operators"
            if prune and layer.key not in self.live.layers:
                continue
            reads = self.code.reading(choice.sources or layer.source_options[:1])
            times = str(repeats(layer, self.numbers))
            target = f"self.layer_{layer.key}"
            lines += self.code.module_lines(target, choice.operator.implementation, reads, times, self._number)
        if self.dead:
            channels = self.code.channels(self.cell.output.index)
            return [*lines, *self.code.zeros(self.reads[0], channels)]
        for index in self._dead_parts():
            channels = self.code.channels(index)
            lines += layout(f"self.zeros_{index} = ", ModuleCall("Zero", (channels, channels, "1")))
        return lines

    def _dead_parts(self) -> list[int]:
        live = self.live.nodes
        parts = [part for node in self.cell.nodes if node.index in live for part in node.concat]
        return [part for part in dict.fromkeys(parts) if part not in live]

    def _forward_lines(self) -> list[str]:
        variables = self.code.variables
        if self.dead:
            return [f"        y: Tensor = self.zeros({variables[self.reads[0]]})", "        return y"]
        lines: list[str] = []
        if self.cell.preprocess is not None:
            for index in self.reads:
                name = variables[index]
                lines.append(f"        {name} = self.preprocess_{name}({name})")
        for node in self.cell.nodes[len(self.cell.inputs) :]:
            if node.index in self.live.nodes:
                lines += self._concat(node.index) if node.concat else self._sum(node.index)
        return [*lines, f"        return {variables[self.cell.output.index]}"]

    def _sum(self, index: int) -> list[str]:
        name = self.code.variables[index]
        lines: list[str] = []
        for key in self.cell.nodes[index].layers:
            if key not in self.live.layers:
                continue
            sources = [s for s in self.choices[key].sources if s in self.live.nodes]
            read = " + ".join(self.code.variables[source] for source in sources)
            called = ModuleCall(f"self.layer_{key}", (read,))
            if len(f"        {name}: Tensor = {called}") > 88:
                lines += self._long_sum(key, sources)
                called = ModuleCall(f"self.layer_{key}", (f"read_{key}",))
            lines += layout(f"{name} = {name} + " if lines and _assigns(lines, name) else f"{name}: Tensor = ", called)
        return lines

    def _long_sum(self, key: int, sources: list[int]) -> list[str]:
        first, *rest = (self.code.variables[source] for source in sources)
        return [f"        read_{key} = {first}", *(f"        read_{key} = read_{key} + {name}" for name in rest)]

    def _concat(self, index: int) -> list[str]:
        node = self.cell.nodes[index]
        live = next(part for part in node.concat if part in self.live.nodes)
        parts = [
            self.code.variables[part] if part in self.live.nodes else f"self.zeros_{part}({self.code.variables[live]})"
            for part in node.concat
        ]
        called = ModuleCall("torch.cat", (ModuleCall("", tuple(parts), "[]"), "dim=1"))
        return layout(f"{self.code.variables[index]}: Tensor = ", called)

    def text(self, note: str) -> str:
        """The class."""
        inputs = {self.code.variables[index]: "Tensor" for index in self.reads}
        return "\n".join(
            [
                f"class {self.name}(nn.Module):",
                f'    """{self.code.title}{note}."""',
                "",
                *function("__init__", self.arguments, "None", ["        super().__init__()", *self.init]),
                "",
                *function("forward", inputs, "Tensor", self._forward_lines(), "Run the cell."),
            ]
        )


def _assigns(lines: list[str], name: str) -> bool:
    return any(line.startswith(f"        {name}: Tensor = ") for line in lines)


def _cells(arch: Architecture, laid_out: NetworkLayout, prune: bool, names: Names) -> dict[str, _ArchitectureCell]:
    groups: dict[str, list[Instance]] = {}
    for instance in laid_out.instances:
        groups.setdefault(instance.cell.name, []).append(instance)
    return {
        name: _ArchitectureCell(arch, found[0].cell, found, class_name(found[0].cell, names), prune)
        for name, found in groups.items()
    }


def _needed(laid_out: NetworkLayout, cells: dict[str, _ArchitectureCell]) -> set[int]:
    """The parts that the network's output depends on."""
    tensors = {len(laid_out.parts)}
    for i in reversed(range(len(laid_out.parts))):
        part = laid_out.parts[i]
        if i + 1 not in tensors:
            continue
        if isinstance(part, NetworkBlock):
            tensors.add(part.source)
        else:
            tensors.update(part.sources[index] for index in cells[part.cell.name].reads)
    return {i for i in range(len(laid_out.parts)) if i + 1 in tensors}


def _network(arch: Architecture, laid_out: NetworkLayout, cells: dict[str, _ArchitectureCell], prune: bool) -> str:
    numbers = {decision: scaled(number, laid_out.scale) for decision, number in chosen_numbers(arch).items()}
    needed = _needed(laid_out, cells)
    built = needed if prune else set(range(len(laid_out.parts)))
    return network_class("Network", "The whole network.", laid_out, numbers, cells, built=built, run=needed)


_MAIN = """if __name__ == "__main__":
    count = sum(parameter.numel() for parameter in Network().parameters())
    print(f"{count:,} parameters")"""


def network_source(
    space: Space,
    arch: Architecture,
    *,
    num_classes: int | None = None,
    channels: int | None = None,
    depth: int | None = None,
    network: str | None = None,
    prune: bool = True,
    inputs: Sequence[tuple[str, str]] = (),
) -> str:
    """Generate the module of one architecture: a class for each cell, and `Network`.

    Args:
        space: The space.
        arch: The architecture.
        num_classes: Outputs of the head; None is the published number.
        channels: Initial channels; None is the published number (see `networks.shapes.layout_network`).
        depth: Cells for each `N x cell`; None is the published number.
        network: Name of the network; None is the default one.
        prune: Whether to leave out what is not live. Without it every published module is built, and not run.
        inputs: Names and SHA-256 sums for the header.

    Returns:
        Python source that imports torch alone, the same for the same arguments.

    Raises:
        LaptError: The network cannot be built.
    """
    laid_out = layout_network(space, network, classes=num_classes, channels=channels, depth=depth)
    chosen = find_network(space, network).name
    try:
        shape_errors_of(laid_out, arch)
        names = Names(["Network", "count", "parameter"])
        cells = _cells(arch, laid_out, prune, names)
        needed = _needed(laid_out, cells)
        used = {
            p.cell.name for i, p in enumerate(laid_out.parts) if isinstance(p, Instance) and (not prune or i in needed)
        }
        note = ", what is live of it" if prune else ""
        body = [cell.text(note) for name, cell in cells.items() if name in used]
        body.append(_network(arch, laid_out, cells, prune))
    except ShapeError as error:
        raise shape_error(space, chosen, error) from None
    title = f"One architecture of the space {comment_text(space.name)}, network {comment_text(chosen)}."
    docstring = "One architecture as a PyTorch network; `Network()` builds it."
    return assemble(header(title, inputs), docstring, "\n\n\n".join([*body, _MAIN]))
