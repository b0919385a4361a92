"""Shared parts of the two generators: names, expressions for channels and strides, and the preprocessing of inputs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property

from lapt_dsl.compiler import catalogue
from lapt_dsl.compiler.networks.shapes import Instance
from lapt_dsl.compiler.space.model import Cell, Implementation, NumberRef
from lapt_dsl.compiler.targets.code.python_text import Expression, ModuleCall, Names, layout, literal


def class_name(cell: Cell, names: Names) -> str:
    """The class of a cell: its name in capitals, with `Cell` behind it."""
    words = [word[:1].upper() + word[1:] for word in cell.name.split("_")]
    return names.take("".join(words) + "Cell", "Cell")


def module_call(
    implementation: Implementation, c_in: str, c_out: str, stride: str, number: Callable[[str], str]
) -> ModuleCall:
    """The constructor call of an implementation; `number` gives the expression of a number layer's choice."""
    entry = catalogue.ENTRIES[implementation.name]
    refs = {value.name for _, value in implementation.arguments if isinstance(value, NumberRef)}
    given = dict(implementation.arguments)
    resolved = catalogue.resolve(implementation, dict.fromkeys(refs, 0))
    keywords = []
    for name, value in resolved.items():
        if entry.head or name == "path":
            continue
        ref = given.get(name)
        keywords.append(f"{name}={number(ref.name) if isinstance(ref, NumberRef) else literal(value)}")
    if entry.head:
        return ModuleCall(entry.torch_class, (c_in, c_out))
    path = resolved.get("path")
    first = (literal(path),) if isinstance(path, str) else ()
    return ModuleCall(entry.torch_class, (*first, c_in, c_out, stride, *keywords))


class CellCode:
    """Names and expressions of one cell's class.

    Args:
        cell: The cell.
        instances: Its instances in the network that the class is for (in all networks, where it is for any).
    """

    def __init__(self, cell: Cell, instances: Iterable[Instance]) -> None:
        self.cell = cell
        self.instances = tuple(instances)
        taken = ["self", "channels", "stride", "choice", "nodes", "classes", "shape"]
        taken += [f"{start}_{i}" for start in ("c", "ratio") for i in range(len(cell.nodes))]
        names = Names(taken)
        self.variables = {node.index: names.take(node.name, f"{node.kind}_{node.index}") for node in cell.nodes}
        self.numbers = {
            str(layer.key): names.take(str(layer.key), f"number_{i}") for i, layer in enumerate(cell.number_layers)
        }
        self._arguments = {
            node.index: (
                names.take(f"c_{self.variables[node.index]}", f"c_{node.index}_"),
                names.take(f"ratio_{self.variables[node.index]}", f"ratio_{node.index}_"),
            )
            for node in cell.inputs
        }

    @property
    def title(self) -> str:
        """What the class is, for its docstring."""
        name = self.cell.name
        return f"Cell `{name}`" if name.isascii() and name.isidentifier() else "A cell"

    def c_argument(self, index: int) -> str:
        """The constructor argument for an input's channels."""
        return self._arguments[index][0]

    def ratio_argument(self, index: int) -> str:
        """The constructor argument for how much an input's preprocessing reduces it."""
        return self._arguments[index][1]

    @cached_property
    def reduced(self) -> frozenset[int]:
        """The inputs that some instance reduces."""
        return frozenset(i for instance in self.instances for i, ratio in enumerate(instance.ratios) if ratio != 1)

    def channels(self, index: int) -> str:
        """The channels of a node, as an expression."""
        totals: dict[str, int] = {}
        self._add_channels(index, totals)
        return " + ".join(name if times == 1 else f"{times} * {name}" for name, times in totals.items())

    def _add_channels(self, index: int, totals: dict[str, int]) -> None:
        node = self.cell.nodes[index]
        if node.concat:
            for part in node.concat:
                self._add_channels(part, totals)
            return
        name = self.c_argument(index) if node.kind == "input" and self.cell.preprocess is None else "channels"
        totals[name] = totals.get(name, 0) + 1

    def reading(self, sources: tuple[int, ...]) -> tuple[str, str]:
        """Channels and stride, as expressions, of a layer that reads these nodes (all of one shape)."""
        first = self.cell.nodes[sources[0]]
        return self.channels(first.index), "stride" if first.kind == "input" else "1"

    def preprocess_lines(self, index: int, number: Callable[[str], str]) -> list[str]:
        """The statements that build the preprocessing of an input."""
        preprocess = self.cell.preprocess
        assert preprocess is not None, "only cells with preprocessing ask for it"
        wide = self.c_argument(index)
        plain = module_call(preprocess, wide, "channels", "1", number)
        attribute = f"self.preprocess_{self.variables[index]}"
        if index not in self.reduced:
            return layout(f"{attribute} = ", plain)
        ratio = self.ratio_argument(index)
        return [
            f"        {attribute}: nn.Module",
            f"        if {ratio} == 1:",
            *layout(f"{attribute} = ", plain, indent=12),
            "        else:",
            *layout(f"{attribute} = ", ModuleCall("FactorizedReduce", (wide, "channels", ratio)), indent=12),
        ]

    def module_lines(
        self,
        target: str,
        implementation: Implementation,
        reads: tuple[str, str],
        times: str,
        number: Callable[[str], str],
    ) -> list[str]:
        """The statements that build a layer's module: once, or `times` (an expression) in sequence."""
        first = module_call(implementation, reads[0], "channels", reads[1], number)
        if times == "1":
            return layout(f"{target} = ", first)
        more = str(int(times) - 1) if times.isdigit() else f"{times} - 1"
        again = module_call(implementation, "channels", "channels", "1", number)
        return [
            *layout(f"{target} = ", ModuleCall("nn.Sequential", (first,))),
            f"        for _ in range({more}):",
            *layout("", ModuleCall(f"{target}.append", (again,)), indent=12),
        ]

    def module(
        self,
        target: str,
        implementation: Implementation,
        reads: tuple[str, str],
        times: str,
        number: Callable[[str], str],
    ) -> tuple[Expression, list[str]]:
        """A layer's module as an expression, and the statements that must precede it."""
        if times == "1":
            return module_call(implementation, reads[0], "channels", reads[1], number), []
        return target, self.module_lines(target, implementation, reads, times, number)

    def signature(self, lines: Iterable[str], extra: Mapping[str, str] | None = None) -> dict[str, str]:
        """The constructor's arguments that its body uses, with their types, in a fixed order."""
        text = "\n".join(lines)
        known = [argument for node in self.cell.inputs for argument in self._arguments[node.index]]
        types = dict.fromkeys([*known, "channels", "stride"], "int") | dict(extra or {})
        return {name: kind for name, kind in types.items() if re.search(rf"\b{name}\b", text)}

    def zeros(self, index: int, channels: str) -> list[str]:
        """The statement that builds the zeros of a cell whose output carries nothing, shaped by input `index`."""
        reduced = index in self.reduced
        stride = f"{self.ratio_argument(index)} * stride" if reduced else "stride"
        return layout("self.zeros = ", ModuleCall("Zero", (self.c_argument(index), channels, stride)))


def function(name: str, arguments: Mapping[str, str], returns: str, body: Iterable[str], doc: str = "") -> list[str]:
    """The lines of a method with typed arguments."""
    given = ("self", *(f"{argument}: {kind}" for argument, kind in arguments.items()))
    lines = layout("def ", ModuleCall(name, given), f" -> {returns}:", indent=4)
    if doc:
        lines.append(f'        """{doc}"""')
    return [*lines, *body]
