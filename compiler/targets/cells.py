"""`cells.py`: a class for each cell of a refined space, holding only the operators still allowed, run by choice.

A choice gives, for every operator layer, the operator's name and the names of the nodes it reads, as `choice` makes
it from an architecture. Number layers (width, depth, kernel) are sizes, fixed when a cell is built.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from lapt_dsl.compiler.model import Architecture, Cell, Implementation, Label, Layer, NumberRef, Space
from lapt_dsl.compiler.networks.fitting import first_misfit
from lapt_dsl.compiler.networks.liveness import cell_labels
from lapt_dsl.compiler.networks.shapes import Instance, Misfit, misfit_error, stack
from lapt_dsl.compiler.targets.cell_code import CellCode, class_name, function
from lapt_dsl.compiler.targets.python_text import (
    Call,
    Entry,
    Expression,
    Names,
    assemble,
    comment_text,
    header,
    layout,
    literal,
)

_CHOICE = "Mapping[int, tuple[str, Sequence[str]]]"


def choice(arch: Architecture, cell: Cell) -> dict[int, tuple[str, tuple[str, ...]]]:
    """What `forward` of a generated cell takes: per layer its operator and the nodes it reads, by name."""
    labels = cell_labels(arch, cell)
    return {
        int(layer.key): (label.operator.name, tuple(cell.nodes[source].name for source in label.sources))
        for layer in cell.operator_layers
        if (label := labels[layer.key]).operator is not None
    }


class _ChoiceCell:
    """The class of one cell, for the labels that are still allowed."""

    def __init__(
        self, cell: Cell, instances: Sequence[Instance], name: str, allowed: Mapping[int, Sequence[int]]
    ) -> None:
        self.code = CellCode(cell, instances)
        self.cell = cell
        self.name = name
        self.allowed = {
            layer.key: tuple(layer.labels[i] for i in sorted(set(allowed[layer.level]))) for layer in cell.layers
        }
        self.checks = self._number_checks()
        self.init = self._init_lines()

    def _number(self, name: str) -> str:
        return self.code.numbers[name]

    def _number_checks(self) -> list[str]:
        refs: set[str] = set()
        for layer in self.cell.operator_layers:
            refs.update(_referred(layer, self.allowed[layer.key], self.cell.through))
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
        if self.cell.through is not None:
            for node in self.cell.inputs:
                lines += self.code.through_lines(node.index, self._number)
        for layer in self.cell.operator_layers:
            lines += self._layer_lines(layer)
        output = self.cell.output.index
        last = len(self.cell.inputs) - 1
        for part in dict.fromkeys(part for node in self.cell.nodes for part in node.concat):
            channels = self.code.channels(part)
            lines += layout(f"self.zeros_{part} = ", Call("Zero", (channels, channels, "1")))
        return [*lines, *self.code.zeros(last, self.code.channels(output))]

    def _layer_lines(self, layer: Layer) -> list[str]:
        times = str(layer.repeat)
        if isinstance(layer.repeat, NumberRef):
            times = self._number(layer.repeat.name)
        lines: list[str] = []
        entries: dict[str, Expression] = {}
        for label in self.allowed[layer.key]:
            key = self._key(layer, label)
            if key in entries or label.operator is None:
                continue
            implementation = Implementation("zero") if label.operator.absent else label.operator.implementation
            reads = self.code.reading(label.sources or layer.source_options[:1])
            once = "1" if label.operator.absent else times
            target = f"block_{layer.key}_{len(entries)}"
            entries[key], before = self.code.module(target, implementation, reads, once, self._number)
            lines += before
        items = tuple(Entry(literal(key), value) for key, value in entries.items())
        return [*lines, *layout(f"self.layer_{layer.key} = ", Call("nn.ModuleDict", (Call("", items, "{}"),)))]

    def _key(self, layer: Layer, label: Label) -> str:
        assert label.operator is not None, "operator layers choose operators"
        subset = layer.wiring in ("any", "some")
        source = "" if subset else self.cell.nodes[label.sources[0]].name
        return f"{label.operator.name}({source})"

    def _forward_lines(self) -> list[str]:
        variables = self.code.variables
        lines: list[str] = []
        if self.cell.through is not None:
            lines += [f"        {v} = self.through_{v}({v})" for v in (variables[n.index] for n in self.cell.inputs)]
        items = tuple(Entry(literal(node.name), variables[node.index]) for node in self.cell.inputs)
        lines += layout("nodes: dict[str, Tensor | None] = ", Call("", items, "{}"))
        for node in self.cell.nodes[len(self.cell.inputs) :]:
            target = f"nodes[{literal(node.name)}] = "
            if node.concat:
                parts = tuple(f"nodes[{literal(self.cell.nodes[part].name)}]" for part in node.concat)
                zeros = tuple(f"self.zeros_{part}" for part in node.concat)
                called = Call("concat", (Call("", parts, "[]"), Call("", zeros, "[]")))
            else:
                chosen = [Call("choose", (f"self.layer_{key}", f"choice[{key}]", "nodes")) for key in node.layers]
                called = Call("add", tuple(chosen)) if len(chosen) > 1 else chosen[0]
            lines += layout(target, called)
        name = literal(self.cell.output.name)
        return [*lines, f"        y = nodes[{name}]", "        return self.zeros(shape) if y is None else y"]

    def text(self) -> str:
        """The class."""
        last = self.code.variables[len(self.cell.inputs) - 1]
        inputs = {self.code.variables[node.index]: "Tensor" for node in self.cell.inputs}
        numbers = {self._number(str(layer.key)): "int" for layer in self.cell.number_layers}
        arguments = self.code.signature([*self.checks, *self.init], numbers)
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
                *function("__init__", arguments, "None", body),
                "",
                *function("forward", {**inputs, "choice": _CHOICE}, "Tensor", forward, doc),
            ]
        )

    def _constants(self) -> list[str]:
        operators, sources, numbers = [], [], []
        for layer in self.cell.layers:
            labels = self.allowed[layer.key]
            if layer.is_number:
                chosen = dict.fromkeys(str(label.number) for label in labels)
                numbers.append(Entry(literal(str(layer.key)), _tuple(chosen)))
                continue
            found = dict.fromkeys(literal(label.operator.name) for label in labels if label.operator is not None)
            read = dict.fromkeys(source for label in labels for source in label.sources)
            operators.append(Entry(str(layer.key), _tuple(found)))
            sources.append(Entry(str(layer.key), _tuple(literal(self.cell.nodes[s].name) for s in sorted(read))))
        lines = layout("OPERATORS: ClassVar[dict[int, tuple[str, ...]]] = ", Call("", tuple(operators), "{}"), indent=4)
        lines += layout("SOURCES: ClassVar[dict[int, tuple[str, ...]]] = ", Call("", tuple(sources), "{}"), indent=4)
        if numbers:
            kind = "NUMBERS: ClassVar[dict[str, tuple[int, ...]]] = "
            lines += layout(kind, Call("", tuple(numbers), "{}"), indent=4)
        return lines


def _tuple(values: Iterable[str]) -> Call | str:
    items = tuple(values)
    return f"({items[0]},)" if len(items) == 1 else Call("", items)


def _referred(layer: Layer, labels: Sequence[Label], through: Implementation | None) -> set[str]:
    calls = [label.operator.implementation for label in labels if label.operator is not None]
    values = [value for call in [*calls, *([through] if through else [])] for _, value in call.arguments]
    return {value.name for value in [*values, layer.repeat] if isinstance(value, NumberRef)}


def cells_source(space: Space, allowed: Mapping[int, Sequence[int]], inputs: Sequence[tuple[str, str]] = ()) -> str:
    """Generate the cells of a refined space.

    Args:
        space: The space.
        allowed: For every level the label numbers still allowed, at least one each.
        inputs: Names and SHA-256 sums for the header.

    Returns:
        Python source that imports torch alone, the same for the same arguments.

    Raises:
        LaptError: A network of the space cannot be built.
    """
    instances: dict[str, list[Instance]] = {cell.name: [] for cell in space.cells}
    for network in space.networks:
        problem = first_misfit(space, network.name)
        if problem is not None:
            raise misfit_error(space, network.name, Misfit(problem))
        for instance in stack(space, network.name).instances:
            instances[instance.cell.name].append(instance)
    names = Names()
    cells = [_ChoiceCell(cell, instances[cell.name], class_name(cell, names), allowed) for cell in space.cells]
    docstring = "Cells that hold only the operators still allowed, run by choice."
    title = f"Cells of the space {comment_text(space.name)}, as its principles leave them."
    return assemble(header(title, inputs), docstring, "\n\n\n".join(cell.text() for cell in cells))
