"""The complement of a refined space within its candidates, as a small number of boxes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lapt_dsl.compiler.refined.encoded_set import EncodedSet, Encoding
from lapt_dsl.compiler.refined.refined_space import RefinedSpace

Box = Mapping[int, tuple[int, ...]]
"""Choices of a box by decision. Decisions that are not listed are free."""


def boxes_outside(refined: RefinedSpace) -> Iterator[Box]:
    """Maximal boxes that cover exactly the combinations of candidates outside the refined space.

    Boxes may overlap. Combinations are covered in lexicographic order, so the result is deterministic.
    """
    candidates = {left.layer.decision: tuple(sorted(left.choices)) for left in refined.candidates}
    members = refined.encoded
    outside = refined.box(candidates) - refined
    while outside:
        box = _grown(next(iter(outside.encoded)), candidates, members)
        yield box
        outside = outside - refined.box(box)


def _grown(encoding: Encoding, candidates: Mapping[int, tuple[int, ...]], members: EncodedSet) -> Box:
    """Grow a combination to a maximal box without members: first whole decisions, then single choices."""
    box: dict[int, tuple[int, ...]] = {level: (label,) for level, label in enumerate(encoding)}
    kept: list[int] = []
    for level in range(len(encoding)):
        before = box[level]
        box[level] = candidates[level]
        if _meets(box, members):
            box[level] = before
            kept.append(level)
    for level in kept:
        for label in candidates[level]:
            before = box[level]
            if label not in before:
                box[level] = tuple(sorted((*before, label)))
                if _meets(box, members):
                    box[level] = before
    return {level: box[level] for level in kept}


def _meets(box: Mapping[int, tuple[int, ...]], members: EncodedSet) -> bool:
    """Whether a box, with all decisions listed, contains a member."""
    nodes = {members.root} - {0}
    for level in range(members.depth):
        nodes = {child for node in nodes for label in box[level] if (child := members.step(node, label))}
        if not nodes:
            return False
    return bool(nodes)
