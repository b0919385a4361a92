"""A smallest conflicting subset: which few of many sets already have no architecture in common.

QuickXplain (Junker, AAAI 2004): divide and conquer, O(k log(n / k)) products for a conflict of k among n sets.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from lapt_dsl.compiler.automata.diagram import EMPTY
from lapt_dsl.compiler.refined.rule_sets import RuleSets

_PAIRS_UP_TO = 40
"""Up to this many sets every pair is tried first, which finds a smallest conflict where one of two exists."""


def minimal_conflict(
    sets: RuleSets, background: int, roots: Sequence[int], *, smallest: bool = True
) -> list[int] | None:
    """Positions of sets whose intersection with `background` is empty, and not without any one of them.

    With `smallest`, pairs are tried where there are few sets, so that no larger conflict hides one of two.

    Returns:
        Ascending positions in `roots`, or None where the whole intersection is not empty. Raises NodeLimitExceeded.
    """
    remaining = background
    end = 0
    while remaining != EMPTY:
        if end == len(roots):
            return None
        remaining = sets.intersection(remaining, roots[end])
        end += 1
    first = {root: number for number, root in reversed(list(enumerate(roots)))}
    numbers = sorted(first.values())
    alone = next((number for number in numbers if sets.intersection(background, roots[number]) == EMPTY), None)
    if alone is not None or background == EMPTY:
        return [] if background == EMPTY or alone is None else [alone]
    if smallest and len(numbers) <= _PAIRS_UP_TO:
        for pair in combinations(numbers, 2):
            if sets.intersection(sets.intersection(background, roots[pair[0]]), roots[pair[1]]) == EMPTY:
                return list(pair)
    # The set that emptied the product belongs to every conflict among the first `end`.
    last = end - 1
    before = [number for number in numbers if number < last and roots[number] != roots[last]]
    with_last = sets.intersection(background, roots[last])
    return sorted([*_explain(sets, with_last, True, before, roots), last])


def _explain(sets: RuleSets, background: int, grown: bool, numbers: list[int], roots: Sequence[int]) -> list[int]:
    """A minimal part of `numbers` that conflicts with the background, given that all of them do."""
    if grown and background == EMPTY:
        return []
    if len(numbers) == 1:
        return numbers
    half = len(numbers) // 2
    left, right = numbers[:half], numbers[half:]
    from_right = _explain(sets, _product(sets, background, left, roots), True, right, roots)
    from_left = _explain(sets, _product(sets, background, from_right, roots), bool(from_right), left, roots)
    return [*from_left, *from_right]


def _product(sets: RuleSets, background: int, numbers: Sequence[int], roots: Sequence[int]) -> int:
    for number in numbers:
        background = sets.intersection(background, roots[number])
        if background == EMPTY:
            break
    return background
