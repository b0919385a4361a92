"""The operators and the shared candidate lists of a space."""

from __future__ import annotations

from lapt_dsl.compiler.building.context import MAX_OPERATORS, BuildContext
from lapt_dsl.compiler.space.model import Implementation, Operator
from lapt_dsl.diagnostics.span import Span
from lapt_dsl.diagnostics.suggestions import shortened
from lapt_dsl.language.tree import CandidatesItem, Name, OperatorItem

_STAND_IN = Implementation("zero")
"""Replaces an invalid implementation, so that the layers that choose the operator are still checked."""


def declare_operators(context: BuildContext, items: list[OperatorItem]) -> None:
    """Add the operators to the context and report invalid names, traits and implementations."""
    taken: dict[str, Span] = {}
    traits: dict[str, Name] = {}
    if len(items) > MAX_OPERATORS:
        message = f"the space declares {len(items)} operators; at most {MAX_OPERATORS} are allowed"
        context.error("E116", message, items[MAX_OPERATORS].span, "declare fewer operators")
    for item in items[:MAX_OPERATORS]:
        if not context.declare(taken, item.name, "operator"):
            continue
        context.unique(item.traits, "traits")
        for trait in item.traits:
            traits.setdefault(trait.text, trait)
        name = item.name.text
        marked = frozenset(trait.text for trait in item.traits)
        implementation = context.implementation(item.implementation, "operator")
        if implementation is None:
            context.operators[name] = Operator(name, _STAND_IN, marked)
            continue
        context.operators[name] = Operator(name, implementation, marked)
        context.operator_calls[name] = item.implementation
        if (implementation.name == "zero") != ("absent" in marked):
            problem = (
                "is `zero()` but not `absent`" if implementation.name == "zero" else "is `absent` but not `zero()`"
            )
            hint = "give the trait `absent` to the operators that are `zero()`, and to no others"
            context.error("W155", f"the operator `{shortened(name)}` {problem}", item.span, hint)
    for name, trait in traits.items():
        if name in taken:
            hint = "rename one: in a rule the name would be ambiguous"
            context.error("E120", f"`{shortened(name)}` is both an operator and a trait", trait.span, hint)


def declare_lists(context: BuildContext, items: list[CandidatesItem]) -> None:
    """Enter the `candidates` lists into the context; a list may hold operators and lists declared before it."""
    taken: dict[str, Span] = {}
    for item in items:
        if not context.declare(taken, item.name, "candidate list"):
            continue
        if item.name.text in context.operators:
            hint = "rename one: in a candidate list the name would be ambiguous"
            message = f"`{shortened(item.name.text)}` is both an operator and a candidate list"
            context.error("E120", message, item.name.span, hint)
        else:
            context.lists[item.name.text] = expand(context, item.operators)


def expand(context: BuildContext, names: tuple[Name, ...]) -> tuple[str, ...]:
    """The operators of a list, candidate lists expanded, each once, in order of appearance."""
    context.unique(names, "candidates")
    found: dict[str, None] = {}
    for name in names:
        if name.text in context.operators:
            found[name.text] = None
        elif name.text in context.lists:
            found.update(dict.fromkeys(context.lists[name.text]))
        else:
            known = [*context.operators, *context.lists]
            context.unknown("E102", "an operator or a candidate list", name, known, "operators and lists")
            continue
        context.used.add(name.text)
    return tuple(found)
