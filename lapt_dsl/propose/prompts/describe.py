"""A space as a Python class for a language model (LAPT, Figure 2).

The text is valid Python, since models are trained on such code. It is never run. All names are those of principles.
"""

from __future__ import annotations

import json
import keyword
import math
from collections.abc import Iterable, Sequence

from lapt_dsl.compiler.space.model import Cell, CellNode, Implementation, Layer, NetworkPart, NumberRef, Space, Value
from lapt_dsl.propose.prompts.quoting import one_line

INDENT = "    "


def describe(space: Space) -> str:
    """The Python text of a space: operators, one class per cell, and the network."""
    lines = [
        f"# {one_line(f'{space.name}: {space.description}' if space.description else space.name)}",
        "OPERATORS = {",
    ]
    for operator in space.operators:
        comment = ", ".join(sorted(operator.traits)) + (": carries nothing" if operator.absent else "")
        lines.append(
            f'    "{operator.name}": {_call(operator.implementation)},' + (f"  # {comment}" if comment else "")
        )
    lines.append("}")
    seen: dict[tuple[str, ...], Cell] = {}
    for cell in space.cells:
        body = tuple(_class_body(cell))
        first = seen.setdefault(body, cell)
        about = f'    """Cell {cell.name}: {_about(space, cell)}."""'
        if first is cell:
            lines += ["", "", f"class {class_name(cell)}:", about, "", *body]
        else:
            lines += [
                "",
                "",
                f"class {class_name(cell)}({class_name(first)}):  # same structure, separate choices",
                about,
            ]
    if space.networks:
        lines += ["", "", *_network(space)]
    return "\n".join(lines) + "\n"


def class_name(cell: Cell) -> str:
    """The class name of a cell: its name in camel case, followed by `Cell`."""
    return "".join(word[:1].upper() + word[1:] for word in cell.name.split("_")) + "Cell"


def variable(name: str) -> str:
    """A name as a variable. Python keywords get an underscore."""
    return f"{name}_" if keyword.iskeyword(name) else name


def layer_text(keys: Sequence[int]) -> str:
    """Layer numbers in the notation of principles: `0..2, 5`.

    >>> layer_text([0, 1, 2, 5])
    '0..2, 5'
    """
    runs: list[list[int]] = []
    for key in keys:
        if runs and key == runs[-1][-1] + 1:
            runs[-1].append(key)
        else:
            runs.append([key])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}..{run[-1]}" for run in runs)


def _about(space: Space, cell: Cell) -> str:
    """One sentence about the candidates of the layers of a cell."""
    groups: dict[tuple[str, ...], list[int]] = {}
    for layer in cell.operator_layers:
        groups.setdefault(tuple(operator.name for operator in layer.operators), []).append(int(layer.key))
    everything = tuple(operator.name for operator in space.operators)
    parts = []
    for names, keys in groups.items():
        which = f"layers {layer_text(keys)}" if len(keys) > 1 else f"layer {keys[0]}"
        parts.append(f"{which}: {'any of OPERATORS' if names == everything else ', '.join(names)}")
    parts += [f"layer {layer.key}: {', '.join(_numbers(layer))}" for layer in cell.number_layers]
    return "; ".join(parts)


def _numbers(layer: Layer) -> list[str]:
    return [str(label.number) for label in layer.choices]


def _class_body(cell: Cell) -> list[str]:
    numbers = [variable(str(layer.key)) for layer in cell.number_layers]
    lines = [f"    def __init__({', '.join(['self', *(['layer_list'] if cell.operator_layers else []), *numbers])}):"]
    searched = any(layer.wiring != "fixed" for layer in cell.operator_layers)
    if cell.operator_layers:
        what = "the operator of layer i and what it reads" if searched else "the operator of layer i"
        lines.append(f"        self.layer = layer_list  # layer_list[i]: {what}")
    if numbers:
        lines.append(f"        {', '.join(f'self.{name}' for name in numbers)} = {', '.join(numbers)}")
    lines += ["", f"    def forward({', '.join(['self', *(variable(node.name) for node in cell.inputs)])}):"]
    if cell.preprocess is not None:
        inputs = [variable(node.name) for node in cell.inputs]
        preprocessed = ", ".join(f"{_call(cell.preprocess)}({name})" for name in inputs)
        lines.append(f"        {', '.join(inputs)} = {preprocessed}")
    if cell.operator_layers:
        lines.append("        layer = self.layer")
    lines += [f"        {_node(cell, node)}" for node in cell.nodes if node.kind != "input"]
    if cell.source_budget is not None:
        lines.append(f"        # all layers together read at most {cell.source_budget} sources")
    return [*lines, f"        return {variable(cell.output.name)}"]


def _node(cell: Cell, node: CellNode) -> str:
    """The statement for a node."""
    if node.concat:
        value = f"concat({', '.join(variable(cell.nodes[part].name) for part in node.concat)})"
    else:
        value = " + ".join(_term(cell, key) for key in node.layers)
    notes = [f"stage {cell.stages.index(node) + 1}"] if node.kind == "stage" else []
    if node.kind == "output":
        notes.append("output")
    if node.distinct_sources:
        notes.append("different sources")
    return f"{variable(node.name)} = {value}" + (f"  # {', '.join(notes)}" if notes else "")


def _term(cell: Cell, key: int) -> str:
    layer = cell.layer(key)
    assert layer is not None
    sources = [variable(cell.nodes[node].name) for node in layer.source_options]
    joined = ", ".join(sources)
    read = joined if layer.wiring == "fixed" else f"{layer.wiring}_of({joined})"
    if isinstance(layer.repeat, NumberRef):
        return f"repeat(self.{variable(layer.repeat.name)}, layer[{key}])({read})"
    return f"repeat({layer.repeat}, layer[{key}])({read})" if layer.repeat > 1 else f"layer[{key}]({read})"


def _network(space: Space) -> list[str]:
    """The class of the default network."""
    arguments = [variable(cell.name) for cell in space.cells]
    given = ["layer_list"] if len(arguments) == 1 and not space.cells[0].number_layers else arguments
    lines = ["class Architecture:", f"    def __init__(self, {', '.join(given)}):"]
    for cell, name in zip(space.cells, arguments, strict=True):
        made = "layer_list" if given == ["layer_list"] else f"*{name}" if cell.number_layers else name
        lines.append(f"        self.{name} = {class_name(cell)}({made})")
    inputs = max(len(cell.inputs) for cell in space.cells)
    reads = "" if inputs == 1 else f"  # a cell reads the {inputs} outputs before it"
    lines += ["", "    def forward(self, image):", f"        parts = [{reads}"]
    lines += [f"            {_part(part)}," for part in space.networks[0].parts]
    return [*lines, "        ]", "        return run(parts, image)"]


def _part(part: NetworkPart) -> str:
    if part.implementation is not None:
        made = _call(part.implementation, part.arguments)
    else:
        assert part.cell is not None
        made = f"self.{variable(part.cell)}"
        if part.arguments:
            made = f"{made}.at({_arguments(part.arguments)})"
    return f"{part.repeat} * [{made}]" if part.repeat > 1 else made


def _call(implementation: Implementation, more: Iterable[tuple[str, Value | NumberRef]] = ()) -> str:
    return f"{implementation.name}({_arguments([*implementation.arguments, *more])})"


def _arguments(arguments: Iterable[tuple[str, Value | NumberRef]]) -> str:
    return ", ".join(f"{name}={_value(value)}" for name, value in arguments)


def _value(value: Value | NumberRef) -> str:
    if isinstance(value, NumberRef):
        return variable(value.name)
    return json.dumps(value)


def positions(cell: Cell) -> dict[str, list[int]]:
    """The layers of a cell that `early`, `middle` and `late layers` select."""
    targets = [node.index for node in cell.stages]
    places = len(targets) or len(cell.operator_layers)
    third = math.ceil(places / 3)
    spans = {"early": range(third), "middle": range(third, places - third), "late": range(places - third, places)}
    found = {}
    for position, span in spans.items():
        if targets:
            chosen = {targets[place] for place in span}
            found[position] = [int(layer.key) for layer in cell.operator_layers if layer.target in chosen]
        else:
            found[position] = [int(cell.operator_layers[place].key) for place in span]
    return found
