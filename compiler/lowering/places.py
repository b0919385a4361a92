"""Places of the principle language (`input 0`, `stage 2`, `output`, a node's name) as nodes of a cell."""

from __future__ import annotations

from typing import assert_never

from lapt_dsl.compiler.lowering.absence import UnresolvedReference
from lapt_dsl.compiler.space.model import Cell, CellNode, Layer
from lapt_dsl.diagnostics.spelling import fixed_name, joined_place, same_name
from lapt_dsl.diagnostics.suggestions import Suggestions, listed, shortened
from lapt_dsl.language.tree.principles import PlaceRef


def place_text(place: PlaceRef) -> str:
    """The place as it is written.

    >>> place_text(PlaceRef(kind="stage", index=2))
    'stage 2'
    """
    if place.kind == "name":
        return shortened(place.name or "")
    if place.kind == "previous":
        return "previous stage"
    return "output" if place.kind == "output" else f"{place.kind} {place.index}"


def find_node(place: PlaceRef, cell: Cell, suggestions: Suggestions) -> CellNode | UnresolvedReference:
    """The node of `cell` that `place` names; `previous stage` is no fixed node and is refused here."""
    match place.kind:
        case "output":
            return cell.output
        case "name":
            return cell.node(place.name or "") or _no_node(place, cell, suggestions)
        case "previous":
            return UnresolvedReference(
                "E215",
                "`previous stage` depends on the layer that reads it, so it names no place of its own",
                place.span,
                "use it after `reads`, or name the stage: `stage 2`",
            )
        case "input" | "stage":
            return _by_number(place, cell)
        case _:
            assert_never(place.kind)


def _by_number(place: PlaceRef, cell: Cell) -> CellNode | UnresolvedReference:
    nodes, first = _numbered(place.kind, cell)
    index = place.index if place.index is not None else -1
    if first <= index < first + len(nodes):
        return nodes[index - first]
    plural = "inputs" if place.kind == "input" else "stages"
    known = listed(f"{place.kind} {number} (`{node.name}`)" for number, node in enumerate(nodes, first))
    hint = f"its {plural}: {known}" if nodes else f"the cell declares no {plural}"
    return UnresolvedReference("E204", f"cell `{cell.name}` has no {place.kind} {index}", place.span, hint)


def _numbered(kind: str, cell: Cell) -> tuple[tuple[CellNode, ...], int]:
    """The inputs or the stages of a cell, and the number of the first."""
    return (cell.inputs, 0) if kind == "input" else (cell.stages, 1)


def _no_node(place: PlaceRef, cell: Cell, suggestions: Suggestions) -> UnresolvedReference:
    word = place.name or ""
    names = [known.name for known in cell.nodes]
    joined = joined_place(word)
    if joined is not None:
        nodes, first = _numbered(joined[0], cell)
        if first <= joined[1] < first + len(nodes):
            return UnresolvedReference.of(fixed_name("E233", word, f"{joined[0]} {joined[1]}", place.span, "place"))
    meant = same_name(word, names)
    if meant is not None:
        return UnresolvedReference.of(fixed_name("E231", word, meant, place.span, "node"))
    message = f"cell `{cell.name}` has no node `{place_text(place)}`"
    return UnresolvedReference("E204", message, place.span, suggestions.hint(word, names, "nodes"))


def stage_before(layer: Layer, cell: Cell) -> int | None:
    """The node that is `previous stage` for a layer: the stage before the one it feeds, if both exist."""
    stages = [node.index for node in cell.stages]
    if layer.target not in stages:
        return None
    position = stages.index(layer.target)
    return stages[position - 1] if position else None
