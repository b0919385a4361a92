"""Compiling a program over a space: every rule's set, their intersection, and what each principle removes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from lapt_dsl.compiler.automata.diagram import DEFAULT_MAX_NODES, NodeLimitExceeded
from lapt_dsl.compiler.lowering.constraints import Weight
from lapt_dsl.compiler.lowering.lower import Lowering
from lapt_dsl.compiler.lowering.lowered import Lowered, LoweredRule, combined
from lapt_dsl.compiler.program.inheritance import Program
from lapt_dsl.compiler.refined.refined_space import RefinedSpace, space_too_large
from lapt_dsl.compiler.refined.rule_sets import RuleSets
from lapt_dsl.compiler.space.model import Space
from lapt_dsl.diagnostics.diagnostic import Diagnostic, Diagnostics, LaptError, Note
from lapt_dsl.language.forms.vocabulary import MAX_ERRORS


@dataclass(frozen=True, slots=True)
class Effect:
    """How many architectures a principle removes: from the whole space, and from the intersection of all others.

    `given_others` is None if the intersection of the others exceeds the node limit.
    """

    name: str
    alone: int
    given_others: int | None


@dataclass(frozen=True)
class Compiled:
    """A program compiled over a space."""

    program: Program
    space: Space
    lowered: tuple[Lowered, ...]
    refined: RefinedSpace
    sets: RuleSets

    @cached_property
    def roots(self) -> tuple[int, ...]:
        """The principles' sets in `sets`, in the order of `lowered`. LaptError where one exceeds the node limit."""
        found = []
        for principle in self.lowered:
            root = self.sets.base
            for rule in principle.rules:
                try:
                    root = self.sets.intersection(root, self.sets.root(rule.constraint))
                except NodeLimitExceeded as error:
                    raise LaptError([_too_large(principle, rule, self.sets.max_nodes)]) from error
            found.append(root)
        return tuple(found)

    @cached_property
    def leave_one_out(self) -> list[int | None]:
        """For each principle the intersection of all others; None if it exceeds the node limit."""
        return self.sets.leave_one_out(self.roots)

    @cached_property
    def effects(self) -> tuple[Effect, ...]:
        """What each principle removes, alone and given the rest."""
        sets, size = self.sets, self.refined.size
        whole = sets.size(sets.base)
        return tuple(
            Effect(lowered.name, whole - sets.size(root), None if rest is None else sets.size(rest) - size)
            for lowered, root, rest in zip(self.lowered, self.roots, self.leave_one_out, strict=True)
        )


def lower_program(program: Program, space: Space) -> tuple[tuple[Lowered, ...], list[Diagnostic]]:
    """Lower every principle that has no error; the diagnostics are those of the others."""
    diagnostics = Diagnostics()
    if program.space is not None and program.space.text != space.name:
        message = f"the file is for {program.space.text}, not for {space.name}"
        hint = f"compile it over {program.space.text}, or write `for {space.name}`"
        diagnostics.add("E221", message, program.space.span, hint=hint)
        return (), diagnostics.items
    lowering = Lowering(space, diagnostics)
    lowered: list[Lowered] = []
    for principle in program.principles:
        each = lowering.principle(principle.tree, principle.general)
        if each is not None:
            lowered.append(each)
        if len(diagnostics.items) > MAX_ERRORS:
            note = f"more than {MAX_ERRORS} errors; the rest is not shown"
            diagnostics.items[MAX_ERRORS:] = []
            diagnostics.add("E014", note, principle.tree.name.span, hint="fix these first")
            break
    return tuple(lowered), diagnostics.items


def compile_program(program: Program, space: Space, max_nodes: int = DEFAULT_MAX_NODES) -> Compiled:
    """Compile a program exactly.

    Args:
        program: What `files` assembled.
        space: The space to refine; its name must be the program's, unless that is `for any`.
        max_nodes: How many automaton states one step may explore.

    Raises:
        LaptError: Names that do not resolve, each with its place; or E503 at the rule that exceeds `max_nodes`.
    """
    lowered, diagnostics = lower_program(program, space)
    errors = [item for item in diagnostics if item.severity == "error"]
    if errors:
        raise LaptError(errors)
    return compile_lowered(program, space, lowered, max_nodes)


def compile_lowered(
    program: Program, space: Space, lowered: tuple[Lowered, ...], max_nodes: int = DEFAULT_MAX_NODES
) -> Compiled:
    """Compile principles that are lowered already. LaptError as for `compile_program`."""
    try:
        sets = RuleSets(space, max_nodes)
    except NodeLimitExceeded as error:
        raise space_too_large(space, max_nodes, program.tree.name.span) from error
    parts: list[tuple[Lowered, LoweredRule, int]] = []
    for principle in lowered:
        for rule in principle.rules:
            try:
                parts.append((principle, rule, sets.satisfying(rule.constraint)))
            except NodeLimitExceeded as error:
                raise LaptError([_too_large(principle, rule, max_nodes)]) from error
            except LaptError as error:
                raise LaptError([_at_rule(item, principle, rule) for item in error.diagnostics]) from error
    refined = sets.refined(_product(sets, parts)).weighted(*_weights(lowered))
    return Compiled(program, space, lowered, refined, sets)


def _product(sets: RuleSets, parts: list[tuple[Lowered, LoweredRule, int]]) -> int:
    """The intersection of all rules. Small diagrams come first, so that a budget meets a set that is already small."""
    sizes = {root: sets.nodes(root) for _, _, root in parts}
    whole = sets.base
    for principle, rule, root in sorted(parts, key=lambda part: sizes[part[2]]):
        try:
            whole = sets.intersection(whole, root)
        except NodeLimitExceeded as error:
            raise LaptError([_too_large(principle, rule, sets.max_nodes)]) from error
    return whole


def _weights(lowered: tuple[Lowered, ...]) -> list[Weight]:
    weight = combined(preference.weight for principle in lowered for preference in principle.preferences)
    return [weight] if weight.logs else []


def _at_rule(diagnostic: Diagnostic, principle: Lowered, rule: LoweredRule) -> Diagnostic:
    """A diagnostic about the space, moved to the rule that caused it."""
    notes = (*diagnostic.notes, Note(f"asked by the principle `{principle.name}`", principle.tree.name.span))
    return replace(diagnostic, span=rule.span, notes=notes)


def _too_large(principle: Lowered, rule: LoweredRule, max_nodes: int) -> Diagnostic:
    message = f"this rule, together with simpler ones, needs more than {max_nodes} automaton states"
    hint = "raise the limit with --max-nodes, or make the rule simpler: a rounder budget, fewer alternatives"
    note = Note(f"it belongs to the principle `{principle.name}`", principle.tree.name.span)
    return Diagnostic.of("E503", message, rule.span, hint=hint, notes=(note,))
