"""Cells of NAS-Bench-201 and TransNAS-Bench-101 in every form that code of the field writes them.

Both have four nodes and an operator on each of six edges. The benchmark's string lists the edges by the node they lead
to; NASLib's `op_indices` list them by the node they come from, and number the operators in an order of their own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from lapt_dsl.compiler.space.interchange.genotypes import WrongArchitecture
from lapt_dsl.compiler.space.interchange.literals import Value

BENCHMARK_EDGES = ((0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3))
"""Edges (from, to) in the order of the benchmark's string, which is that of the layers."""

NASLIB_EDGES = ((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3))
"""Edges in the order of NASLib's `op_indices` (its nodes 1 to 4 are 0 to 3 here)."""

NASLIB_OPERATORS = ("skip_connect", "none", "nor_conv_3x3", "nor_conv_1x1", "avg_pool_3x3")
"""Operators of NASLib's NAS-Bench-201 by number; its TransNAS-Bench-101 has the first four."""

NNI_OPERATORS: Mapping[str, str] = {
    "none": "none", "skip_connect": "skip_connect", "conv_1x1": "nor_conv_1x1", "conv_3x3": "nor_conv_3x3",
    "avg_pool_3x3": "avg_pool_3x3",
}  # fmt: skip
"""NNI's names of the operators, and the benchmark's."""

TRANS_CODES: Mapping[str, str] = {"none": "0", "skip_connect": "1", "nor_conv_1x1": "2", "nor_conv_3x3": "3"}
"""TransNAS-Bench-101's code of each operator."""

_EDGE = re.compile(r"([\w.-]+)~(\d+)", re.ASCII)
_KEY = re.compile(r"\(?\s*(\d)\s*(?:_|,|->|-)\s*(\d)\s*\)?")
_MACRO = re.compile(r"64-([1-4]{4,6})-basic", re.ASCII)


def is_cell_notation(notation: Sequence[str]) -> bool:
    """Whether a space is written as NAS-Bench-201 writes its cells."""
    return bool(notation) and re.fullmatch(r"(\|(\{\d+\}~\d+\|)+\+?)+", notation[0]) is not None


def is_trans_notation(notation: Sequence[str]) -> bool:
    """Whether a space is written as TransNAS-Bench-101 writes its cells."""
    return bool(notation) and notation[0].startswith("64-") and notation[0].count("{") == len(BENCHMARK_EDGES)


def from_string(text: str) -> str | None:
    """The benchmark's string with the edges of each node in order; None for texts that are not.

    >>> from_string("|none~0| + |skip_connect~1|none~0|+|none~0|none~1|none~2|")
    '|none~0|+|none~0|skip_connect~1|+|none~0|none~1|none~2|'
    """
    squeezed = re.sub(r"\s+", "", text).strip("\"',;")
    squeezed = re.sub(r"^[A-Za-z_][\w.]*(?:=|:)[\"']?", "", squeezed)
    if not squeezed.startswith("|"):
        return None
    stages = [
        [_EDGE.fullmatch(part) for part in stage.split("|")]
        for stage in squeezed.removeprefix("|").removesuffix("|").split("|+|")
    ]
    edges = [[(int(match[2]), match[1]) for match in stage if match is not None] for stage in stages]
    if any(len(read) != len(stage) for read, stage in zip(edges, stages, strict=True)):
        return None
    if len(edges) != 3:
        raise WrongArchitecture(f"the cell has {len(edges)} nodes that read others, the space has 3")
    if any(sorted(source for source, _ in stage) != list(range(number)) for number, stage in enumerate(edges, 1)):
        return None  # the notation itself says which edge is wrong, and where
    return "+".join("|" + "|".join(f"{name}~{source}" for source, name in sorted(stage)) + "|" for stage in edges)


def from_edges(value: Value) -> str | None:
    """The benchmark's string of NNI's dictionary of edges, `{"0_1": "conv_3x3", ...}`; None for other values."""
    if not isinstance(value, dict) or not value or not all(_KEY.fullmatch(key) for key in value):
        return None
    found: dict[tuple[int, int], str] = {}
    for key, operator in value.items():
        match = _KEY.fullmatch(key)
        assert match is not None
        edge = (int(match[1]), int(match[2]))
        if edge not in BENCHMARK_EDGES:
            raise WrongArchitecture(f"the cell has no edge from node {edge[0]} to node {edge[1]}")
        if not isinstance(operator, str):
            raise WrongArchitecture(f"the edge `{key[:20]}` has no operator's name")
        found[edge] = NNI_OPERATORS.get(operator, operator)
    missing = [edge for edge in BENCHMARK_EDGES if edge not in found]
    if missing:
        raise WrongArchitecture(f"the edge from node {missing[0][0]} to node {missing[0][1]} is missing")
    return string_of([found[edge] for edge in BENCHMARK_EDGES])


def from_indices(value: Value, operators: int = 5) -> list[str] | None:
    """The operators, in the benchmark's order of edges, of NASLib's `op_indices`; None for other values."""
    if not isinstance(value, list) or not value or not all(isinstance(item, int) for item in value):
        return None
    if len(value) != len(NASLIB_EDGES):
        raise WrongArchitecture(f"NASLib's op_indices are {len(NASLIB_EDGES)} numbers, not {len(value)}")
    by_edge = {}
    for edge, number in zip(NASLIB_EDGES, value, strict=True):
        assert isinstance(number, int)
        if not 0 <= number < operators:
            raise WrongArchitecture(f"{number} is no operator: NASLib's are 0 to {operators - 1}")
        by_edge[edge] = NASLIB_OPERATORS[number]
    return [by_edge[edge] for edge in BENCHMARK_EDGES]


def string_of(operators: Sequence[str]) -> str:
    """The benchmark's string of six operators in its order of edges."""
    stages = []
    for target in (1, 2, 3):
        parts = [
            f"{operator}~{source}"
            for (source, end), operator in zip(BENCHMARK_EDGES, operators, strict=True)
            if end == target
        ]
        stages.append("|" + "|".join(parts) + "|")
    return "+".join(stages)


def trans_string_of(operators: Sequence[str]) -> str:
    """TransNAS-Bench-101's string of six operators in the benchmark's order of edges."""
    codes = [TRANS_CODES[operator] for operator in operators]
    return f"64-41414-{codes[0]}_{codes[1]}{codes[2]}_{codes[3]}{codes[4]}{codes[5]}"


def check_macro(text: str) -> None:
    """Refuse a macro architecture of TransNAS-Bench-101 by what it is. Raises WrongArchitecture."""
    if _MACRO.fullmatch(text.strip()) is not None:
        raise WrongArchitecture("a macro architecture of TransNAS-Bench-101; the space holds its cells")
