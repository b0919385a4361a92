"""Selectors: which layers of a cell a rule is about, and with which of their choices.

A `SelectedLayer` holds a layer and, per symbol, what the symbol means to the rule. For a rule on layers the symbols are
the layer's choices. `layers from x` selects a layer only if its choice reads x, so the other choices carry None. For a
rule on paths a symbol is a choice together with the one source that the path takes (see `constraints.OnPath`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from lapt_dsl.compiler.lowering.absence import UnresolvedReference
from lapt_dsl.compiler.lowering.places import find_node, place_text
from lapt_dsl.compiler.space.model import Cell, Layer
from lapt_dsl.diagnostics.spelling import fixed_name, same_name
from lapt_dsl.diagnostics.suggestions import Suggestions, shortened
from lapt_dsl.language.tree.principles import Ranges, Selector

Symbol: TypeAlias = tuple[int, tuple[int, ...]]
"""A choice's number and the sources it reads."""


@dataclass(frozen=True, slots=True)
class SelectedLayer:
    """A selected layer; `symbols[s]` is None where the layer is not selected with symbol s."""

    layer: Layer
    symbols: tuple[Symbol | None, ...]


Group: TypeAlias = tuple[SelectedLayer, ...]


class Selectors:
    """Evaluates selectors on the cells of one space, each pair once."""

    def __init__(self, suggestions: Suggestions) -> None:
        self._suggestions = suggestions
        self._known: dict[tuple[str, Selector], tuple[Group, ...] | UnresolvedReference] = {}
        self._paths: dict[str, Group] = {}

    def select(self, selector: Selector, cell: Cell) -> tuple[Group, ...] | UnresolvedReference:
        """The groups of layers the selector stands for: one group, or one for each stage of `each stage`."""
        key = (cell.name, selector)
        found = self._known.get(key)
        if isinstance(found, UnresolvedReference) and found.fix is None:
            return UnresolvedReference(found.code, found.message, selector.span, found.hint)
        if found is None or isinstance(found, UnresolvedReference):
            found = self._known[key] = self._select(selector, cell)
        return found

    def on_paths(self, cell: Cell) -> Group:
        """Every operator layer, read by path symbol."""
        group = self._paths.get(cell.name)
        if group is None:
            group = self._paths[cell.name] = tuple(_select_on_paths(layer, cell) for layer in cell.operator_layers)
        return group

    def _select(self, selector: Selector, cell: Cell) -> tuple[Group, ...] | UnresolvedReference:
        for low, high in selector.ranges.items if selector.ranges else ():
            if low > high:
                message = f"the range {low}..{high} runs backwards and holds nothing"
                return UnresolvedReference("E214", message, selector.span, f"write `{high}..{low}`")
        layers: Iterable[Layer] = cell.operator_layers
        match selector.kind:
            case "all":
                pass
            case "position":
                layers = _by_position(selector.position or "early", cell)
            case "layers":
                beyond = _outside(selector.ranges, range(len(cell.operator_layers)))
                if beyond is not None:
                    last = len(cell.operator_layers) - 1
                    hint = f"its layers are numbered 0 to {last}" if last >= 0 else "it has number layers only, named"
                    return UnresolvedReference("E203", f"cell `{cell.name}` has no layer {beyond}", selector.span, hint)
                layers = [cell.operator_layers[index] for index in _indices(selector.ranges)]
            case "named":
                return self._named(selector, cell)
            case "into" | "from":
                return self._by_place(selector, cell)
            case "each_stage" | "stages":
                return _by_stage(selector, cell)
            case _:
                assert_never(selector.kind)
        group = tuple(map(_select_layer, layers))
        return (group,) if group else _nothing(selector, cell)

    def _named(self, selector: Selector, cell: Cell) -> tuple[Group, ...] | UnresolvedReference:
        layers = []
        for name in selector.names:
            layer = cell.layer(name.text)
            if layer is None:
                meant = same_name(name.text, [str(known.key) for known in cell.number_layers])
                if meant is not None:
                    return UnresolvedReference.of(fixed_name("E231", name.text, meant, name.span, "number layer"))
                hint = self._suggestions.hint(
                    name.text, [str(known.key) for known in cell.number_layers], "number layers"
                )
                message = f"cell `{cell.name}` has no number layer `{shortened(name.text)}`"
                return UnresolvedReference("E203", message, name.span, hint)
            layers.append(layer)
        return (tuple(map(_select_layer, layers)),)

    def _by_place(self, selector: Selector, cell: Cell) -> tuple[Group, ...] | UnresolvedReference:
        assert selector.place is not None
        node = find_node(selector.place, cell, self._suggestions)
        if isinstance(node, UnresolvedReference):
            return node
        if selector.kind == "into":
            group = tuple(_select_layer(layer) for layer in cell.operator_layers if layer.target == node.index)
        else:
            group = tuple(
                _select_layer(layer, node.index) for layer in cell.operator_layers if node.index in layer.source_options
            )
        if group:
            return (group,)
        verb = "feeds" if selector.kind == "into" else "can read"
        hint = "a node made by `concat` has no layers of its own" if node.concat else None
        message = f"no layer of cell `{cell.name}` {verb} `{place_text(selector.place)}`"
        return UnresolvedReference("E205", message, selector.span, hint)


def _select_layer(layer: Layer, source: int | None = None) -> SelectedLayer:
    """A layer with every choice, or with those that read `source`."""
    return SelectedLayer(
        layer,
        tuple(
            (number, choice.sources) if source is None or source in choice.sources else None
            for number, choice in enumerate(layer.choices)
        ),
    )


def _select_on_paths(layer: Layer, cell: Cell) -> SelectedLayer:
    return SelectedLayer(
        layer,
        tuple(
            (number, (node.index,)) if node.index in choice.sources else None
            for number, choice in enumerate(layer.choices)
            for node in cell.nodes
        ),
    )


def _by_position(position: str, cell: Cell) -> list[Layer]:
    """Layers of the first or last third, rounded up, or of what is between; stages are counted where there are any."""
    count = len(cell.stages) or len(cell.operator_layers)
    third = -(-count // 3)
    chosen = {
        "early": range(third),
        "middle": range(third, count - third),
        "late": range(count - third, count),
    }[position]
    if not cell.stages:
        return [cell.operator_layers[index] for index in chosen]
    targets = [cell.stages[index].index for index in chosen]
    return [layer for layer in cell.operator_layers if layer.target in targets]


def _by_stage(selector: Selector, cell: Cell) -> tuple[Group, ...] | UnresolvedReference:
    if not cell.stages:
        hint = "use `early layers`, `late layers` or layer numbers"
        return UnresolvedReference("E205", f"cell `{cell.name}` has no stages", selector.span, hint)
    indices: Iterable[int] = range(1, len(cell.stages) + 1)
    if selector.kind == "stages":
        beyond = _outside(selector.ranges, range(1, len(cell.stages) + 1))
        if beyond is not None:
            hint = f"its stages are numbered 1 to {len(cell.stages)}"
            return UnresolvedReference("E203", f"cell `{cell.name}` has no stage {beyond}", selector.span, hint)
        indices = _indices(selector.ranges)
    groups = []
    for index in indices:
        target = cell.stages[index - 1].index
        groups.append(tuple(_select_layer(layer) for layer in cell.operator_layers if layer.target == target))
    if selector.kind == "stages":
        groups = [tuple(selected for group in groups for selected in group)]
    groups = [group for group in groups if group]
    return tuple(groups) if groups else _nothing(selector, cell)


def _nothing(selector: Selector, cell: Cell) -> UnresolvedReference:
    if selector.kind == "position":
        unit, count = ("stages", len(cell.stages)) if cell.stages else ("layers", len(cell.operator_layers))
        message = f"cell `{cell.name}` has no {selector.position} layers: it has {count} {unit}"
        return UnresolvedReference(
            "E205", message, selector.span, f"name the layers or {unit} that are meant by their numbers"
        )
    return UnresolvedReference("E205", f"the selector stands for no layer of cell `{cell.name}`", selector.span)


def _outside(ranges: Ranges | None, known: range) -> int | None:
    """The first index of the ranges that is not known; ranges are not expanded, for they may be huge."""
    for low, high in ranges.items if ranges else ():
        for end in (low, high):
            if end not in known:
                return max(known.stop, low) if end == high and low in known else end
    return None


def _indices(ranges: Ranges | None) -> list[int]:
    """The indices of ranges that are known to be small, ascending, each once."""
    return sorted({index for low, high in (ranges.items if ranges else ()) for index in range(low, high + 1)})
