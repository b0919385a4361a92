"""An architecture's text in the notation of its space, written in the other forms of the field."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from lapt_dsl.compiler.space.interchange import cell_strings, genotypes
from lapt_dsl.compiler.space.interchange.genotypes import COMPACT_OPERATORS, GenotypeShape, Pair
from lapt_dsl.compiler.space.interchange.literals import LiteralCall, read_literal

CONFIG_NAME = "NetworkSelectorDatasetInfo:darts:"


def write_form(form: str, text: str, notation: tuple[str, ...]) -> str | None:
    """An architecture in another form.

    Args:
        form: A key of `forms.FORMS`, or `json`.
        text: The architecture in the notation of its space.
        notation: The templates of the space.

    Returns:
        The text, or None where architectures of this space have no such form.
    """
    shape = genotypes.shape_of(notation)
    if shape is not None:
        write = _GENOTYPE_WRITERS.get(form)
        return write(_cells(text, shape), shape) if write is not None else None
    if cell_strings.is_cell_notation(notation):
        operators = [part.partition("~")[0] for stage in text.split("+") for part in stage.strip("|").split("|")]
        return _cell(form, operators, text)
    if cell_strings.is_trans_notation(notation):
        names = {code: name for name, code in cell_strings.TRANS_CODES.items()}
        operators = [names[code] for code in text.removeprefix("64-41414-").replace("_", "")]
        return text if form == "trans101" else _indices(operators) if form == "naslib" else None
    return None


def _cells(text: str, shape: GenotypeShape) -> list[list[Pair]]:
    value = read_literal(text)
    assert isinstance(value, LiteralCall)
    return [genotypes.pairs_of(name, value.named[name], layers) for name, layers in shape.cells]


def _named(cells: Sequence[list[Pair]], shape: GenotypeShape) -> str:
    return genotypes.text_of(zip(shape.names, cells, strict=True), shape.concatenated)


def _json(cells: Sequence[list[Pair]], shape: GenotypeShape) -> str:
    values: dict[str, object] = {}
    for name, pairs in zip(shape.names, cells, strict=True):
        values |= {name: pairs, f"{name}_concat": list(shape.concatenated)}
    return json.dumps(values)


def _config(cells: Sequence[list[Pair]], shape: GenotypeShape) -> str:
    found: dict[str, str] = {}
    for name, pairs in zip(shape.names, cells, strict=True):
        first = 0
        for node in range(2, 2 + len(pairs) // 2):
            here = sorted(pairs[2 * node - 4 : 2 * node - 2], key=lambda pair: pair[1])
            found |= {f"{CONFIG_NAME}edge_{name}_{first + source}": operator for operator, source in here}
            if node > 2:
                found[f"{CONFIG_NAME}inputs_node_{name}_{node}"] = "_".join(str(source) for _, source in here)
            first += node
    return json.dumps(found)


def _compact(cells: Sequence[list[Pair]], shape: GenotypeShape) -> str | None:
    if any(operator not in COMPACT_OPERATORS for pairs in cells for operator, _ in pairs):
        return None  # `none` has no number there
    numbers = tuple(tuple((source, COMPACT_OPERATORS.index(operator)) for operator, source in pairs) for pairs in cells)
    return f"naslib:{numbers}"


_GENOTYPE_WRITERS: dict[str, Callable[[Sequence[list[Pair]], GenotypeShape], str | None]] = {
    "genotype": _named,
    "json": _json,
    "nasbench301": _config,
    "naslib": _compact,
}


def _cell(form: str, operators: Sequence[str], text: str) -> str | None:
    if form == "cell":
        return text
    if form == "naslib":
        return _indices(operators)
    if form in ("nni", "json"):
        nni = {published: name for name, published in cell_strings.NNI_OPERATORS.items()}
        edges = {
            f"{source}_{target}": nni.get(operator, operator)
            for (source, target), operator in zip(cell_strings.BENCHMARK_EDGES, operators, strict=True)
        }
        return json.dumps(edges)
    return None


def _indices(operators: Sequence[str]) -> str | None:
    if any(operator not in cell_strings.NASLIB_OPERATORS for operator in operators):
        return None
    by_edge = dict(zip(cell_strings.BENCHMARK_EDGES, operators, strict=True))
    numbers = tuple(cell_strings.NASLIB_OPERATORS.index(by_edge[edge]) for edge in cell_strings.NASLIB_EDGES)
    return f"naslib:{numbers}"
