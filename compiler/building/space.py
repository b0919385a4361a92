"""From the tree of a `.space` file to the model: names resolved, layers numbered, all choices enumerated.

All errors of the file are reported in one run. The result is immutable and depends only on the text of the file.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

from lapt_dsl.compiler.building.cells import build_cell
from lapt_dsl.compiler.building.context import MAX_CELLS, BuildContext
from lapt_dsl.compiler.building.networks import build_networks
from lapt_dsl.compiler.building.notations import check_notation
from lapt_dsl.compiler.building.operators import declare_lists, declare_operators
from lapt_dsl.compiler.space.model import Cell, Network, NumberRef, Operator, Space
from lapt_dsl.compiler.space.notations.notation import Notation
from lapt_dsl.diagnostics.diagnostic import Diagnostic, LaptError
from lapt_dsl.diagnostics.span import Span
from lapt_dsl.diagnostics.suggestions import shortened
from lapt_dsl.language.printing.printer import print_tree
from lapt_dsl.language.tree import (
    CandidatesItem,
    CellItem,
    ChooseItem,
    Comments,
    NetworkItem,
    NotationItem,
    OperatorItem,
    SpaceFile,
)


def build_space(tree: SpaceFile, text: str = "") -> Space:
    """Resolve a space file.

    Args:
        tree: The parsed file.
        text: Its text; with it, errors of a notation are located inside the template.

    Returns:
        The space. Its digest is the SHA-256 of the tree's canonical text, so comments and layout do not change it.

    Raises:
        LaptError: The file has errors; one diagnostic for each.
    """
    context = BuildContext()
    space = _resolve(context, tree, text)
    if space is None:
        raise LaptError([item for item in _sorted(context) if item.severity == "error"])
    return space


def check_space(tree: SpaceFile, text: str = "") -> tuple[Space | None, list[Diagnostic]]:
    """Resolve a space file and report all its errors and warnings.

    Args:
        tree: The parsed file.
        text: Its text, as for `build_space`.

    Returns:
        The space, or None if there are errors; and all diagnostics in the order of the text. Beside the errors of
        `build_space` these are warnings, and networks that cannot be built for some architecture.
    """
    context = BuildContext()
    space = _resolve(context, tree, text)
    if space is not None:
        _report_unused(context, tree, space)
        _check_shapes(context, tree, space)
    return (None if context.diagnostics.has_errors else space), _sorted(context)


def _sorted(context: BuildContext) -> list[Diagnostic]:
    return sorted(context.diagnostics.items, key=lambda item: (item.span.start, item.code))


def _resolve(context: BuildContext, tree: SpaceFile, text: str) -> Space | None:
    declare_operators(context, [item for item in tree.items if isinstance(item, OperatorItem)])
    declare_lists(context, [item for item in tree.items if isinstance(item, CandidatesItem)])
    names, cells = _build_cells(context, tree)
    networks = build_networks(context, [item for item in tree.items if isinstance(item, NetworkItem)], names, cells)
    return _assemble(context, tree, text, cells, networks)


def _check_shapes(context: BuildContext, tree: SpaceFile, space: Space) -> None:
    """Report the networks whose channels, strides or sizes do not fit for some architecture."""
    from lapt_dsl.compiler.networks.shape_check import first_shape_error

    items = [item for item in tree.items if isinstance(item, NetworkItem)]
    for item, network in zip(items, space.networks, strict=True):
        problem = first_shape_error(space, network.name)
        if problem is not None:
            hint = "change the network, or give the inputs of the cell a `preprocess`"
            context.error("E140", problem, item.span, hint)


def _bare(tree: SpaceFile) -> SpaceFile:
    """The tree without comments and blank lines, which do not change the meaning."""
    items = []
    for item in tree.items:
        if isinstance(item, CellItem):
            item = replace(item, items=tuple(replace(part, comments=Comments()) for part in item.items))
        elif isinstance(item, NetworkItem):
            item = replace(item, parts=tuple(replace(part, comments=Comments()) for part in item.parts))
        items.append(replace(item, comments=Comments()))
    return replace(tree, items=tuple(items), comments=Comments())


def _build_cells(context: BuildContext, tree: SpaceFile) -> tuple[list[str], list[Cell]]:
    """The names of all cells as declared, and those that could be built."""
    taken: dict[str, Span] = {}
    cells: list[Cell] = []
    items = [item for item in tree.items if isinstance(item, CellItem)]
    if not items:
        hint = "declare one: `cell main { input x; output y = layer 0 (x); layers choose ...; }`"
        context.error("E108", "the space has no cell", tree.name.span, hint)
    if len(items) > MAX_CELLS:
        message = f"the space declares {len(items)} cells; at most {MAX_CELLS} are allowed"
        context.error("E116", message, items[MAX_CELLS].name.span, "declare fewer cells")
    for item in items[:MAX_CELLS]:
        if context.declare(taken, item.name, "cell"):
            cell = build_cell(context, item)
            if cell is not None:
                cells.append(cell)
    return list(taken), cells


def _assemble(
    context: BuildContext, tree: SpaceFile, text: str, cells: list[Cell], networks: list[Network]
) -> Space | None:
    """The space with its notation checked; None where there are errors."""
    notations = [item for item in tree.items if isinstance(item, NotationItem)]
    if len(notations) > 1:
        hint = "write one `notation` with its templates joined by `or`"
        context.error("E101", "the notation is declared twice", notations[1].span, hint)
    if context.diagnostics.has_errors:
        return None
    notation = notations[0] if notations else None
    codes = {operator: operator for operator in context.operators}
    for cell in cells:
        codes.update({node.name: node.name for node in cell.nodes})
    if notation is not None:
        codes.update({name.text: code for name, code in notation.codes})
    space = Space(
        name=tree.name.text,
        description=tree.description,
        operators=tuple(context.operators.values()),
        cells=tuple(cells),
        networks=tuple(networks),
        notation=notation.templates if notation is not None else (),
        codes=codes,
        digest=hashlib.sha256(print_tree(_bare(tree)).encode("utf-8", "surrogatepass")).hexdigest(),
        make_codec=Notation,
        span=tree.name.span,
    )
    if notation is not None:
        check_notation(context, space, notation, text)
    return None if context.diagnostics.has_errors else space


def _report_unused(context: BuildContext, tree: SpaceFile, space: Space) -> None:
    """Warn about declarations that nothing uses."""
    cells, networks = space.cells, space.networks
    stacked = {part.cell for network in networks for part in network.parts}
    numbers = {(cell.name, name) for cell in cells for name in _numbers_used(cell)}
    for network in networks:
        for part in network.parts:
            refs = (value.name for _, value in part.arguments if isinstance(value, NumberRef))
            numbers.update((part.cell or "", name) for name in refs)
    for item in tree.items:
        if isinstance(item, OperatorItem | CandidatesItem) and item.name.text not in context.used:
            what = "operator" if isinstance(item, OperatorItem) else "candidate list"
            hint = "let a layer choose it, or remove it"
            context.error("W152", f"no layer chooses the {what} `{item.name.text}`", item.name.span, hint)
        elif isinstance(item, CellItem) and networks and item.name.text not in stacked:
            hint = "stack it in a network, or remove it"
            context.error("W153", f"no network stacks the cell `{item.name.text}`", item.name.span, hint)
    spans = {
        (item.name.text, part.name.text): part.name.span
        for item in tree.items
        if isinstance(item, CellItem)
        for part in item.items
        if isinstance(part, ChooseItem) and part.name is not None
    }
    for cell in cells:
        for layer in cell.number_layers:
            if (cell.name, layer.key) not in numbers:
                message = f"nothing takes its number from layer `{shortened(str(layer.key))}` of cell `{cell.name}`"
                hint = "use it in an operator, a repetition or the network, or remove it"
                context.error("W154", message, spans[cell.name, str(layer.key)], hint)


def _numbers_used(cell: Cell) -> set[str]:
    """The number layers that operators and repetitions of a cell refer to."""
    found: set[str] = set()
    operators: dict[str, Operator] = {}
    for layer in cell.operator_layers:
        operators.update({operator.name: operator for operator in layer.operators})
        if isinstance(layer.repeat, NumberRef):
            found.add(layer.repeat.name)
    for operator in operators.values():
        found.update(value.name for _, value in operator.implementation.arguments if isinstance(value, NumberRef))
    return found
