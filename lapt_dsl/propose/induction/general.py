"""Principles that transfer between spaces: `for any` files with traits and counts only.

Operators and layer numbers are specific to a space. Traits (convolution, pooling, shortcut, absent) and their counts
are shared by spaces. If the proposer has `learn_general`, it is used; otherwise `counted_principles`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, runtime_checkable

from lapt_dsl.compiler.space.model import Architecture, Space
from lapt_dsl.propose.archive import Archive
from lapt_dsl.propose.proposer import Proposer
from lapt_dsl.propose.revisions import compile_revision

TRIMMED = 0.1
"""Share of the best of the source that a bound on a count may exclude, at each end."""


@runtime_checkable
class GeneralProposer(Protocol):
    """A proposer that can also write a `for any` file."""

    def learn_general(self, archive: Archive, target: Space | None = None) -> str:
        """Principles learned from the best architectures that are valid in other spaces."""
        ...


def general_principles(proposer: Proposer, archive: Archive, target: Space) -> str:
    """A `for any` file learned from an archive of one space, for search in another.

    Args:
        proposer: Learns the principles, if it supports it.
        archive: The best architectures of the source.
        target: The space that the file will be compiled for. Traits that it does not have are ignored.
    """
    if isinstance(proposer, GeneralProposer):
        return proposer.learn_general(archive, target)
    return counted_principles(archive, target)


def counted_principles(archive: Archive, target: Space) -> str:
    """Bounds on the number of layers with each trait in a cell. Each bound excludes a share TRIMMED of the best.

    Bounds that would make the refined target space empty are omitted: the source may need operators that the target
    does not have.
    """
    shared = _traits(archive.space) & _traits(target)
    layers = min(len(cell.operator_layers) for cell in target.cells)
    text = "principles crossed for any;\n"
    for trait in sorted(shared):
        counts = sorted(_counts(archive, trait))
        cut = int(TRIMMED * len(counts))
        low, high = counts[cut], counts[-1 - cut]
        rules = []
        if low > 0:
            rules.append(f"  layers: at least {min(low, layers)} {trait};")
        if high < min(layers, _most(archive.space)):
            rules.append(f"  layers: at most {high} {trait};")
        if rules:
            kept = sum(low <= count <= high for count in counts)
            sentence = f'"The best architectures have {_range(low, high)} layers with the trait {trait}."'
            body = "\n".join(rules)
            longer = f"{text}\nprinciple count_{trait} {sentence} evidence {kept} of {len(counts)} {{\n{body}\n}}\n"
            if compile_revision(longer, "crossed.lp", {}, target).refined:
                text = longer
    return text


def _range(low: int, high: int) -> str:
    return str(low) if low == high else f"{low} to {high}"


def _traits(space: Space) -> set[str]:
    layers = [layer for cell in space.cells for layer in cell.operator_layers]
    return {trait for layer in layers for operator in layer.operators for trait in operator.traits}


def _most(space: Space) -> int:
    return max(len(cell.operator_layers) for cell in space.cells)


def _counts(archive: Archive, trait: str) -> Iterable[int]:
    """Number of layers with the trait, per architecture and cell."""
    for scored in archive:
        for cell in archive.space.cells:
            levels = [layer.decision for layer in cell.operator_layers]
            yield sum(trait in _traits_at(scored.arch, level) for level in levels)


def _traits_at(arch: Architecture, level: int) -> frozenset[str]:
    operator = arch.space.layers[level].choices[arch.encoding[level]].operator
    return operator.traits if operator is not None else frozenset()
