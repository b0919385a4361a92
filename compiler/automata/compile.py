"""From a constraint to the exact set of encodings that satisfy it."""

from __future__ import annotations

from typing import assert_never

from lapt_dsl.compiler.automata.budget import AtMost, BudgetPlan
from lapt_dsl.compiler.automata.counting import AgreementAutomaton, CountAutomaton, allowed
from lapt_dsl.compiler.automata.depth import Depth
from lapt_dsl.compiler.automata.diagram import DEFAULT_MAX_NODES, EMPTY, Diagrams
from lapt_dsl.compiler.automata.liveness import LiveLayers
from lapt_dsl.compiler.automata.paths import PathAutomaton
from lapt_dsl.compiler.automata.stacked import stacked_set
from lapt_dsl.compiler.automata.wiring import base_set
from lapt_dsl.compiler.lowering.constraints import (
    AgreementConstraint,
    Allowed,
    And,
    Bound,
    Constraint,
    CountConstraint,
    Not,
    OnPath,
    Or,
)
from lapt_dsl.compiler.space.model import Space


def compile_constraint(
    store: Diagrams, space: Space, constraint: Constraint, max_nodes: int = DEFAULT_MAX_NODES
) -> int:
    """The root of the diagram of all encodings that satisfy `constraint`, valid architectures or not.

    Intersect with `base_set` for architectures. Raises NodeLimitExceeded where a step explores more than `max_nodes`.
    """
    match constraint:
        case Allowed():
            return allowed(store, constraint)
        case CountConstraint():
            return store.build(CountAutomaton(store, constraint), max_nodes)
        case AgreementConstraint():
            return store.build(AgreementAutomaton(store, constraint), max_nodes)
        case OnPath():
            automaton = PathAutomaton(store, space, constraint)
            return store.build(automaton, max_nodes, automaton.weight)
        case Bound():
            return _bound(store, space, constraint, max_nodes)
        case Not():
            return store.complement(compile_constraint(store, space, constraint.part, max_nodes), max_nodes)
        case And():
            root = store.top
            for part in constraint.parts:
                root = store.intersection(root, compile_constraint(store, space, part, max_nodes), max_nodes)
                if root == EMPTY:
                    break
            return root
        case Or():
            root = EMPTY
            for part in constraint.parts:
                root = store.union(root, compile_constraint(store, space, part, max_nodes), max_nodes)
            return root
        case _:
            assert_never(constraint)


def _bound(store: Diagrams, space: Space, bound: Bound, max_nodes: int) -> int:
    if bound.metric == "depth":
        return stacked_set(store, space, Depth(space, bound), max_nodes)
    if bound.metric == "live layers":
        from lapt_dsl.compiler.networks.network import cell_instances

        return stacked_set(store, space, LiveLayers(space, bound, cell_instances(space)), max_nodes)
    from lapt_dsl.compiler.networks.network import cost_terms

    costs = cost_terms(space, bound.metric)
    plan = BudgetPlan(store, [(term.decisions, term.value) for term in costs.terms])
    root = store.top
    if bound.high is not None:
        root = AtMost(plan, max_nodes).build(bound.high - costs.constant)
    if bound.low is not None:
        below = AtMost(plan, max_nodes).build(bound.low - 1 - costs.constant)
        root = store.difference(root, below, max_nodes)
    return root


__all__ = ["base_set", "compile_constraint"]
