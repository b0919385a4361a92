"""Choosing rules by what they save: the shortest description of the best architectures (minimum description length).

The best are described as draws that are uniform in what the rules leave, but for a share of exceptions that are uniform
in the whole space. A rule is worth having when it shortens that description by more than it costs to say which of the
candidates it is, and when it holds for most of the best: a niche is no principle. Sizes are exact, counted by the
automaton; no threshold is set by hand.
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
"""A rule whose automaton is larger is not considered."""

GROWTH = 40
"""All candidates together may take this many times MAX_NODES; those beyond are not considered."""

MAX_RULES = 12


@dataclass(frozen=True, slots=True)
class Mined:
    """A rule that was chosen, in how many of the best it holds, and how many bits it saves beyond its own cost."""

    candidate: Candidate
    support: int
    saved: float


def mine(
    space: Space, best: Sequence[Architecture], candidates: Sequence[Candidate], start: str, general: bool
) -> list[Mined]:
    """Choose rules greedily, the largest saving first, until none pays for itself.

    Args:
        space: The space.
        best: The architectures to describe.
        candidates: Rules as text, considered in order; those the space cannot compile are passed over.
        start: A principle file whose rules are in force already.
        general: Whether the rules are read as those of a `for any` file.
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
            both = inside & members[root]
            # With so few exceptions left out, not even one architecture left could pay.
            if _bits(len(best), len(both), 1, sets.size(sets.base)) + cost >= now:
                continue
            joined = _joined(sets, left, root)
            if joined is not None:
                bits = _bits(len(best), len(both), sets.size(joined), sets.size(sets.base))
                gains.append((now - bits - cost, -number))
        saved, place = max(gains, default=(0.0, 0))
        if saved <= 0:
            break
        candidate, root = known[-place]
        chosen.append(Mined(candidate, len(members[root]), saved))
        left, inside = sets.both(left, root), inside & members[root]
    return chosen


def _joined(sets: RuleSets, left: int, root: int) -> int | None:
    try:
        return sets.both(left, root)
    except NodeLimitExceeded:
        return None


def makes_sense(space: Space, candidate: Candidate) -> bool:
    """Whether a general candidate compiles for a space and leaves something of it."""
    sets = RuleSets(space, MAX_NODES)
    try:
        return sets.size(_compiled(space, sets, f"principles c for any; principle r {{ {candidate.rule} }}")) > 0
    except (LaptError, NodeLimitExceeded):
        return False


def _bits(total: int, inside: int, size: int, whole: int) -> float:
    """The length in bits of `total` architectures, `inside` of them among the `size` that rules leave of `whole`."""
    exceptions = (total - inside + 0.5) / (total + 1)
    within = (1 - exceptions) / size + exceptions / whole if size else exceptions / whole
    return -inside * math.log2(within) - (total - inside) * math.log2(exceptions / whole)


def _members(sets: RuleSets, root: int, best: Sequence[Architecture]) -> frozenset[int]:
    refined = sets.refined(root)
    return frozenset(number for number, arch in enumerate(best) if arch in refined)


def _root(space: Space, sets: RuleSets, candidate: Candidate, general: bool) -> int | None:
    """The set of a candidate, or None where it says nothing of this space, nothing at all, or too much to count."""
    name = "any" if general else space.name
    try:
        root = _compiled(space, sets, f"principles c for {name}; principle r {{ {candidate.rule} }}")
    except (LaptError, NodeLimitExceeded):
        return None
    return None if root == sets.base else root


def _compiled(space: Space, sets: RuleSets, text: str) -> int:
    tree = parse_or_raise(text)
    assert isinstance(tree, PrincipleFile)
    lowered, findings = lower_program(program_of_tree(tree), space)
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors:
        raise LaptError(errors)
    return sets.product([sets.root(principle.constraint) for principle in lowered])
