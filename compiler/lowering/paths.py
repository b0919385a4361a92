"""Path rules: `some path from input 0 to output: at least 3 convolution;`."""

from __future__ import annotations

from lapt_dsl.compiler.lowering import constraints as ir
from lapt_dsl.compiler.lowering.absence import UnresolvedReference
from lapt_dsl.compiler.lowering.places import find_node, place_text
from lapt_dsl.compiler.lowering.predicates import Predicates
from lapt_dsl.compiler.lowering.selectors import Selectors
from lapt_dsl.compiler.space.model import Cell, CellNode
from lapt_dsl.diagnostics.suggestions import Suggestions
from lapt_dsl.language.tree.principles import PathRule, PlaceRef


class PathRules:
    """Lowers path rules over the cells of one space."""

    def __init__(self, selectors: Selectors, predicates: Predicates, suggestions: Suggestions) -> None:
        self._selectors = selectors
        self._predicates = predicates
        self._suggestions = suggestions
        self._reachable: dict[tuple[str, int], frozenset[int]] = {}
        # By identity, with the rule kept alive: two equal rules at different places are two diagnostics.
        self._judged: dict[int, tuple[PathRule, UnresolvedReference | None]] = {}

    def lower(self, rule: PathRule, cell: Cell) -> ir.OnPath | UnresolvedReference:
        """The rule in one cell; Absence where the cell lacks a place. See `impossible` for paths that cannot be."""
        start = self._node(rule.start, cell)
        end = self._node(rule.end, cell) or cell.output
        if isinstance(start, UnresolvedReference):
            return start
        if isinstance(end, UnresolvedReference):
            return end
        if not cell.operator_layers:
            return UnresolvedReference(
                "E205", f"cell `{cell.name}` has no layers that a path could lead through", rule.span
            )
        group = self._selectors.on_paths(cell)
        predicates = []
        for predicate in rule.predicates:
            lowered = self._predicates.lower(predicate, group, cell)
            if isinstance(lowered, UnresolvedReference):
                return lowered
            predicates.append(lowered)
        self._judge(rule, start, end, cell)
        return ir.OnPath(cell.name, rule.quantifier, start.index if start else None, end.index, tuple(predicates))

    def impossible(self) -> list[UnresolvedReference]:
        """Path rules seen since the last call whose path cannot be in any of their cells, each once."""
        found = [absence for _, absence in self._judged.values() if absence is not None]
        self._judged.clear()
        return found

    def _node(self, place: PlaceRef | None, cell: Cell) -> CellNode | UnresolvedReference | None:
        return find_node(place, cell, self._suggestions) if place is not None else None

    def _judge(self, rule: PathRule, start: CellNode | None, end: CellNode, cell: Cell) -> None:
        """Remember whether a path rule can speak of any path, in this cell or in another."""
        starts = [start] if start is not None else list(cell.inputs)
        if any(end.index in self.reachable_from(node.index, cell) for node in starts):
            self._judged[id(rule)] = (rule, None)
        elif id(rule) not in self._judged:
            self._judged[id(rule)] = (rule, self._no_path(rule, start, end, cell))

    def _no_path(self, rule: PathRule, start: CellNode | None, end: CellNode, cell: Cell) -> UnresolvedReference:
        target = place_text(rule.end) if rule.end is not None else "output"
        if start is None or rule.start is None:
            message = f"no path of cell `{cell.name}` can lead to `{target}`"
            return UnresolvedReference("E212", message, rule.span, "end the path at a node that some layer feeds")
        message = f"no path of cell `{cell.name}` can lead from `{place_text(rule.start)}` to `{target}`"
        swapped = start.index in self.reachable_from(end.index, cell)
        hint = "a path follows the data; exchange the two places" if swapped else "choose places that data can connect"
        return UnresolvedReference("E212", message, rule.span, hint)

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
