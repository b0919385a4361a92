"""From the tree of a principle to constraints and weights over the levels of one space.

A rule outside `in` is instantiated for each cell by itself, so that `if` and `one of` are decided per cell; a cell that
lacks the layers or places a rule speaks of is left out, and a rule that is left with no cell is an error.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import assert_never

from lapt_dsl.compiler.lowering import constraints as ir
from lapt_dsl.compiler.lowering.absence import UnresolvedReference
from lapt_dsl.compiler.lowering.lowered import Lowered, LoweredPreference, LoweredRule
from lapt_dsl.compiler.lowering.operators import OperatorSets
from lapt_dsl.compiler.lowering.paths import PathRules
from lapt_dsl.compiler.lowering.predicates import Predicates
from lapt_dsl.compiler.lowering.quantities import exact, whole_limit
from lapt_dsl.compiler.lowering.resolve import MAX_WEIGHT, Resolver
from lapt_dsl.compiler.lowering.selectors import SelectedLayer, Selectors
from lapt_dsl.compiler.space.model import Cell, Space
from lapt_dsl.diagnostics.diagnostic import Diagnostics, Note
from lapt_dsl.diagnostics.suggestions import Suggestions
from lapt_dsl.language.forms.vocabulary import MAX_ERRORS
from lapt_dsl.language.tree.principles import (
    IfRule,
    InCells,
    LayerRule,
    NetworkRule,
    OneOf,
    PathRule,
    Prefer,
    Principle,
    Rule,
    Statement,
)

MAX_PARTS = 50_000
"""How many parts one rule may expand to; `in` blocks nested in `if`s of several cells multiply."""


class Lowering:
    """Lowers principles over one space and records every diagnostic; caches live as long as it does."""

    def __init__(self, space: Space, diagnostics: Diagnostics) -> None:
        self._space = space
        self._diagnostics = diagnostics
        suggestions = Suggestions()
        self._resolver = Resolver(space, diagnostics, suggestions)
        self._operators = OperatorSets(space)
        self._selectors = Selectors(suggestions)
        self._predicates = Predicates(self._operators, suggestions)
        self._paths = PathRules(self._selectors, self._predicates, suggestions)
        self._reported: set[UnresolvedReference] = set()
        self._opened: dict[int, tuple[InCells, ir.Constraint, int]] = {}
        self._parts = 0

    def principle(self, principle: Principle, general: bool) -> Lowered | None:
        """Lower one principle (`general`: from a `for any` file), or None when anything is wrong with it."""
        before = len(self._diagnostics.items)
        self._reported.clear()
        self._opened.clear()
        rules: list[LoweredRule] = []
        preferences: list[LoweredPreference] = []
        self._resolver.principle(principle, general)
        # A rule that is too deep, or names what a general file may not, would only be reported a second time.
        recorded = self._diagnostics.items[before:]
        if len(recorded) < MAX_ERRORS and not any(item.code in ("E209", "E219") for item in recorded):
            self._statements(principle.statements, self._space.cells, rules, preferences)
        for absence in self._paths.impossible():
            self._report(absence)
        if any(item.severity == "error" for item in self._diagnostics.items[before:]):
            return None
        return Lowered(principle, tuple(rules), tuple(preferences))

    def _statements(
        self,
        statements: Sequence[Statement],
        cells: Sequence[Cell],
        rules: list[LoweredRule],
        preferences: list[LoweredPreference],
    ) -> None:
        for statement in statements:
            if isinstance(statement, InCells):
                self._statements(statement.statements, self._cells_of(statement), rules, preferences)
            elif isinstance(statement, Prefer):
                preferences.append(self._preference(statement, cells))
            else:
                rules.append(self._top_rule(statement, cells))

    def _top_rule(self, rule: Rule, cells: Sequence[Cell]) -> LoweredRule:
        self._parts = 0
        constraint: ir.Constraint = ir.And(())
        condition: ir.Constraint | None = None
        if isinstance(rule, IfRule):
            # Condition and consequence are lowered apart, so that analysis can ask whether the condition is ever true.
            pairs = self._where_it_applies(rule, (rule.condition, rule.consequence), cells)
            condition = _disjunction([pair[0] for pair in pairs])
            constraint = _conjunction([ir.Or((ir.Not(pair[0]), pair[1])) for pair in pairs])
        else:
            constraint = self._everywhere(rule, cells)
        if self._parts > MAX_PARTS:
            message = f"the rule expands to more than {MAX_PARTS} parts over the cells of `{self._space.name}`"
            self._diagnostics.add("E218", message, rule.span, hint="nest `in` less deeply, or split the rule")
        return LoweredRule(rule, constraint, condition)

    def _everywhere(self, rule: Rule, cells: Sequence[Cell]) -> ir.Constraint:
        """The conjunction of a rule over the cells that have what it speaks of."""
        return _conjunction([parts[0] for parts in self._where_it_applies(rule, (rule,), cells)])

    def _where_it_applies(
        self, statement: Rule, rules: tuple[Rule, ...], cells: Sequence[Cell]
    ) -> list[tuple[ir.Constraint, ...]]:
        """The rules of a statement in every cell that has what all of them speak of, each result once."""
        found: list[tuple[ir.Constraint, ...]] = []
        missing: list[list[UnresolvedReference]] = []
        for cell in cells:
            absences: list[UnresolvedReference] = []
            found.append(tuple(self._in_cell(rule, cell, absences) for rule in rules))
            missing.append(absences)
        self._judge(statement, missing)
        return list(dict.fromkeys(parts for parts, absences in zip(found, missing, strict=True) if not absences))

    def _in_cell(self, rule: Rule | Prefer, cell: Cell, missing: list[UnresolvedReference]) -> ir.Constraint:
        """One rule in one cell; what the cell lacks is appended to `missing`, and then the result means nothing."""
        self._parts += 1
        if self._parts > MAX_PARTS:
            return ir.And(())
        match rule:
            case Prefer():
                return ir.And(())
            case LayerRule():
                return self._layer_rule(rule, cell, missing)
            case PathRule():
                path = self._paths.lower(rule, cell)
                return path if not isinstance(path, UnresolvedReference) else _lacking(path, missing)
            case NetworkRule():
                return _bound(rule)
            case InCells():
                return self._open(rule)
            case OneOf():
                return _disjunction([self._in_cell(part, cell, missing) for part in rule.rules])
            case IfRule():
                condition = self._in_cell(rule.condition, cell, missing)
                return ir.Or((ir.Not(condition), self._in_cell(rule.consequence, cell, missing)))
            case _:
                assert_never(rule)

    def _layer_rule(self, rule: LayerRule, cell: Cell, missing: list[UnresolvedReference]) -> ir.Constraint:
        groups = self._selectors.select(rule.selector, cell)
        if isinstance(groups, UnresolvedReference):
            return _lacking(groups, missing)
        lowered = [self._predicates.lower(rule.predicate, group, cell) for group in groups]
        parts = [part for part in lowered if not isinstance(part, UnresolvedReference)]
        # The stage that has no previous stage is left out; a rule is missing only where all its groups are.
        if not parts:
            missing.extend(part for part in lowered[:1] if isinstance(part, UnresolvedReference))
        return _conjunction(parts)

    def _open(self, statement: InCells) -> ir.Constraint:
        """An `in` block inside another rule. It means the same in whatever cell it stands, so it is lowered once."""
        known = self._opened.get(id(statement))
        if known is not None:
            self._parts += known[2]
            return known[1]
        before = self._parts
        cells = self._cells_of(statement)
        parts = [self._everywhere(rule, cells) for rule in statement.statements if not isinstance(rule, Prefer)]
        constraint = _conjunction(parts)
        self._opened[id(statement)] = (statement, constraint, self._parts - before)
        return constraint

    def _cells_of(self, statement: InCells) -> list[Cell]:
        named = {name.text for name in statement.cells}
        return [cell for cell in self._space.cells if cell.name in named]

    def _preference(self, statement: Prefer, cells: Sequence[Cell]) -> LoweredPreference:
        value = exact(statement.weight) if statement.weight is not None else Fraction(1)
        strength = float(value) if value is not None and abs(value) <= MAX_WEIGHT else 0.0
        logs: dict[int, tuple[float, ...]] = {}
        missing: list[list[UnresolvedReference]] = []
        for cell in cells:
            groups = self._selectors.select(statement.selector, cell)
            missing.append([groups] if isinstance(groups, UnresolvedReference) else [])
            for group in () if isinstance(groups, UnresolvedReference) else groups:
                logs.update((selected.layer.decision, self._logs(statement, selected, strength)) for selected in group)
        self._judge(statement, missing)
        return LoweredPreference(statement, ir.Weight(tuple(sorted(logs.items()))), strength)

    def _logs(self, statement: Prefer, selected: SelectedLayer, strength: float) -> tuple[float, ...]:
        liked = self._operators.choices(selected.layer, statement.operators)
        over = statement.over
        disliked = self._operators.choices(selected.layer, over) if over is not None else frozenset()
        return tuple(
            0.0 if symbol is None else strength * ((number in liked) - (number in disliked))
            for number, symbol in enumerate(selected.symbols)
        )

    def _judge(self, statement: Statement, missing: list[list[UnresolvedReference]]) -> None:
        """Report why a statement applies to no cell, given what each cell lacks."""
        if not missing or not all(missing):
            return
        spans = [{absence.span for absence in absences} for absences in missing]
        everywhere = [absence for absence in missing[0] if all(absence.span in cell for cell in spans)]
        for absence in everywhere:
            self._report(absence)
        if not everywhere:
            notes = tuple(Note(absences[0].message, absences[0].span) for absences in missing)
            message = "no single cell has all the layers and places this rule speaks of"
            self._diagnostics.add(
                "E216", message, statement.span, hint="put its parts into `in CELL { ... }`", notes=notes
            )

    def _report(self, absence: UnresolvedReference) -> None:
        if absence not in self._reported and len(self._diagnostics.items) <= MAX_ERRORS:
            self._reported.add(absence)
            self._diagnostics.add(absence.code, absence.message, absence.span, hint=absence.hint, fix=absence.fix)


def _lacking(absence: UnresolvedReference, missing: list[UnresolvedReference]) -> ir.Constraint:
    missing.append(absence)
    return ir.And(())


def _bound(rule: NetworkRule) -> ir.Bound:
    limit = whole_limit(rule.limit, rule.comparison) or 0
    return ir.Bound(rule.metric, None, limit) if rule.comparison == "<=" else ir.Bound(rule.metric, limit, None)


def _conjunction(parts: Sequence[ir.Constraint]) -> ir.Constraint:
    each = tuple(dict.fromkeys(parts))
    return each[0] if len(each) == 1 else ir.And(each)


def _disjunction(parts: Sequence[ir.Constraint]) -> ir.Constraint:
    each = tuple(dict.fromkeys(parts))
    return each[0] if len(each) == 1 else ir.Or(each)
