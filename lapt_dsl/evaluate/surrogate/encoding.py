"""DARTS architectures as the inputs of NAS-Bench-301's surrogate.

Its 34 categorical inputs are the hyperparameters of the benchmark's ConfigSpace: per cell 14 edges, each the operator
it carries or `#na#`, and for the last three nodes which two nodes they read. Edges are numbered by the node they lead
to, then by the node they come from: 0 and 1 lead to node 2, 2 to 4 to node 3, 5 to 8 to node 4, 9 to 13 to node 5.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import combinations

from lapt_dsl.compiler.program.source_files import SourceFile
from lapt_dsl.compiler.space.model import Architecture, Cell, Space
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.diagnostics.suggestions import shortened

CELLS = {"normal": "normal", "reduction": "reduce"}
"""Our names of the cells, and the published ones."""

OPERATORS = (
    "max_pool_3x3", "avg_pool_3x3", "skip_connect", "sep_conv_3x3", "sep_conv_5x5", "dil_conv_3x3", "dil_conv_5x5",
)  # fmt: skip
ABSENT = "#na#"
PREFIX = "NetworkSelectorDatasetInfo_COLON_darts_COLON_"
FIRST_EDGE = {2: 0, 3: 2, 4: 5, 5: 9}
"""By target node the number of the edge that comes from node 0."""

INPUTS = (
    *(f"edge_{cell}_{edge}" for cell in CELLS.values() for edge in range(14)),
    *(f"inputs_node_{cell}_{node}" for cell in CELLS.values() for node in (3, 4, 5)),
)
"""The model's inputs in its order, that of the benchmark's ConfigSpace. The encoding file lists them alphabetically
(`..._1`, `..._10`, `..._11`, ..., `..._2`), and fed in that order the model's ranking is much worse."""

InputCodes = Mapping[str, Mapping[str, int]]


def values_of(name: str) -> tuple[str, ...]:
    """What an input may be, `#na#` aside."""
    if name.startswith("edge"):
        return OPERATORS
    return tuple(f"{one}_{other}" for one, other in combinations(range(int(name[-1])), 2))


def read_encoding(source: SourceFile) -> InputCodes:
    """The codes of every input, by its name without the prefix.

    Args:
        source: The encoding file's text.

    Raises:
        LaptError: E772, it is no JSON, or an input, a value or a code is missing or no small number of its own.
    """
    try:
        content = json.loads(source.text)
    except (ValueError, RecursionError) as error:
        raise LaptError.of("E772", f"the encoding is no JSON: {str(error)[:100]}", source.name) from error
    if not isinstance(content, dict):
        raise LaptError.of("E772", "the encoding is no JSON object", source.name)
    found: dict[str, dict[str, int]] = {}
    for name in INPUTS:
        codes = content.get(PREFIX + name)
        wanted = (ABSENT, *values_of(name))
        if not isinstance(codes, dict) or set(codes) != set(wanted):
            strange = "is missing" if codes is None else "has other values than the benchmark's"
            raise LaptError.of("E772", f"the input `{name}` {strange}", source.name)
        numbers = [codes[value] for value in wanted]
        # Embeddings are looked up by code: a wrong one would read another's row, or past the end of the table.
        if any(type(number) is not int for number in numbers) or sorted(numbers) != list(range(len(wanted))):
            message = f"the codes of `{name}` are not the numbers from 0 to {len(wanted) - 1}, each once"
            raise LaptError.of("E772", message, source.name)
        found[name] = {value: int(codes[value]) for value in wanted}
    if len(content) != len(INPUTS):
        strange = next(key for key in content if key.removeprefix(PREFIX) not in found or not key.startswith(PREFIX))
        raise LaptError.of("E772", f"`{shortened(strange)}` is no input of the surrogate", source.name)
    return found


def check_space(space: Space, file: str) -> None:
    """Refuse a space whose architectures are not DARTS cells. LaptError: E773."""
    if {cell.name for cell in space.cells} != set(CELLS) or not all(_fits(space, cell) for cell in space.cells):
        message = f"the surrogate knows DARTS cells of eight layers, not the space `{space.name}`"
        raise LaptError.of("E773", message, file, hint="search the space `darts`")


def _fits(space: Space, cell: Cell) -> bool:
    """Whether a cell has two inputs and two layers with one source each into each of nodes 2 to 5."""
    layers = cell.operator_layers
    return (
        len(cell.inputs) == 2
        and not cell.number_layers
        and [layer.target for layer in layers] == [node for node in FIRST_EDGE for _ in range(2)]
        and all(len(label.sources) == 1 for layer in layers for label in layer.choices)
        and all(space.codes.get(o.name) in OPERATORS or o.absent for layer in layers for o in layer.operators)
    )


def inputs_of(arch: Architecture) -> dict[str, str] | None:
    """The inputs that are not `#na#`, by name; None for an architecture with a layer that carries nothing.

    NAS-Bench-301 has no operator `none`: the surrogate never saw a missing edge.
    """
    space, found = arch.space, {}
    for cell in space.cells:
        short = CELLS[cell.name]
        reads: dict[int, list[int]] = {}
        for layer in cell.operator_layers:
            label = layer.choices[arch.encoding[layer.decision]]
            assert layer.target is not None
            assert label.operator is not None
            if label.operator.absent:
                return None
            source = label.sources[0]
            reads.setdefault(layer.target, []).append(source)
            found[f"edge_{short}_{FIRST_EDGE[layer.target] + source}"] = space.codes[label.operator.name]
        for node, sources in reads.items():
            if node > 2:
                found[f"inputs_node_{short}_{node}"] = "_".join(str(source) for source in sorted(sources))
    return found
