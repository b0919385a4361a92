"""What lowering hands on: per statement and per principle the constraint and the weight it means."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from lapt_dsl.compiler.lowering.constraints import And, Constraint, Weight
from lapt_dsl.diagnostics.span import Span
from lapt_dsl.language.tree.principles import IfRule, Prefer, Principle, Rule


@dataclass(frozen=True, slots=True)
class LoweredRule:
    """One rule of a principle over every cell it applies to.

    `condition` is where the `if` of an `if ... then ...` is true in some cell, and None for other rules.
    """

    tree: Rule
    constraint: Constraint
    condition: Constraint | None = None

    @property
    def span(self) -> Span:
        """Where the rule stands."""
        return self.tree.span

    @property
    def condition_span(self) -> Span:
        """Where the condition of an `if` stands, else where the rule does."""
        return self.tree.condition.span if isinstance(self.tree, IfRule) else self.tree.span


@dataclass(frozen=True, slots=True)
class LoweredPreference:
    """One `prefer` over every cell it applies to. Its weight's logs are all `strength`, its negative or 0."""

    tree: Prefer
    weight: Weight
    strength: float


@dataclass(frozen=True)
class Lowered:
    """A principle with its meaning: the rules in order, `in CELL { }` opened up, and its preferences."""

    tree: Principle
    rules: tuple[LoweredRule, ...]
    preferences: tuple[LoweredPreference, ...]

    @property
    def name(self) -> str:
        """The principle's name."""
        return self.tree.name.text

    @cached_property
    def constraint(self) -> Constraint:
        """What the rules mean together."""
        parts = tuple(dict.fromkeys(rule.constraint for rule in self.rules))
        return parts[0] if len(parts) == 1 else And(parts)

    @cached_property
    def weight(self) -> Weight:
        """What the preferences mean together."""
        return combined(preference.weight for preference in self.preferences)


def combined(weights: Iterable[Weight]) -> Weight:
    """The product of weights: their logs added level by level."""
    logs: dict[int, tuple[float, ...]] = {}
    for weight in weights:
        for level, values in weight.logs:
            known = logs.get(level)
            logs[level] = values if known is None else tuple(a + b for a, b in zip(known, values, strict=True))
    return Weight(tuple(sorted(logs.items())))
