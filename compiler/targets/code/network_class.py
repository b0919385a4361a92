"""The class of a whole network: its lines in stacking order, for one architecture or for cells that run by choice."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

from lapt_dsl.compiler.networks.shapes import Instance, NetworkBlock, NetworkLayout
from lapt_dsl.compiler.targets.code.cell_code import CellCode, function, module_call
from lapt_dsl.compiler.targets.code.python_text import ModuleCall, layout, literal


class CellClass(Protocol):
    """A cell's generated class."""

    @property
    def name(self) -> str:
        """The class's name."""

    @property
    def code(self) -> CellCode:
        """Its names."""

    @property
    def arguments(self) -> Mapping[str, str]:
        """The arguments of its constructor: names and types."""

    @property
    def reads(self) -> tuple[int, ...]:
        """The inputs that its `forward` takes."""


def network_class(
    name: str,
    title: str,
    laid_out: NetworkLayout,
    numbers: Mapping[int, int],
    cells: Mapping[str, CellClass],
    *,
    built: Collection[int],
    run: Collection[int],
    choice: str | None = None,
    given: Mapping[str, Mapping[str, int]] | None = None,
) -> str:
    """Generate the class.

    Args:
        name: Its name.
        title: Its docstring.
        laid_out: The lines.
        numbers: The number of every number layer that channels depend on, by decision.
        cells: The classes of the cells, by the cells' names.
        built: Which lines are built.
        run: Which of them are run.
        choice: The type of a further argument of `forward`, indexed by a cell's name for the choice of that
            cell; None for cells that take no choice.
        given: By a cell's name further arguments of its constructor.
    """
    init = ["        super().__init__()"]
    forward: list[str] = []
    arguments: dict[str, str] = {}
    tensors = ["image", *(f"x{i + 1}" for i in range(len(laid_out.parts)))]
    for i, part in enumerate(laid_out.parts):
        chosen: tuple[str, ...] = ()
        if isinstance(part, NetworkBlock):
            kind, read = "head" if part.head else "block", [part.source]
            call = _block_call(part, numbers)
            if part.head:
                arguments["classes"] = f"int = {part.output.channels.at(numbers)}"
        else:
            cell = cells[part.cell.name]
            kind, read = "cell", [part.sources[index] for index in cell.reads]
            call = _cell_call(part, cell, numbers, (given or {}).get(part.cell.name, {}))
            chosen = () if choice is None else (f"choice[{literal(part.cell.name)}]",)
        if i in built:
            init += layout(f"self.{kind}_{i} = ", call)
        if i in run:
            called = ModuleCall(f"self.{kind}_{i}", (*(tensors[source] for source in read), *chosen))
            last = i + 1 == len(laid_out.parts)
            forward += layout(f"{tensors[i + 1]}: Tensor = " if last else f"{tensors[i + 1]} = ", called)
    forward.append(f"        return {tensors[-1]}")
    size = laid_out.image.size
    doc = f"Logits of images [batch, {laid_out.image.channels.constant}, {size}, {size}]."
    inputs = {"image": "Tensor"} if choice is None else {"image": "Tensor", "choice": choice}
    methods = [*function("__init__", arguments, "None", init), "", *function("forward", inputs, "Tensor", forward, doc)]
    return "\n".join([f"class {name}(nn.Module):", f'    """{title}"""', "", *methods])


def _block_call(part: NetworkBlock, numbers: Mapping[int, int]) -> ModuleCall:
    wide, narrow = part.input.channels.at(numbers), part.output.channels.at(numbers)
    outputs = "classes" if part.head else str(narrow)
    return module_call(part.implementation, str(wide), outputs, str(part.stride), lambda name: name)


def _cell_call(part: Instance, cell: CellClass, numbers: Mapping[int, int], given: Mapping[str, int]) -> ModuleCall:
    values = {"channels": part.channels.at(numbers), "stride": part.stride, **given}
    for index, shape in enumerate(part.inputs):
        values[cell.code.c_argument(index)] = shape.channels.at(numbers)
        values[cell.code.ratio_argument(index)] = part.ratios[index]
    return ModuleCall(cell.name, tuple(f"{name}={values[name]}" for name in cell.arguments))
