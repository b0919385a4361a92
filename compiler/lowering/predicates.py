"""Predicates (`only`, `at least 2`, `same operator`, `reads`) on selected layers, as constraints on choices."""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from lapt_dsl.compiler.lowering import constraints as ir
from lapt_dsl.compiler.lowering.absence import UnresolvedReference
from lapt_dsl.compiler.lowering.operators import OperatorSets
from lapt_dsl.compiler.lowering.places import find_node, stage_before
from lapt_dsl.compiler.lowering.selectors import Group, SelectedLayer, Symbol
from lapt_dsl.compiler.space.model import Cell, Layer
from lapt_dsl.diagnostics.suggestions import Suggestions
from lapt_dsl.language.tree.principles import Agree, Count, Only, Operators, Predicate, Reads


class Predicates:
    """Lowers predicates over the layers of one space."""

    def __init__(self, operators: OperatorSets, suggestions: Suggestions) -> None:
        self._operators = operators
        self._suggestions = suggestions

    def lower(
        self, predicate: Predicate, group: Group, cell: Cell
    ) -> ir.Allowed | ir.CountConstraint | ir.AgreementConstraint | UnresolvedReference:
        """The predicate on one group of layers, over the group's symbols; what is missing where it names no place."""
        match predicate:
            case Reads():
                return self._reads(predicate, group, cell)
            case Agree():
                return ir.AgreementConstraint(tuple(self._classes(selected) for selected in group), predicate.distinct)
            case Only():
                members, wanted = self._members(predicate.operators, group), not predicate.negated
                return _every(group, lambda layer, symbol: (symbol[0] in members[layer.decision]) is wanted)
            case Count():
                members = self._members(predicate.operators, group)
                return _counted(predicate, _some(group, lambda layer, symbol: symbol[0] in members[layer.decision]))
            case _:
                assert_never(predicate)

    def _members(self, operators: Operators, group: Group) -> dict[int, frozenset[int]]:
        """Per selected layer the choices that carry an operator, or a number, of the list."""
        return {selected.layer.decision: self._operators.choices(selected.layer, operators) for selected in group}

    def _classes(self, selected: SelectedLayer) -> tuple[int, tuple[int | None, ...]]:
        classes = self._operators.classes(selected.layer)
        return selected.layer.decision, tuple(
            None if symbol is None else classes[symbol[0]] for symbol in selected.symbols
        )

    def _reads(
        self, predicate: Reads, group: Group, cell: Cell
    ) -> ir.Allowed | ir.CountConstraint | UnresolvedReference:
        named: set[int] = set()
        previous = None
        for place in predicate.places:
            if place.kind == "previous":
                previous = place
                continue
            node = find_node(place, cell, self._suggestions)
            if isinstance(node, UnresolvedReference):
                return node
            named.add(node.index)
        places = {selected.layer.decision: frozenset(named) for selected in group}
        if previous is not None:
            # The rule is silent about a layer that has no stage before it.
            before = {selected.layer.decision: stage_before(selected.layer, cell) for selected in group}
            places = {level: places[level] | {stage} for level, stage in before.items() if stage is not None}
            group = tuple(selected for selected in group if selected.layer.decision in places)
            if not group:
                message = f"no selected layer of cell `{cell.name}` has a previous stage"
                return UnresolvedReference(
                    "E215", message, previous.span, "stage 1 is the first; only later stages have one before"
                )
        if predicate.quantifier == "some":
            reads_one = _some(group, lambda layer, symbol: not places[layer.decision].isdisjoint(symbol[1]))
            return ir.CountConstraint(reads_one, 1, None)
        if predicate.quantifier == "only":
            return _every(group, lambda layer, symbol: places[layer.decision].issuperset(symbol[1]))
        return _every(group, lambda layer, symbol: places[layer.decision].isdisjoint(symbol[1]))


def _every(group: Group, agrees: Callable[[Layer, Symbol], bool]) -> ir.Allowed:
    """Every selected layer's symbol agrees; a symbol that does not select its layer is free."""
    return ir.Allowed(
        tuple(
            (
                selected.layer.decision,
                frozenset(
                    number
                    for number, symbol in enumerate(selected.symbols)
                    if symbol is None or agrees(selected.layer, symbol)
                ),
            )
            for selected in group
        )
    )


def _some(group: Group, agrees: Callable[[Layer, Symbol], bool]) -> tuple[tuple[int, ir.LabelSet], ...]:
    """Per selected layer the symbols that select it and agree."""
    return tuple(
        (
            selected.layer.decision,
            frozenset(
                number
                for number, symbol in enumerate(selected.symbols)
                if symbol is not None and agrees(selected.layer, symbol)
            ),
        )
        for selected in group
    )


def _counted(predicate: Count, carrying: tuple[tuple[int, ir.LabelSet], ...]) -> ir.CountConstraint:
    # A count beyond the number of layers means no more than one above it, and keeps the counter small.
    count = min(predicate.count, len(carrying) + 1)
    low = 0 if predicate.bound == "at most" else count
    return ir.CountConstraint(carrying, low, None if predicate.bound == "at least" else count)
