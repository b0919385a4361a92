"""What a compiled reply leaves, in exact numbers, and what they say against it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lapt_dsl.compiler.analyses.analysis import analyse
from lapt_dsl.compiler.refined.compiled import Compiled
from lapt_dsl.compiler.space.model import Architecture
from lapt_dsl.diagnostics.diagnostic import Diagnostic, Diagnostics, LaptError, Note

MOST_NAMED = 3
"""Principles that are named as those that exclude most of the evidence."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """Architectures, counted exactly.

    `whole`: of the space; `before`: left before the reply; `left`: by the reply, `new` of them not left before and
    `known` of them evaluated already; `kept` of the `shown` that it was to be drawn from, at the `least` so many.
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
    """What numbers are held against: `evidence`, `called` so in messages; whether the reply `follows` principles in
    force, and whether it must let in what they left out (`opens`)."""

    evidence: Sequence[Architecture]
    called: str
    follows: bool
    opens: bool


def findings_about(numbers: Numbers, compiled: Compiled, demands: SizeCriteria) -> list[Diagnostic]:
    """Why a reply that compiles is not accepted: one finding for each reason, none where there is none."""
    found = Diagnostics()
    span = compiled.program.tree.name.span
    if not numbers.left:
        message = f"the reply leaves none of the {numbers.whole:,} architectures of {compiled.space.name}"
        found.add("E861", message, span, hint="loosen or leave out the principles that contradict each other")
        # Which ones they are: a smallest set of rules that no architecture satisfies.
        return [*found.items, *(item for item in analyse(compiled) if item.severity == "error")]
    if numbers.left == numbers.before and not numbers.new:
        _unchanged(numbers, compiled, demands, found)
    elif demands.opens and not numbers.new and numbers.before < numbers.whole:
        message = (
            f"the reply lets nothing in that the principles in force left out: {numbers.left:,} of their "
            f"{numbers.before:,} architectures are left"
        )
        hint = "drop or replace principles, so that operators or connections they forbid may be tried"
        found.add("E862", message, span, hint=hint)
    if numbers.kept < numbers.least:
        message = (
            f"the reply keeps {numbers.kept} of {demands.called}, and {numbers.least} are the least: "
            f"{numbers.left:,} of {numbers.whole:,} architectures are left"
        )
        hint = "state what more of the best have in common: allow more operators, loosen bounds"
        found.add("E863", message, span, hint=hint, notes=_excluding(compiled, demands))
    if numbers.known == numbers.left:
        message = f"every architecture that the reply leaves has been evaluated already: {numbers.left:,} in all"
        found.add("E864", message, span, hint="leave architectures like the best ones too, not only the best ones")
    return found.items


def _unchanged(numbers: Numbers, compiled: Compiled, demands: SizeCriteria, found: Diagnostics) -> None:
    span = compiled.program.tree.name.span
    if demands.follows:
        message = f"the reply changes nothing: it leaves the {numbers.left:,} architectures that were left before"
        found.add("E862", message, span, hint="add, replace or drop a principle so that other architectures are left")
        return
    message = f"the reply removes nothing: all {numbers.whole:,} architectures of {compiled.space.name} are left"
    found.add("E862", message, span, hint="state at least one rule that the best keep and others break")


def _excluding(compiled: Compiled, demands: SizeCriteria) -> tuple[Note, ...]:
    """Which principles exclude most of the evidence, each by itself."""
    counts = []
    try:
        for lowered, root in zip(compiled.lowered, compiled.roots, strict=True):
            alone = compiled.sets.refined(root)
            counts.append((sum(arch not in alone for arch in demands.evidence), lowered))
    except LaptError:
        # One principle by itself is too large a set although all of them together are not.
        return ()
    worst = sorted((count for count in counts if count[0]), key=lambda count: -count[0])[:MOST_NAMED]
    total = len(demands.evidence)
    return tuple(
        Note(f"`{lowered.name}` alone excludes {count} of the {total}", lowered.tree.name.span)
        for count, lowered in worst
    )
