"""Principles that can cross from one space to another: `for any`, of traits and counts alone.

Operators and layer numbers belong to a space; traits (convolution, pooling, shortcut, absent) and how many layers have
them are what two spaces share. A proposer that has `learn_general` is asked; for others this file counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, runtime_checkable

from lapt_dsl.compiler.space.model import Architecture, Space
from lapt_dsl.propose.archive import Archive
from lapt_dsl.propose.proposer import Proposer
from lapt_dsl.propose.revisions import compile_revision

TRIMMED = 0.1
"""Share of the source's best that a bound on a count may leave out, at each end."""


@runtime_checkable
class GeneralProposer(Protocol):
    """A proposer that can also write a `for any` file."""

    def learn_general(self, archive: Archive, target: Space | None = None) -> str:
        """Principles behind the best architectures that make sense in other spaces."""
        ...


def general_principles(proposer: Proposer, archive: Archive, target: Space) -> str:
    """A `for any` file learned from an archive of one space, for search in another.

    Args:
        proposer: Who learns, where it can.
        archive: The source's best.
        target: The space it will be compiled for; counts of traits it does not have are left out.
    """
    if isinstance(proposer, GeneralProposer):
        return proposer.learn_general(archive, target)
    return counted_principles(archive, target)


def counted_principles(archive: Archive, target: Space) -> str:
    """Bounds on how many layers have each trait, in every cell, that all but the trimmed of the best keep.

    A trait whose bounds would leave nothing of the target, with those before it, is left out: the source's layers may
    be full of operators that the target does not have.
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
            sentence = f'"The best have {_range(low, high)} layers with {trait}."'
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
    """Per architecture and cell, how many layers have the trait."""
    for scored in archive:
        for cell in archive.space.cells:
            levels = [layer.decision for layer in cell.operator_layers]
            yield sum(trait in _traits_at(scored.arch, level) for level in levels)


def _traits_at(arch: Architecture, level: int) -> frozenset[str]:
    operator = arch.space.layers[level].choices[arch.encoding[level]].operator
    return operator.traits if operator is not None else frozenset()
