"""What the cells of a context have: which selectors, places and paths stand for something, and in which cells.

A rule holds in the cells that have all that it names, and is refused where no cell does; so every part of a rule
carries the set of its cells, as a bit mask. The compiler's own selectors and places decide, so that nothing is defined
twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations

from lapt_dsl.compiler.lowering.absence import UnresolvedReference
from lapt_dsl.compiler.lowering.operators import OperatorSets
from lapt_dsl.compiler.lowering.paths import PathRules
from lapt_dsl.compiler.lowering.places import find_node, stage_before
from lapt_dsl.compiler.lowering.predicates import Predicates
from lapt_dsl.compiler.lowering.selectors import Selectors
from lapt_dsl.compiler.space.model import Cell, Space
from lapt_dsl.diagnostics.suggestions import Suggestions
from lapt_dsl.language.parsing.parser import parse_or_raise
from lapt_dsl.language.tree import LayerRule, PlaceRef, Principle, PrincipleFile, Ranges, Reads, Selector

_NAMED_TOGETHER = 3
"""Up to so many number layers of a cell are listed in any combination; of more, two at a time."""


@dataclass(frozen=True, slots=True)
class Where:
    """The cells that have a part of a rule, and those of them in which it has a second quality.

    For selectors the second is that a selected layer has a stage before it; for the ends of a path, that a path can
    lead from one to the other.
    """

    cells: int
    second: int

    def both(self, other: Where) -> Where:
        """Of two selections in one list."""
        cells = self.cells & other.cells
        return Where(cells, (self.second | other.second) & cells)


@dataclass(frozen=True, slots=True)
class Place:
    """A place as words, its cells, and whether it is `previous stage`."""

    words: tuple[str, ...]
    cells: int
    previous: bool


@dataclass(frozen=True)
class RuleContext:
    """What can be written about some cells: those of an innermost `in`, or all.

    `fixed`: selectors of words alone; `numbered`: per selector's words the symbol that follows them, and the indices
    and ranges it may be; `places` for `reads`; `ends` of paths, by place; `paths`: the cells with layers that a path
    can lead through, and those with a path from input to output; `before`: cells in which some layer has a previous
    stage; `named`: number layers with their cells and numbers.
    """

    every: int
    fixed: tuple[tuple[tuple[str, ...], Where], ...]
    numbered: tuple[tuple[tuple[str, ...], str, tuple[tuple[tuple[int, int], Where], ...]], ...]
    places: tuple[Place, ...]
    ends: tuple[tuple[tuple[str, ...], tuple[str, ...], Where], ...]
    paths: Where
    before: int
    named: tuple[tuple[tuple[str, ...], int, tuple[int, ...]], ...]


@dataclass
class Availability:
    """Asks the compiler about the cells of one space."""

    space: Space
    _selectors: Selectors = field(init=False)
    _paths: PathRules = field(init=False)

    def __post_init__(self) -> None:
        self._suggestions = Suggestions()
        self._selectors = Selectors(self._suggestions)
        predicates = Predicates(OperatorSets(self.space), self._suggestions)
        self._paths = PathRules(self._selectors, predicates, self._suggestions)

    def selector(self, selector: Selector, cells: Sequence[Cell]) -> Where:
        """Where a selector selects layers, and where one of them has a stage before it."""
        found = before = 0
        for bit, cell in enumerate(cells):
            groups = self._selectors.select(selector, cell)
            if isinstance(groups, UnresolvedReference):
                continue
            found |= 1 << bit
            if any(stage_before(reading.layer, cell) is not None for group in groups for reading in group):
                before |= 1 << bit
        return Where(found, before)

    def place(self, place: PlaceRef, cells: Sequence[Cell]) -> int:
        """Where a place is; `previous stage` is wherever some layer reads."""
        if place.kind == "previous":
            return (1 << len(cells)) - 1
        return _mask([not isinstance(find_node(place, cell, self._suggestions), UnresolvedReference) for cell in cells])

    def paths(self, cells: Sequence[Cell]) -> Where:
        """Where there are layers for a path, and where data can go from an input to the output."""
        layered = [bool(cell.operator_layers) for cell in cells]
        joined = [
            any(cell.output.index in self._paths.reachable_from(node.index, cell) for node in cell.inputs)
            for cell in cells
        ]
        return Where(_mask(layered), _mask(layered) & _mask(joined))

    def ends(self, start: PlaceRef, end: PlaceRef, cells: Sequence[Cell]) -> Where:
        """Where both ends of a path are, and where a path can lead from one to the other."""
        found = joined = 0
        for bit, cell in enumerate(cells):
            first, last = (find_node(place, cell, self._suggestions) for place in (start, end))
            if (
                isinstance(first, UnresolvedReference)
                or isinstance(last, UnresolvedReference)
                or not cell.operator_layers
            ):
                continue
            found |= 1 << bit
            if last.index in self._paths.reachable_from(first.index, cell):
                joined |= 1 << bit
        return Where(found, joined)

    def before(self, cells: Sequence[Cell]) -> int:
        """The cells in which some layer has a stage before it."""
        return _mask([any(stage_before(layer, cell) is not None for layer in cell.operator_layers) for cell in cells])


def named_layers(cells: Sequence[Cell]) -> list[tuple[tuple[str, ...], int, tuple[int, ...]]]:
    """Combinations of number layers that some cell has, with their cells and all their numbers in these cells."""
    names = list(dict.fromkeys(str(layer.key) for cell in cells for layer in cell.number_layers))
    most = len(names) if len(names) <= _NAMED_TOGETHER else 2
    found = []
    for size in range(1, most + 1):
        for together in combinations(names, size):
            where = _mask([all(cell.layer(name) is not None for name in together) for cell in cells])
            layers = [layer for cell in cells for layer in cell.number_layers if layer.key in together]
            numbers = {choice.number for layer in layers for choice in layer.choices if choice.number is not None}
            if where:
                found.append((together, where, tuple(sorted(numbers))))
    return found


def parsed_selector(words: str) -> Selector:
    """The selector that some words write."""
    return _rule(f"{words}: same operator;").selector


def parsed_place(words: str) -> PlaceRef:
    """The place that some words write."""
    predicate = _rule(f"layers: reads {words};").predicate
    assert isinstance(predicate, Reads)
    return predicate.places[0]


def indexed(selector: Selector, low: int, high: int) -> Selector:
    """The selector with this range in place of its own."""
    return Selector(selector.kind, ranges=Ranges(((low, high),)))


def _rule(text: str) -> LayerRule:
    tree = parse_or_raise(f"principles asked for any; principle asked {{ {text} }}")
    assert isinstance(tree, PrincipleFile)
    principle = tree.items[0]
    assert isinstance(principle, Principle)
    rule = principle.statements[0]
    assert isinstance(rule, LayerRule)
    return rule


def _mask(bits: Sequence[bool]) -> int:
    return sum(1 << bit for bit, there in enumerate(bits) if there)
