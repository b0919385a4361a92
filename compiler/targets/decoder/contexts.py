"""What can be written in each context of a space: of all its cells, and of the cells of each `in` block."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import reduce
from itertools import product

from lapt_dsl.compiler.space.model import Cell
from lapt_dsl.compiler.targets.decoder.available import (
    Availability,
    Place,
    RuleContext,
    Where,
    indexed,
    named_layers,
    parsed_place,
    parsed_selector,
)
from lapt_dsl.compiler.targets.decoder.source import GrammarProductions
from lapt_dsl.language.forms.grammar_rules import GrammarProduction, Literal

_AMBIGUOUS = frozenset({"input", "stage", "previous"})
"""Words that other places begin with; a node of such a name is written by what it is instead."""


def context(
    source: GrammarProductions, available: Availability, cells: Sequence[Cell], *, common: bool = False
) -> RuleContext:
    """What can be written about these cells; cells that have the same count as one.

    Args:
        source: The alternatives of the grammar.
        available: What the compiler says of the space.
        cells: The cells that are spoken of.
        common: Only what all of them have, for a list of some of these cells.
    """
    places = list(_places(source, available, cells))
    found = RuleContext(
        (1 << len(cells)) - 1,
        tuple(_fixed(source, available, cells, [place.words for place in places])),
        tuple(_numbered(source, available, cells)),
        tuple(places),
        tuple(_ends(available, cells, places)),
        available.paths(cells),
        available.before(cells),
        tuple(named_layers(cells)),
    )
    return _narrowed(_common(found, cells) if common else found)


def _fixed(
    source: GrammarProductions, available: Availability, cells: Sequence[Cell], places: list[tuple[str, ...]]
) -> Iterator[tuple[tuple[str, ...], Where]]:
    """Selectors without a number or the name of a number layer."""
    for production in source.of("selector"):
        if source.symbols(production) & {"index", "ranges", "name", "names"}:
            continue
        for words in _worded(source, production, {"place": places}):
            where = available.selector(parsed_selector(" ".join(words)), cells)
            if where.cells:
                yield words, where


def _numbered(
    source: GrammarProductions, available: Availability, cells: Sequence[Cell]
) -> Iterator[tuple[tuple[str, ...], str, tuple[tuple[tuple[int, int], Where], ...]]]:
    """Selectors by number: their words, the symbol that follows, and the indices and ranges that it may be."""
    highest = max(max(len(cell.operator_layers), len(cell.stages)) for cell in cells)
    for production in source.of("selector"):
        for symbol in sorted(source.symbols(production) & {"index", "ranges"}):
            words = tuple(part.text for part in production.parts if isinstance(part, Literal))
            selector = parsed_selector(" ".join([*words, "0"]))
            pairs = (
                (low, high)
                for low in range(highest + 1)
                for high in range(low, highest + 1)
                if low == high or symbol == "ranges"
            )
            items = ((pair, available.selector(indexed(selector, *pair), cells)) for pair in pairs)
            found = tuple((pair, where) for pair, where in items if where.cells)
            if found:
                yield words, symbol, found


def _places(source: GrammarProductions, available: Availability, cells: Sequence[Cell]) -> Iterator[Place]:
    """Every way to write a place that some cell has."""
    highest = max(max(len(cell.inputs), len(cell.stages)) for cell in cells)
    names = dict.fromkeys(node.name for cell in cells for node in cell.nodes)
    choices: dict[str, list[tuple[str, ...]]] = {
        "integer": [(str(number),) for number in range(highest + 1)],
        "node_name": [(name,) for name in names if name not in _AMBIGUOUS],
    }
    for production in source.of("place"):
        for words in _worded(source, production, choices):
            place = parsed_place(" ".join(words))
            where = available.place(place, cells)
            if where:
                yield Place(words, where, place.kind == "previous")


def _ends(
    available: Availability, cells: Sequence[Cell], places: Sequence[Place]
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...], Where]]:
    """The places that a path can lead from and to, as words."""
    fixed = [(place.words, parsed_place(" ".join(place.words))) for place in places if not place.previous]
    for (start, first), (end, last) in product(fixed, fixed):
        where = available.ends(first, last, cells)
        if where.second:
            yield start, end, where


def _worded(
    source: GrammarProductions, production: GrammarProduction, choices: dict[str, list[tuple[str, ...]]]
) -> Iterator[tuple[str, ...]]:
    """The texts of an alternative whose symbols are choices of words, as words."""
    ways: list[list[tuple[str, ...]]] = []
    for part in production.parts:
        if isinstance(part, Literal):
            ways.append([(part.text,)])
            continue
        (symbol,) = source.symbols(GrammarProduction(None, (part,)))
        words = source.words_of(symbol)
        if words is not None:
            ways.append([tuple(literal.text for literal in each) for each in words])
        else:
            ways.append(choices[symbol])
    for combination in product(*ways):
        yield tuple(word for words in combination for word in words)


def _common(found: RuleContext, cells: Sequence[Cell]) -> RuleContext:
    """What every cell has, whichever of them are meant."""
    all_or_none = _mapped(found, lambda mask: found.every if mask == found.every else 0)
    named = []
    for names, where, _ in found.named:
        numbers = [
            {choice.number for name in names if (layer := cell.layer(name)) is not None for choice in layer.choices}
            for cell in cells
        ]
        shared = reduce(set.__and__, numbers)
        if where == found.every:
            named.append((names, where, tuple(sorted(number for number in shared if number is not None))))
    return replace(all_or_none, named=tuple(named))


def _narrowed(found: RuleContext) -> RuleContext:
    """The same with one bit for all cells that have the same, so that equal contexts are equal objects."""
    masks: list[int] = []

    def seen(mask: int) -> int:
        masks.append(mask)
        return mask

    _mapped(found, seen)
    columns = {bit: tuple(mask >> bit & 1 for mask in masks) for bit in range(found.every.bit_length())}
    kept = list({column: bit for bit, column in reversed(columns.items())}.values())
    kept.sort()
    return _mapped(found, lambda mask: sum((mask >> bit & 1) << at for at, bit in enumerate(kept)))


def _mapped(found: RuleContext, change: Callable[[int], int]) -> RuleContext:
    """The context with every set of cells changed; what is left with no cell is left out."""

    def changed(where: Where) -> Where:
        return Where(change(where.cells), change(where.second))

    return RuleContext(
        change(found.every),
        tuple((words, new) for words, where in found.fixed if (new := changed(where)).cells),
        tuple(
            (words, symbol, tuple((pair, new) for pair, where in items if (new := changed(where)).cells))
            for words, symbol, items in found.numbered
        ),
        tuple(replace(place, cells=kept) for place in found.places if (kept := change(place.cells))),
        tuple((start, end, new) for start, end, where in found.ends if (new := changed(where)).second),
        changed(found.paths),
        change(found.before),
        tuple((names, kept, numbers) for names, mask, numbers in found.named if (kept := change(mask))),
    )
