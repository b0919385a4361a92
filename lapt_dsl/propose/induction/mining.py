"""Selection of rules by minimum description length.

The best architectures are described as uniform draws from the refined space, except for a share of exceptions, which
are uniform in the full space. A rule is selected if it shortens this description by more than the cost of naming it
among the candidates, and if it holds for most of the best. Sizes are exact, counted by the automaton, so there is no
manual threshold.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lapt_dsl.compiler.automata.diagram import NodeLimitExceeded
from lapt_dsl.compiler.program.inheritance import program_of_tree
from lapt_dsl.compiler.refined.compiled import lower_program
from lapt_dsl.compiler.refined.rule_sets import RuleSets
from lapt_dsl.compiler.space.model import Architecture, Space
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.language.parsing.parser import parse_or_raise
from lapt_dsl.language.tree import PrincipleFile
from lapt_dsl.propose.induction.candidates import Candidate

MAX_NODES = 20_000
"""Rules with a larger automaton are not considered."""

GROWTH = 40
"""All candidates together may use this many times MAX_NODES. Further candidates are not considered."""

MAX_RULES = 12


@dataclass(frozen=True, slots=True)
class Mined:
    """A selected rule, the number of best architectures that satisfy it, and the bits saved beyond its own cost."""

    candidate: Candidate
    support: int
    saved: float


def mine(
    space: Space, best: Sequence[Architecture], candidates: Sequence[Candidate], start: str, general: bool
) -> list[Mined]:
    """Select rules greedily, the largest saving first, until no rule saves anything.

    Args:
        space: The space.
        best: The architectures to describe.
        candidates: Rules as text, in order. Rules that do not compile in the space are ignored.
        start: A principle file whose rules are already in force.
        general: Whether the rules are those of a `for any` file.
    """
    sets = RuleSets(space, MAX_NODES, GROWTH)
    left = _compiled(space, sets, start)
    compiled = [(c, root) for c in candidates if (root := _root(space, sets, c, general)) is not None]
    members = {root: _members(sets, root, best) for root in {root for _, root in compiled}}
    known = [(candidate, root) for candidate, root in compiled if 2 * len(members[root]) > len(best)]
    inside = _members(sets, left, best)
    cost = math.log2(max(len(compiled), 2))
    chosen: list[Mined] = []
    while len(chosen) < MAX_RULES:
        now = _bits(len(best), len(inside), sets.size(left), sets.size(sets.base))
        gains: list[tuple[float, int]] = []
        for number, (_, root) in enumerate(known):
            intersection = inside & members[root]
            # Lower bound: even a refined space of one architecture would save nothing.
            if _bits(len(best), len(intersection), 1, sets.size(sets.base)) + cost >= now:
                continue
            joined = _joined(sets, left, root)
            if joined is not None:
                bits = _bits(len(best), len(intersection), sets.size(joined), sets.size(sets.base))
                gains.append((now - bits - cost, -number))
        saved, place = max(gains, default=(0.0, 0))
        if saved <= 0:
            break
        candidate, root = known[-place]
        chosen.append(Mined(candidate, len(members[root]), saved))
        left, inside = sets.intersection(left, root), inside & members[root]
    return chosen


def _joined(sets: RuleSets, left: int, root: int) -> int | None:
    try:
        return sets.intersection(left, root)
    except NodeLimitExceeded:
        return None


def makes_sense(space: Space, candidate: Candidate) -> bool:
    """Whether a general candidate compiles for a space with a non-empty result."""
    sets = RuleSets(space, MAX_NODES)
    try:
        return sets.size(_compiled(space, sets, f"principles c for any; principle r {{ {candidate.rule} }}")) > 0
    except (LaptError, NodeLimitExceeded):
        return False


def _bits(total: int, inside: int, size: int, whole: int) -> float:
    """Description length in bits of `total` architectures, `inside` of them in a refined space (`size` of `whole`)."""
    exceptions = (total - inside + 0.5) / (total + 1)
    within = (1 - exceptions) / size + exceptions / whole if size else exceptions / whole
    return -inside * math.log2(within) - (total - inside) * math.log2(exceptions / whole)


def _members(sets: RuleSets, root: int, best: Sequence[Architecture]) -> frozenset[int]:
    refined = sets.refined(root)
    return frozenset(number for number, arch in enumerate(best) if arch in refined)


def _root(space: Space, sets: RuleSets, candidate: Candidate, general: bool) -> int | None:
    """The set of a candidate. None if it does not compile, has no effect, or is too large."""
    name = "any" if general else space.name
    try:
        root = _compiled(space, sets, f"principles c for {name}; principle r {{ {candidate.rule} }}")
    except (LaptError, NodeLimitExceeded):
        return None
    return None if root == sets.base else root


def _compiled(space: Space, sets: RuleSets, text: str) -> int:
    tree = parse_or_raise(text)
    assert isinstance(tree, PrincipleFile)
    lowered, diagnostics = lower_program(program_of_tree(tree), space)
    errors = [item for item in diagnostics if item.severity == "error"]
    if errors:
        raise LaptError(errors)
    return sets.product([sets.root(principle.constraint) for principle in lowered])
