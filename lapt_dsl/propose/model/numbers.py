"""Exact sizes of a compiled reply, and the diagnostics that follow from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lapt_dsl.compiler.analyses.analysis import analyse
from lapt_dsl.compiler.refined.compiled import Compiled
from lapt_dsl.compiler.space.model import Architecture
from lapt_dsl.diagnostics.diagnostic import Diagnostic, Diagnostics, LaptError, Note

MOST_NAMED = 3
"""Maximum number of principles that a diagnostic names as excluding most of the evidence."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """Exact numbers of architectures.

    Attributes:
        whole: In the space.
        before: In the refined space before the reply.
        left: In the refined space of the reply.
        new: Those in `left` that were not in the space before.
        known: Those in `left` that were evaluated already.
        kept: Those of the evidence that are in `left`.
        shown: In the evidence.
        least: Minimum for `kept`.
    """

    whole: int
    before: int
    left: int
    new: int
    known: int
    kept: int
    shown: int
    least: int

    def __str__(self) -> str:
        kept = f", {self.kept} of {self.shown} kept" if self.shown else ""
        return f"{self.left:,} of {self.whole:,} left{kept}"


@dataclass(frozen=True, slots=True)
class SizeCriteria:
    """Criteria for the sizes of a reply.

    Attributes:
        evidence: Architectures of which the reply must keep a share.
        called: Their name in messages.
        follows: Whether the reply extends principles in force.
        opens: Whether the reply must allow architectures that these exclude.
    """

    evidence: Sequence[Architecture]
    called: str
    follows: bool
    opens: bool


def size_diagnostics(numbers: Numbers, compiled: Compiled, criteria: SizeCriteria) -> list[Diagnostic]:
    """Diagnostics on why a reply that compiles is not accepted, one for each reason."""
    diagnostics = Diagnostics()
    span = compiled.program.tree.name.span
    if not numbers.left:
        message = f"the reply allows none of the {numbers.whole:,} architectures of {compiled.space.name}"
        diagnostics.add("E861", message, span, hint="relax or remove the principles that contradict each other")
        # The analysis adds a minimal set of contradictory rules.
        return [*diagnostics.items, *(item for item in analyse(compiled) if item.severity == "error")]
    if numbers.left == numbers.before and not numbers.new:
        _unchanged(numbers, compiled, criteria, diagnostics)
    elif criteria.opens and not numbers.new and numbers.before < numbers.whole:
        message = (
            f"the reply allows no architecture that the principles in force exclude: {numbers.left:,} of their "
            f"{numbers.before:,} architectures are left"
        )
        hint = "drop or replace principles, so that excluded operators or connections are allowed"
        diagnostics.add("E862", message, span, hint=hint)
    if numbers.kept < numbers.least:
        message = (
            f"the reply keeps {numbers.kept} of {criteria.called}, fewer than the required {numbers.least}: "
            f"{numbers.left:,} of {numbers.whole:,} architectures are left"
        )
        hint = "state rules that more of the best satisfy: allow more operators, relax bounds"
        diagnostics.add("E863", message, span, hint=hint, notes=_excluding(compiled, criteria))
    if numbers.known == numbers.left:
        message = f"all {numbers.left:,} architectures that the reply allows have been evaluated already"
        diagnostics.add("E864", message, span, hint="also allow architectures similar to the best ones")
    return diagnostics.items


def _unchanged(numbers: Numbers, compiled: Compiled, criteria: SizeCriteria, diagnostics: Diagnostics) -> None:
    span = compiled.program.tree.name.span
    if criteria.follows:
        message = f"the reply changes nothing: it allows the same {numbers.left:,} architectures as before"
        hint = "add, replace or drop a principle, so that other architectures are allowed"
        diagnostics.add("E862", message, span, hint=hint)
        return
    message = f"the reply excludes nothing: all {numbers.whole:,} architectures of {compiled.space.name} are allowed"
    diagnostics.add("E862", message, span, hint="state at least one rule that the best satisfy and others do not")


def _excluding(compiled: Compiled, criteria: SizeCriteria) -> tuple[Note, ...]:
    """The principles that exclude most of the evidence, each considered alone."""
    counts = []
    try:
        for lowered, root in zip(compiled.lowered, compiled.roots, strict=True):
            alone = compiled.sets.refined(root)
            counts.append((sum(arch not in alone for arch in criteria.evidence), lowered))
    except LaptError:
        # A single principle can exceed the node limit even if all of them together do not.
        return ()
    worst = sorted((count for count in counts if count[0]), key=lambda count: -count[0])[:MOST_NAMED]
    total = len(criteria.evidence)
    return tuple(
        Note(f"`{lowered.name}` alone excludes {count} of the {total}", lowered.tree.name.span)
        for count, lowered in worst
    )
