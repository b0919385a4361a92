"""`cells.py`: a class for each cell of a refined space, holding only the operators still allowed, run by choice.

A choice gives, for every operator layer, the operator's name and the names of the nodes it reads, as
`operator_choices` makes it from an architecture. Number layers (width, depth, kernel) are sizes,
fixed when a cell is built.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from lapt_dsl.compiler.networks.liveness import cell_choices
from lapt_dsl.compiler.networks.shape_check import first_shape_error
from lapt_dsl.compiler.networks.shapes import Instance, ShapeError, layout_network, shape_error
from lapt_dsl.compiler.space.model import Architecture, Cell, Choice, Implementation, Layer, NumberRef, Space
from lapt_dsl.compiler.targets.code.cell_code import CellCode, class_name, function
from lapt_dsl.compiler.targets.code.python_text import (
    DictionaryEntry,
    Expression,
    ModuleCall,
    Names,
    assemble,
    comment_text,
    header,
    layout,
    literal,
)

CHOICE = "Mapping[int, tuple[str, Sequence[str]]]"


def operator_choices(arch: Architecture, cell: Cell) -> dict[int, tuple[str, tuple[str, ...]]]:
    """The argument of a generated cell's `forward`: per layer its operator and the nodes it reads, by name."""
    choices = cell_choices(arch, cell)
    return {
        int(layer.key): (choice.operator.name, tuple(cell.nodes[source].name for source in choice.sources))
        for layer in cell.operator_layers
        if (choice := choices[layer.key]).operator is not None
    }


def holder(cell: Cell, layer: Layer, shared: bool) -> str:
    """The attribute of a generated cell that holds a layer's operators.

    Shared, the layers into a stage of distinct sources have one holder: two of them never read the same node, so an
    operator on an edge is the same module whichever of them reads it, as in the supernet of DARTS.
    """
    if shared and layer.target is not None and cell.nodes[layer.target].distinct_sources:
        beside = [other for other in cell.operator_layers if other.target == layer.target]
        if all(other.wiring == "one" and other.repeat == layer.repeat for other in beside):
            return f"stage_{layer.target}"
    return f"layer_{layer.key}"


def module_key(cell: Cell, layer: Layer, choice: Choice) -> str:
    """The key of a choice's operator in its holder: one module for each source, or one for all of any subset."""
    assert choice.operator is not None, "operator layers choose operators"
    subset = layer.wiring in ("any", "some")
    return f"{choice.operator.name}({'' if subset else cell.nodes[choice.sources[0]].name})"


class ChoiceCell:
    """The class of one cell, with the choices that remain.

    Args:
        cell: The cell.
        instances: Its instances.
        name: The class's name.
        allowed: For every decision the numbers of the remaining choices.
        shared: Whether layers share modules as `holder` defines; then nodes that no remaining choice reads are omitted.
    """

    def __init__(
        self,
        cell: Cell,
        instances: Sequence[Instance],
        name: str,
        allowed: Mapping[int, Sequence[int]],
        shared: bool = False,
    ) -> None:
        self.code = CellCode(cell, instances)
        self.cell = cell
        self.name = name
        self.allowed = {
            layer.key: tuple(layer.choices[i] for i in sorted(set(allowed[layer.decision]))) for layer in cell.layers
        }
        self.holders = {layer.key: holder(cell, layer, shared) for layer in cell.operator_layers}
        self.nodes = self._readable() if shared else frozenset(node.index for node in cell.nodes)
        self.checks = self._number_checks()
        self.init = self._init_lines()
        numbers = {self._number(str(layer.key)): "int" for layer in cell.number_layers}
        self.arguments = self.code.signature([*self.checks, *self.init], numbers)

    @property
    def reads(self) -> tuple[int, ...]:
        """The inputs that `forward` takes: all."""
        return tuple(node.index for node in self.cell.inputs)

    def _readable(self) -> frozenset[int]:
        """The nodes that the output depends on under some remaining choices."""
        found = {self.cell.output.index}
        for node in reversed(self.cell.nodes):
            if node.index in found:
                found.update(node.concat)
                choices = [choice for key in node.layers for choice in self.allowed[key]]
                carrying = [choice for choice in choices if choice.operator is None or not choice.operator.absent]
                found.update(source for choice in carrying for source in choice.sources)
        return frozenset(found)

    def _number(self, name: str) -> str:
        return self.code.numbers[name]

    def _number_checks(self) -> list[str]:
        refs: set[str] = set()
        for layer in self.cell.operator_layers:
            refs.update(_referred(layer, self.allowed[layer.key], self.cell.preprocess))
        lines: list[str] = []
        for layer in self.cell.number_layers:
            if layer.key in refs:
                argument = self._number(str(layer.key))
                lines += [
                    f"        if {argument} not in self.NUMBERS[{literal(str(layer.key))}]:",
                    f'            raise ValueError(f"{argument} cannot be {{{argument}}}")',
                ]
        return lines

    def _init_lines(self) -> list[str]:
        lines: list[str] = []
        if self.cell.preprocess is not None:
            for node in self.cell.inputs:
                if node.index in self.nodes:
                    lines += self.code.preprocess_lines(node.index, self._number)
        groups: dict[str, list[Layer]] = {}
        for layer in self.cell.operator_layers:
            if layer.target in self.nodes:
                groups.setdefault(self.holders[layer.key], []).append(layer)
        for name, layers in groups.items():
            lines += self._holder_lines(name, layers)
        output = self.cell.output.index
        last = len(self.cell.inputs) - 1
        for part in dict.fromkeys(part for node in self.cell.nodes for part in node.concat):
            channels = self.code.channels(part)
            lines += layout(f"self.zeros_{part} = ", ModuleCall("Zero", (channels, channels, "1")))
        return [*lines, *self.code.zeros(last, self.code.channels(output))]

    def _holder_lines(self, name: str, layers: Sequence[Layer]) -> list[str]:
        first = layers[0]
        times = str(first.repeat)
        if isinstance(first.repeat, NumberRef):
            times = self._number(first.repeat.name)
        lines: list[str] = []
        entries: dict[str, Expression] = {}
        pairs = [(layer, choice) for layer in layers for choice in self.allowed[layer.key]]
        for layer, choice in pairs:
            if choice.operator is None:
                continue
            key = module_key(self.cell, layer, choice)
            if key in entries:
                continue
            implementation = Implementation("zero") if choice.operator.absent else choice.operator.implementation
            reads = self.code.reading(choice.sources or layer.source_options[:1])
            once = "1" if choice.operator.absent else times
            target = f"block_{first.key}_{len(entries)}"
            entries[key], before = self.code.module(target, implementation, reads, once, self._number)
            lines += before
        items = tuple(DictionaryEntry(literal(key), value) for key, value in entries.items())
        return [*lines, *layout(f"self.{name} = ", ModuleCall("nn.ModuleDict", (ModuleCall("", items, "{}"),)))]

    def _forward_lines(self) -> list[str]:
        variables = self.code.variables
        lines: list[str] = []
        if self.cell.preprocess is not None:
            read = [variables[node.index] for node in self.cell.inputs if node.index in self.nodes]
            lines += [f"        {variable} = self.preprocess_{variable}({variable})" for variable in read]
        given = {node.name: variables[node.index] if node.index in self.nodes else "None" for node in self.cell.inputs}
        items = tuple(DictionaryEntry(literal(name), value) for name, value in given.items())
        lines += layout("nodes: dict[str, Tensor | None] = ", ModuleCall("", items, "{}"))
        for node in self.cell.nodes[len(self.cell.inputs) :]:
            target = f"nodes[{literal(node.name)}] = "
            called: ModuleCall | str
            if node.index not in self.nodes:
                called = "None"
            elif node.concat:
                parts = tuple(f"nodes[{literal(self.cell.nodes[part].name)}]" for part in node.concat)
                zeros = tuple(f"self.zeros_{part}" for part in node.concat)
                called = ModuleCall("concat", (ModuleCall("", parts, "[]"), ModuleCall("", zeros, "[]")))
            else:
                holders = [f"self.{self.holders[key]}" for key in node.layers]
                keyed = zip(holders, node.layers, strict=True)
                chosen = [ModuleCall("choose", (name, f"choice[{key}]", "nodes")) for name, key in keyed]
                called = ModuleCall("add", tuple(chosen)) if len(chosen) > 1 else chosen[0]
            lines += layout(target, called)
        name = literal(self.cell.output.name)
        return [*lines, f"        y = nodes[{name}]", "        return self.zeros(shape) if y is None else y"]

    def text(self) -> str:
        """The class."""
        last = self.code.variables[len(self.cell.inputs) - 1]
        inputs = {self.code.variables[node.index]: "Tensor" for node in self.cell.inputs}
        body = ["        super().__init__()", *self.checks, *self.init]
        forward = [f"        shape = {last}", *self._forward_lines()]
        doc = "Run the chosen operators."
        return "\n".join(
            [
                f"class {self.name}(nn.Module):",
                f'    """{self.code.title}, with the operators and sources still allowed."""',
                "",
                *self._constants(),
                "",
                *function("__init__", self.arguments, "None", body),
                "",
                *function("forward", {**inputs, "choice": CHOICE}, "Tensor", forward, doc),
            ]
        )

    def _constants(self) -> list[str]:
        operators, sources, numbers = [], [], []
        for layer in self.cell.layers:
            choices = self.allowed[layer.key]
            if layer.is_number:
                chosen = dict.fromkeys(str(choice.number) for choice in choices)
                numbers.append(DictionaryEntry(literal(str(layer.key)), _tuple(chosen)))
                continue
            found = dict.fromkeys(literal(choice.operator.name) for choice in choices if choice.operator is not None)
            read = dict.fromkeys(source for choice in choices for source in choice.sources)
            operators.append(DictionaryEntry(str(layer.key), _tuple(found)))
            sources.append(
                DictionaryEntry(str(layer.key), _tuple(literal(self.cell.nodes[s].name) for s in sorted(read)))
            )
        lines = layout(
            "OPERATORS: ClassVar[dict[int, tuple[str, ...]]] = ", ModuleCall("", tuple(operators), "{}"), indent=4
        )
        lines += layout(
            "SOURCES: ClassVar[dict[int, tuple[str, ...]]] = ", ModuleCall("", tuple(sources), "{}"), indent=4
        )
        if numbers:
            kind = "NUMBERS: ClassVar[dict[str, tuple[int, ...]]] = "
            lines += layout(kind, ModuleCall("", tuple(numbers), "{}"), indent=4)
        return lines


def _tuple(values: Iterable[str]) -> ModuleCall | str:
    items = tuple(values)
    return f"({items[0]},)" if len(items) == 1 else ModuleCall("", items)


def _referred(layer: Layer, choices: Sequence[Choice], preprocess: Implementation | None) -> set[str]:
    calls = [choice.operator.implementation for choice in choices if choice.operator is not None]
    values = [value for call in [*calls, *([preprocess] if preprocess else [])] for _, value in call.arguments]
    return {value.name for value in [*values, layer.repeat] if isinstance(value, NumberRef)}


def cells_source(space: Space, allowed: Mapping[int, Sequence[int]], inputs: Sequence[tuple[str, str]] = ()) -> str:
    """Generate the cells of a refined space.

    Args:
        space: The space.
        allowed: For every decision the numbers of the remaining choices, at least one each.
        inputs: Names and SHA-256 sums for the header.

    Returns:
        Python source that imports torch alone, the same for the same arguments.

    Raises:
        LaptError: A network of the space cannot be built.
    """
    instances: dict[str, list[Instance]] = {cell.name: [] for cell in space.cells}
    for network in space.networks:
        problem = first_shape_error(space, network.name)
        if problem is not None:
            raise shape_error(space, network.name, ShapeError(problem))
        for instance in layout_network(space, network.name).instances:
            instances[instance.cell.name].append(instance)
    names = Names()
    cells = [ChoiceCell(cell, instances[cell.name], class_name(cell, names), allowed) for cell in space.cells]
    docstring = "Cells that hold only the operators still allowed, run by choice."
    title = f"Cells of the space {comment_text(space.name)}, as its principles leave them."
    return assemble(header(title, inputs), docstring, "\n\n\n".join(cell.text() for cell in cells))
