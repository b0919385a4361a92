"""One-change neighbours and distances by their definition, over a list of members."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from lapt_dsl.compiler.space.model import Space
from tests.reference.evaluator import Encoding


def units(space: Space, word: Encoding) -> list[list[tuple[Hashable, Hashable]]]:
    """The architecture as unordered groups of (operator or number, sources): a stage is one group, a layer another."""
    groups = []
    for cell in space.cells:
        staged = {key: node.index for node in cell.nodes if node.distinct_sources for key in node.layers}
        found: dict[Hashable, list[tuple[Hashable, Hashable]]] = {}
        for layer in cell.layers:
            label = layer.choices[word[layer.decision]]
            what = label.operator.name if label.operator is not None else label.number
            group: Hashable = ("stage", staged[layer.key]) if layer.key in staged else ("layer", layer.key)
            found.setdefault(group, []).append((what, label.sources))
        groups += list(found.values())
    return groups


def one_change_apart(space: Space, left: Encoding, right: Encoding) -> bool:
    """Whether one operator, one layer's sources or one number turns the one architecture into the other."""
    differing = [
        pair for pair in zip(units(space, left), units(space, right), strict=True) if set(pair[0]) != set(pair[1])
    ]
    if len(differing) != 1:
        return False
    gone = set(differing[0][0]) - set(differing[0][1])
    come = set(differing[0][1]) - set(differing[0][0])
    if len(gone) != 1 or len(come) != 1:
        return False
    (before,), (after,) = gone, come
    return (before[0] == after[0]) != (before[1] == after[1])


def neighbours(space: Space, word: Encoding, members: Iterable[Encoding]) -> set[Encoding]:
    """The members one change away from `word`."""
    return {other for other in members if one_change_apart(space, word, other)}


def distance(space: Space, left: Encoding, right: Encoding) -> int:
    """In how many choices two words differ: a layer's operator, its sources and a number count one each."""
    total = 0
    for layer in space.layers:
        here, there = layer.choices[left[layer.decision]], layer.choices[right[layer.decision]]
        total += (here.operator, here.number) != (there.operator, there.number)
        total += here.sources != there.sources
    return total
