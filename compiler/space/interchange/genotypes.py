"""Genotypes of DARTS-like spaces in every form that code of the field writes them, as the text of the space's notation.

A genotype names, for each cell, an operator and the node it reads for two layers of every stage. It comes as a named
tuple (Liu et al., 2019), a dictionary or JSON, as pairs nested for each stage, as NASLib's compact tuples, or as the
ConfigSpace dictionary of NAS-Bench-301.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lapt_dsl.compiler.space.interchange.literals import LiteralCall, Value

COMPACT_OPERATORS = (
    "max_pool_3x3", "avg_pool_3x3", "skip_connect", "sep_conv_3x3", "sep_conv_5x5", "dil_conv_3x3", "dil_conv_5x5",
)  # fmt: skip
"""Operators by their number in NASLib's compact form. Other code (BANANAS) counts `none` as 0, so the form is named."""

CONFIG_PREFIX = re.compile(r"NetworkSelectorDatasetInfo(?::|_COLON_)darts(?::|_COLON_)")
_EDGE = re.compile(r"edge_(\w+?)_(\d{1,3})")
_INPUTS = re.compile(r"inputs_node_(\w+?)_(\d{1,2})")
_TEMPLATE_CELL = re.compile(r"(\w+)=\[(?=\(')")
ALIASES = {"reduction": "reduce", "reduce_cell": "reduce", "normal_cell": "normal", "reduction_cell": "reduce"}

Pair = tuple[str, int]


class WrongArchitecture(Exception):
    """The text is an architecture, but not one of this space; the message says why in the field's words."""


@dataclass(frozen=True, slots=True)
class GenotypeShape:
    """What a space's genotypes have: per cell its name and how many layers, and the nodes that are concatenated."""

    cells: tuple[tuple[str, int], ...]
    concatenated: tuple[int, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the cells, in order."""
        return tuple(name for name, _ in self.cells)


def shape_of(notation: Sequence[str]) -> GenotypeShape | None:
    """The shape of a space whose first template is a genotype, or None for other spaces."""
    if not notation or not notation[0].startswith("Genotype("):
        return None
    template = notation[0]
    names = _TEMPLATE_CELL.findall(template)
    ranges = re.search(r"_concat=range\((\d+), (\d+)\)", template)
    if not names or ranges is None:
        return None
    parts = re.split(r"\w+=\[(?=\(')", template)[1:]
    return GenotypeShape(
        tuple((name, part.count("('")) for name, part in zip(names, parts, strict=True)),
        tuple(range(int(ranges[1]), int(ranges[2]))),
    )


def text_of(cells: Iterable[tuple[str, Sequence[Pair]]], concatenated: Sequence[int]) -> str:
    """The named tuple as the published code prints it."""
    first, last = concatenated[0], concatenated[-1] + 1
    parts = []
    for name, pairs in cells:
        listed = ", ".join(f"('{operator}', {source})" for operator, source in pairs)
        parts.append(f"{name}=[{listed}], {name}_concat=range({first}, {last})")
    return f"Genotype({', '.join(parts)})"


def from_named(value: Value, shape: GenotypeShape) -> str | None:
    """The notation of a named tuple or a dictionary; None where the value is neither. Raises WrongArchitecture."""
    fields = _fields(value, shape)
    if fields is None:
        return None
    known = {*shape.names, *(f"{name}_concat" for name in shape.names)}
    strange = [name for name, item in fields.items() if name not in known and item is not None]
    if strange:
        raise WrongArchitecture(f"`{strange[0][:40]}` is no part of a genotype of this space")
    cells = []
    for name, layers in shape.cells:
        if fields.get(name) is None:
            raise WrongArchitecture(f"the genotype has no cell `{name}`")
        _check_concatenated(name, fields.get(f"{name}_concat"), shape)
        cells.append((name, pairs_of(name, fields[name], layers)))
    return text_of(cells, shape.concatenated)


def from_compact(value: Value, shape: GenotypeShape) -> str | None:
    """The notation of NASLib's compact tuples of (source, operator); None for other values."""
    if not isinstance(value, list) or len(value) != len(shape.cells):
        return None
    cells = []
    for (name, layers), cell in zip(shape.cells, value, strict=True):
        numbers = _number_pairs(cell)
        if numbers is None:
            return None
        _check_count(name, len(numbers), layers)
        pairs: list[Pair] = []
        for source, operator in numbers:
            if not 0 <= operator < len(COMPACT_OPERATORS):
                raise WrongArchitecture(f"{operator} is no operator: NASLib's are 0 to {len(COMPACT_OPERATORS) - 1}")
            pairs.append((COMPACT_OPERATORS[operator], source))
        cells.append((name, pairs))
    return text_of(cells, shape.concatenated)


def from_config(value: Value, shape: GenotypeShape) -> str | None:
    """The notation of NAS-Bench-301's ConfigSpace dictionary; None for other values."""
    if not isinstance(value, dict):
        return None
    plain = {CONFIG_PREFIX.sub("", key): item for key, item in value.items()}
    if not any(_EDGE.fullmatch(key) for key in plain):
        return None
    found: dict[str, dict[int, str]] = {name: {} for name in shape.names}
    inputs: dict[tuple[str, int], str] = {}
    for key, item in plain.items():
        edge, node = _EDGE.fullmatch(key), _INPUTS.fullmatch(key)
        if item is None or item == "#na#":
            continue
        if edge is not None and edge[1] in found and isinstance(item, str):
            found[edge[1]][int(edge[2])] = item
        elif node is not None and node[1] in found and isinstance(item, str):
            inputs[node[1], int(node[2])] = item
        else:
            raise WrongArchitecture(f"`{key[:60]}` is no parameter of NAS-Bench-301")
    cells = [(name, _config_cell(name, found[name], inputs, layers)) for name, layers in shape.cells]
    return text_of(cells, shape.concatenated)


def _config_cell(name: str, edges: dict[int, str], inputs: dict[tuple[str, int], str], layers: int) -> list[Pair]:
    """The pairs of a cell: edges are numbered by the node they feed, then by the node they read."""
    pairs: list[Pair] = []
    first = 0
    for node in range(2, 2 + layers // 2):
        here = [(edges[first + source], source) for source in range(node) if first + source in edges]
        if len(here) != 2:
            raise WrongArchitecture(f"node {node} of {name} reads {len(here)} nodes, in this space 2")
        written = inputs.get((name, node))
        if written is not None and written != "_".join(str(source) for _, source in here):
            raise WrongArchitecture(f"node {node} of {name}: its edges and its inputs `{written[:20]}` disagree")
        pairs += here
        first += node
    _check_count(name, len(edges), layers)
    return pairs


def _fields(value: Value, shape: GenotypeShape) -> dict[str, Value] | None:
    """The named parts of a tuple or dictionary, positional ones named by the order of the published code."""
    order = [part for name in shape.names for part in (name, f"{name}_concat")]
    if isinstance(value, LiteralCall):
        if not value.name.lower().startswith("genotype") or len(value.arguments) > len(order):
            return None
        fields = dict(zip(order, value.arguments, strict=False))
        for name, item in value.named.items():
            name = _plain_name(name)
            if name in fields:
                raise WrongArchitecture(f"`{name[:40]}` stands twice")
            fields[name] = item
        return fields
    if isinstance(value, dict) and any(_plain_name(key) in shape.names for key in value):
        return {_plain_name(key): item for key, item in value.items()}
    if isinstance(value, list) and len(value) in (len(order), len(shape.names)) and _has_operator(value):
        return dict(zip(order if len(value) == len(order) else shape.names, value, strict=True))
    return None


def _plain_name(name: str) -> str:
    stem, concat = (name.removesuffix("_concat"), "_concat") if name.endswith("_concat") else (name, "")
    return ALIASES.get(stem, stem) + concat


def _has_operator(value: list[Value]) -> bool:
    """Whether the first leaf of the first cell is an operator's name."""
    node: Value = value
    while isinstance(node, list) and node:
        node = node[0]
    return isinstance(node, str)


def pairs_of(cell: str, value: Value, layers: int) -> list[Pair]:
    """The (operator, source) pairs of a cell, written flat or nested for each node, in either order of the two."""
    flat = list(_flat_pairs(cell, value))
    _check_count(cell, len(flat), layers)
    return flat


def _flat_pairs(cell: str, value: Value) -> Iterable[Pair]:
    if not isinstance(value, list):
        raise WrongArchitecture(f"{cell} is no list of (operator, source) pairs")
    for item in value:
        if isinstance(item, list) and len(item) in (2, 3):
            operator = next((part for part in item if isinstance(part, str)), None)
            source = next((part for part in item if isinstance(part, int)), None)
            if operator is not None and source is not None and not any(isinstance(part, list) for part in item):
                # Code that names the node as well writes (operator, source, node).
                yield operator, source
                continue
        if isinstance(item, list) and item and all(isinstance(part, list) for part in item):
            yield from _flat_pairs(cell, item)
            continue
        raise WrongArchitecture(f"`{str(item)[:40]}` in {cell} is no pair of an operator and the node it reads")


def _check_count(cell: str, count: int, layers: int) -> None:
    if count == layers:
        return
    nasnet = ": this is a NASNet or AmoebaNet cell" if count == 10 and layers == 8 else ""
    raise WrongArchitecture(f"{cell} has {count} edge{'s' if count != 1 else ''}, the space has {layers}{nasnet}")


def _check_concatenated(cell: str, value: Value, shape: GenotypeShape) -> None:
    if value is None:
        return
    if not isinstance(value, list) or sorted(map(str, value)) != sorted(map(str, shape.concatenated)):
        span = f"{shape.concatenated[0]}..{shape.concatenated[-1]}"
        raise WrongArchitecture(f"{cell}_concat is fixed to {span} in this space, the genotype has {str(value)[:40]}")


def _number_pairs(cell: Value) -> list[tuple[int, int]] | None:
    if not isinstance(cell, list):
        return None
    pairs = []
    for pair in cell:
        if not isinstance(pair, list) or len(pair) != 2:
            return None
        first, second = pair
        if not isinstance(first, int) or not isinstance(second, int):
            return None
        pairs.append((first, second))
    return pairs
