"""What a refined space leaves out of its candidates, as few boxes: a set of labels for each of a few levels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lapt_dsl.compiler.refined.encoded_set import EncodedSet, Word
from lapt_dsl.compiler.refined.refined_space import RefinedSpace

Box = Mapping[int, tuple[int, ...]]
"""By level the labels of a box; levels that are not listed are free."""


def boxes_outside(refined: RefinedSpace) -> Iterator[Box]:
    """Boxes that hold exactly the words of the candidates that are no members, each as large as it can be made.

    They may overlap. The first words in lexicographic order are covered first, so the same set gives the same boxes.
    """
    candidates = {left.layer.decision: tuple(sorted(left.labels)) for left in refined.candidates}
    members = refined.encoded
    outside = refined.box(candidates) - refined
    while outside:
        box = _grown(next(iter(outside.encoded)), candidates, members)
        yield box
        outside = outside - refined.box(box)


def _grown(word: Word, candidates: Mapping[int, tuple[int, ...]], members: EncodedSet) -> Box:
    """The word as a box without members, grown level by level: to every candidate first, else label by label."""
    box: dict[int, tuple[int, ...]] = {level: (label,) for level, label in enumerate(word)}
    kept: list[int] = []
    for level in range(len(word)):
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
    """Whether a box holds a member: all its levels are listed."""
    nodes = {members.root} - {0}
    for level in range(members.depth):
        nodes = {child for node in nodes for label in box[level] if (child := members.step(node, label))}
        if not nodes:
            return False
    return bool(nodes)
