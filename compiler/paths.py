"""Path rules: `some path from input 0 to output: at least 3 convolution;`."""

from __future__ import annotations

from lapt_dsl.compiler import constraints as ir
from lapt_dsl.compiler.absence import Absence
from lapt_dsl.compiler.model import Cell
from lapt_dsl.compiler.places import find_node, place_text
from lapt_dsl.compiler.predicates import Predicates
from lapt_dsl.compiler.selectors import Selectors
from lapt_dsl.compiler.suggest import Suggestions
from lapt_dsl.language.tree import PathRule


class Paths:
    """Lowers path rules over the cells of one space."""

    def __init__(self, selectors: Selectors, predicates: Predicates, suggestions: Suggestions) -> None:
        self._selectors = selectors
        self._predicates = predicates
        self._suggestions = suggestions
        self._reachable: dict[tuple[str, int], frozenset[int]] = {}

    def lower(self, rule: PathRule, cell: Cell) -> ir.OnPath | Absence:
        """The rule in one cell; Absence where a place is not there or no path can lead from one to the other."""
        ends = self._ends(rule, cell)
        if isinstance(ends, Absence):
            return ends
        if not cell.operator_layers:
            return Absence("E205", f"cell `{cell.name}` has no layers that a path could lead through", rule.span)
        group = self._selectors.on_paths(cell)
        predicates = []
        for predicate in rule.predicates:
            lowered = self._predicates.lower(predicate, group, cell)
            if isinstance(lowered, Absence):
                return lowered
            predicates.append(lowered)
        return ir.OnPath(cell.name, rule.quantifier, ends[0], ends[1], tuple(predicates))

    def _ends(self, rule: PathRule, cell: Cell) -> tuple[int | None, int] | Absence:
        """Indices of the first node (None for any input) and the last."""
        end = cell.output
        if rule.end is not None:
            found = find_node(rule.end, cell, self._suggestions)
            if isinstance(found, Absence):
                return found
            end = found
        if rule.start is None:
            if end.kind == "input":
                return Absence(
                    "E212", f"no path can end at the input `{end.name}`", rule.span, "end it at a later node", True
                )
            return None, end.index
        start = find_node(rule.start, cell, self._suggestions)
        if isinstance(start, Absence):
            return start
        if end.index not in self.reachable_from(start.index, cell):
            target = place_text(rule.end) if rule.end is not None else "output"
            message = f"no path of cell `{cell.name}` can lead from `{place_text(rule.start)}` to `{target}`"
            swapped = start.index in self.reachable_from(end.index, cell)
            hint = (
                "a path follows the data; exchange the two places" if swapped else "choose places that data can connect"
            )
            return Absence("E212", message, rule.span, hint, True)
        return start.index, end.index

    def reachable_from(self, start: int, cell: Cell) -> frozenset[int]:
        """Nodes that data from `start` may reach through at least one layer, under some wiring of the cell."""
        key = (cell.name, start)
        found = self._reachable.get(key)
        if found is None:
            touched, through = {start}, set[int]()
            for node in cell.nodes:
                sources = {
                    s for layer in cell.operator_layers if layer.target == node.index for s in layer.source_options
                }
                if sources & touched or through.intersection(node.concat):
                    through.add(node.index)
                if node.index in through or touched.intersection(node.concat):
                    touched.add(node.index)
            found = self._reachable[key] = frozenset(through)
        return found
