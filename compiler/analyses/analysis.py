"""What a compiled program means beyond its names: conflicts, rules without effect, and what can no longer be.

Every diagnostic is exact: it is a statement about the set of architectures, decided on the diagrams.
"""

from __future__ import annotations

from collections.abc import Iterator

from lapt_dsl.compiler.analyses.conflict import minimal_conflict
from lapt_dsl.compiler.analyses.preferences import idle_preferences
from lapt_dsl.compiler.analyses.remaining_notes import describe_remaining
from lapt_dsl.compiler.automata.diagram import EMPTY, NodeLimitExceeded
from lapt_dsl.compiler.lowering.constraints import Bound, OnPath
from lapt_dsl.compiler.lowering.lowered import Lowered, LoweredRule
from lapt_dsl.compiler.refined.compiled import Compiled
from lapt_dsl.diagnostics.diagnostic import Diagnostic, Diagnostics, Note
from lapt_dsl.diagnostics.suggestions import listed

_EXPLAINED = 10
"""How many implied principles are told which others imply them; diagnostic out costs a conflict search each."""

_OF_ITS_OWN_FILE = frozenset({"W401", "W403", "W404"})
"""Diagnostics about one rule, which are not repeated for every file that inherits it."""


def analyse(compiled: Compiled) -> list[Diagnostic]:
    """Every semantic diagnostic about a compiled program, in the order of its text."""
    diagnostics = Diagnostics()
    try:
        if not compiled.refined:
            _unsatisfiable(compiled, diagnostics)
        idle = _idle_rules(compiled, diagnostics)
        if compiled.refined:
            _implied(compiled, diagnostics, idle)
            _dead_conditions(compiled, diagnostics)
            idle_preferences(compiled, diagnostics)
            _no_live_path(compiled, diagnostics)
            describe_remaining(compiled, diagnostics)
    except NodeLimitExceeded as error:
        message = f"the analysis was cut short: it needs more than {error.limit} automaton states"
        diagnostics.add("W408", message, compiled.program.tree.name.span, hint="raise the limit with --max-nodes")
    here = compiled.program.tree.name.span.file
    shown = [item for item in diagnostics.items if item.span.file == here or item.code not in _OF_ITS_OWN_FILE]
    return sorted(shown, key=lambda item: (item.span.file != here, item.span.file, item.span.start, item.code))


def _rules(compiled: Compiled) -> Iterator[tuple[Lowered, LoweredRule]]:
    for principle in compiled.lowered:
        for rule in principle.rules:
            yield principle, rule


def _note(principle: Lowered, rule: LoweredRule) -> Note:
    return Note(f"a rule of `{principle.name}`", rule.span)


def _names(rules: list[tuple[Lowered, LoweredRule]]) -> str:
    names = list(dict.fromkeys(f"`{principle.name}`" for principle, _ in rules))
    return names[0] if len(names) == 1 else f"{listed(names[:-1])} and {names[-1]}"


def _unsatisfiable(compiled: Compiled, diagnostics: Diagnostics) -> None:
    rules = list(_rules(compiled))
    core = minimal_conflict(
        compiled.sets, compiled.sets.base, [compiled.sets.root(rule.constraint) for _, rule in rules]
    )
    conflicting = [rules[number] for number in core or ()]
    if not conflicting:
        span = compiled.program.tree.name.span
        diagnostics.add(
            "E501", f"space `{compiled.space.name}` has no architecture at all", span, hint="look at the space file"
        )
        return
    principle, rule = conflicting[-1]
    if len(conflicting) == 1:
        message = f"no architecture of `{compiled.space.name}` satisfies this rule of `{principle.name}`"
        diagnostics.add("E502", message, rule.span, hint=_possible(compiled, rule))
        return
    message = f"no architecture satisfies these {len(conflicting)} rules of {_names(conflicting)} together"
    notes = tuple(_note(*other) for other in conflicting)
    diagnostics.add("E501", message, rule.span, hint="loosen or remove any one of them", notes=notes)


def _possible(compiled: Compiled, rule: LoweredRule) -> str:
    """What a single impossible rule could ask for."""
    bound = rule.constraint
    if not isinstance(bound, Bound) or bound.metric == "depth" or bound.metric == "live layers":
        return "compare the rule with the layers and candidates of the space"
    from lapt_dsl.compiler.networks.network import cost_terms

    whole, costs = compiled.sets.refined(compiled.sets.base), cost_terms(compiled.space, bound.metric)
    least, most = (costs.total(whole.best(bound.metric, largest=largest).encoding) for largest in (False, True))
    return f"{bound.metric} of `{compiled.space.name}` lie between {least:,} and {most:,}"


def _idle_rules(compiled: Compiled, diagnostics: Diagnostics) -> set[str]:
    """Rules that every architecture satisfies; returns the principles all of whose rules are such."""
    sets = compiled.sets
    idle: set[str] = set()
    for principle in compiled.lowered:
        effective = 0
        for rule in principle.rules:
            if sets.root(rule.constraint) != sets.base:
                effective += 1
            elif rule.condition is None or sets.root(rule.condition) != EMPTY:
                message = f"this rule removes nothing: every architecture of `{compiled.space.name}` satisfies it"
                diagnostics.add("W401", message, rule.span, hint="tighten the rule or remove it")
        if not effective:
            idle.add(principle.name)
    return idle


def _implied(compiled: Compiled, diagnostics: Diagnostics, idle: set[str]) -> None:
    """Principles that remove nothing which the others leave."""
    sets = compiled.sets
    whole = sets.product(compiled.roots)
    owners: dict[int, list[Lowered]] = {}
    for principle, root in zip(compiled.lowered, compiled.roots, strict=True):
        owners.setdefault(root, []).append(principle)
    explained = 0
    for number, (principle, rest) in enumerate(zip(compiled.lowered, compiled.leave_one_out, strict=True)):
        if principle.name in idle or rest != whole:
            continue
        twin = next((other for other in owners[compiled.roots[number]] if other is not principle), None)
        notes: tuple[Note, ...] = ()
        if twin is not None:
            notes = (Note(f"`{twin.name}` means exactly the same", twin.tree.name.span),)
        elif explained < _EXPLAINED:
            explained += 1
            notes = _implying(compiled, number)
        message = f"the principle `{principle.name}` removes nothing that the others leave"
        diagnostics.add("W402", message, principle.tree.name.span, hint="remove it, or tighten it", notes=notes)


def _implying(compiled: Compiled, number: int) -> tuple[Note, ...]:
    """A smallest set of other principles that implies one: what conflicts with its opposite."""
    sets = compiled.sets
    others = [other for other in range(len(compiled.roots)) if other != number]
    opposite = sets.difference(sets.base, compiled.roots[number])
    core = minimal_conflict(sets, opposite, [compiled.roots[other] for other in others], smallest=False) or []
    implying = [compiled.lowered[others[position]] for position in core]
    says = "implies it" if len(implying) == 1 else "is one of those that imply it together"
    return tuple(Note(f"`{principle.name}` {says}", principle.tree.name.span) for principle in implying)


def _dead_conditions(compiled: Compiled, diagnostics: Diagnostics) -> None:
    """`if` rules whose condition is true nowhere, or nowhere in what all other rules leave."""
    sets = compiled.sets
    whole = sets.product(compiled.roots)
    for number, principle in enumerate(compiled.lowered):
        for rule in principle.rules:
            if rule.condition is None:
                continue
            condition = sets.root(rule.condition)
            where = f"in no architecture of `{compiled.space.name}`"
            if condition != EMPTY:
                rest = compiled.leave_one_out[number] if sets.intersection(condition, whole) == EMPTY else None
                if rest is None:
                    continue
                others = [sets.root(other.constraint) for other in principle.rules if other is not rule]
                if sets.intersection(condition, sets.intersection(rest, sets.product(others))) != EMPTY:
                    continue
                where = "in no architecture that the other rules leave"
            message = f"the condition is true {where}, so the rule never acts"
            diagnostics.add("W404", message, rule.condition_span, hint="correct the condition or remove the rule")


def _no_live_path(compiled: Compiled, diagnostics: Diagnostics) -> None:
    """Cells whose output no input can reach any more."""
    sets = compiled.sets
    whole = sets.product(compiled.roots)
    for cell in compiled.space.cells:
        if not cell.operator_layers:
            continue
        live = sets.root(OnPath(cell.name, "some", None, cell.output.index, ()))
        if live == EMPTY or sets.intersection(live, whole) != EMPTY:
            continue
        rules = list(_rules(compiled))
        core = minimal_conflict(sets, live, [sets.root(rule.constraint) for _, rule in rules]) or []
        cutting = [rules[position] for position in core]
        span = cutting[-1][1].span if cutting else compiled.program.tree.name.span
        message = f"no path of cell `{cell.name}` can carry data from an input to the output any more"
        notes = tuple(_note(*other) for other in cutting) if len(cutting) > 1 else ()
        diagnostics.add("W405", message, span, hint="leave some path an operator that is not absent", notes=notes)
