"""What the analysis claims about a file is true of the enumerated space, and it claims all it should."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from hypothesis import given

from lapt_dsl.compiler.analyses.analysis import analyse
from lapt_dsl.compiler.program.inheritance import program_of_tree
from lapt_dsl.compiler.refined.compiled import Compiled, compile_program
from lapt_dsl.compiler.space.model import Cell, Space
from lapt_dsl.diagnostics.diagnostic import Diagnostic
from lapt_dsl.language import tree as t
from lapt_dsl.language.parsing.parser import parse_or_raise
from lapt_dsl.language.printing.printer import print_tree
from tests.effort import examples
from tests.properties.cases import Case, tiny_cases
from tests.reference.evaluator import (
    Encoding,
    applies,
    holds,
    principles,
    rule_holds,
    statement_holds,
    statement_weight,
)
from tests.reference.graph import chosen_labels, paths


class Placed(NamedTuple):
    """A statement of a principle with the cells it speaks of; `in` blocks are opened."""

    principle: str
    statement: t.Rule | t.Prefer
    cells: tuple[Cell, ...]


class Judged(NamedTuple):
    """A case read back from its text, so that findings have places, with the analysis and the statements by place."""

    case: Case
    compiled: Compiled
    findings: list[Diagnostic]
    placed: list[Placed]

    def rules(self) -> list[Placed]:
        """The hard rules."""
        return [each for each in self.placed if not isinstance(each.statement, t.Prefer)]

    def starts(self, *codes: str) -> set[int]:
        """Where findings with these codes begin."""
        return {found.span.start for found in self.findings if found.code in codes}

    def satisfying(self, rules: list[Placed]) -> list[Encoding]:
        """The members that satisfy these rules."""
        space = self.case.space
        return [
            word
            for word in self.case.members
            if all(statement_holds(rule.statement, space, rule.cells, word) for rule in rules)
        ]


def opened(statements: tuple[t.Statement, ...], space: Space, cells: tuple[Cell, ...], name: str) -> Iterator[Placed]:
    for statement in statements:
        if isinstance(statement, t.InCells):
            named = {cell.text for cell in statement.cells}
            inner = tuple(cell for cell in space.cells if cell.name in named)
            yield from opened(statement.statements, space, inner, name)
        else:
            yield Placed(name, statement, cells)


def judge(case: Case) -> Judged:
    file = parse_or_raise(print_tree(case.file), "drawn.lp")
    assert isinstance(file, t.PrincipleFile)
    compiled = compile_program(program_of_tree(file), case.space)
    placed = [
        each
        for principle in principles(file)
        for each in opened(principle.statements, case.space, case.space.cells, principle.name.text)
    ]
    return Judged(case._replace(file=file), compiled, analyse(compiled), placed)


@examples(24)
@given(tiny_cases(most=4))
def test_what_each_principle_removes(case: Case) -> None:
    judged = judge(case)
    everyone = principles(judged.case.file)
    assert [effect.name for effect in judged.compiled.effects] == [principle.name.text for principle in everyone]
    for principle, effect in zip(everyone, judged.compiled.effects, strict=True):
        alone = sum(not holds(principle, case.space, word) for word in case.members)
        rest = [other for other in everyone if other is not principle]
        left = sum(all(holds(other, case.space, word) for other in rest) for word in case.members)
        assert (effect.alone, effect.given_others) == (alone, left - len(case.expected))


@examples(24)
@given(tiny_cases(most=4))
def test_a_conflict_is_unsatisfiable_and_minimal(case: Case) -> None:
    judged = judge(case)
    found = [item for item in judged.findings if item.code in ("E501", "E502")]
    assert bool(found) == (not case.expected)
    for item in found:
        starts = {note.span.start for note in item.notes if note.span is not None} or {item.span.start}
        core = [rule for rule in judged.rules() if rule.statement.span.start in starts]
        assert len(core) == len(starts)
        assert not judged.satisfying(core)
        for rule in core:
            assert judged.satisfying([other for other in core if other is not rule])


@examples(24)
@given(tiny_cases(most=4))
def test_rules_without_effect(case: Case) -> None:
    judged = judge(case)
    idle = {rule.statement.span.start for rule in judged.rules() if len(judged.satisfying([rule])) == len(case.members)}
    assert judged.starts("W401") <= idle
    # An `if` that is never true is reported as such instead.
    conditions = {rule.statement.span.start for rule in judged.rules() if isinstance(rule.statement, t.IfRule)}
    assert idle - conditions <= judged.starts("W401")


@examples(24)
@given(tiny_cases(most=4))
def test_implied_principles(case: Case) -> None:
    judged = judge(case)
    everyone = principles(judged.case.file)
    sets = {
        principle.name.text: {word for word in case.members if holds(principle, case.space, word)}
        for principle in everyone
    }
    implied = set()
    for name, own in sets.items():
        rest = set(case.members).intersection(*(other for key, other in sets.items() if key != name))
        if rest <= own and len(own) < len(case.members):
            implied.add(name)
    by_start = {principle.name.span.start: principle.name.text for principle in everyone}
    found = {by_start[item.span.start]: item for item in judged.findings if item.code == "W402"}
    assert set(found) == (implied if case.expected else set())
    for name, item in found.items():
        implying = [sets[by_start[note.span.start]] for note in item.notes if note.span is not None]
        assert implying
        assert set(case.members).intersection(*implying) <= sets[name]


@examples(24)
@given(tiny_cases(most=4))
def test_preferences_that_cannot_act(case: Case) -> None:
    judged = judge(case)
    idle = set()
    for each in judged.placed:
        if isinstance(each.statement, t.Prefer):
            weights = [statement_weight(each.statement, case.space, each.cells, word) for word in case.expected]
            if max(weights, default=0.0) - min(weights, default=0.0) < 1e-9:
                idle.add(each.statement.span.start)
    assert judged.starts("W403") == (idle if case.expected else set())


@examples(24)
@given(tiny_cases(most=4))
def test_conditions_that_are_never_true(case: Case) -> None:
    judged = judge(case)
    if not case.expected:
        return
    never = set()
    for rule in judged.rules():
        statement = rule.statement
        if isinstance(statement, t.IfRule):
            left = judged.satisfying([other for other in judged.rules() if other is not rule])
            cells = [cell for cell in rule.cells if applies(statement, cell)]
            if not any(rule_holds(statement.condition, case.space, cell, word) for word in left for cell in cells):
                never.add(statement.condition.span.start)
    assert judged.starts("W404") == never


@examples(24)
@given(tiny_cases(most=4))
def test_cells_without_a_live_path_and_operators_without_a_place(case: Case) -> None:
    judged = judge(case)
    if not case.expected:
        return

    def live(cell: Cell, word: Encoding) -> bool:
        starts = frozenset(node.index for node in cell.inputs)
        return any(True for _ in paths(cell, chosen_labels(case.space, cell, word), starts, cell.output.index))

    cut = [
        cell.name
        for cell in case.space.cells
        if any(live(cell, word) for word in case.members) and not any(live(cell, word) for word in case.expected)
    ]
    said = [item.message for item in judged.findings if item.code == "W405"]
    assert len(said) == len(cut)
    assert all(any(f"`{name}`" in message for message in said) for name in cut)

    def used(words: list[Encoding]) -> set[str]:
        labels = (layer.choices[word[layer.decision]] for word in words for layer in case.space.layers)
        return {label.operator.name for label in labels if label.operator is not None}

    assert any(item.code == "W407" for item in judged.findings) == (used(case.members) != used(case.expected))
