"""Compiling whole programs: what each principle removes, limits, and the smallest conflicting subset."""

from __future__ import annotations

import random
from itertools import combinations

import pytest

import lapt_dsl as lapt
from lapt_dsl.compiler.analyses.analysis import analyse
from lapt_dsl.compiler.analyses.conflict import minimal_conflict
from lapt_dsl.compiler.analyses.lint import lint_text
from lapt_dsl.compiler.program.inheritance import program_of_tree
from lapt_dsl.compiler.refined.compiled import Effect, compile_program
from lapt_dsl.compiler.refined.rule_sets import RuleSets
from lapt_dsl.language.tree import (
    Agree,
    IfRule,
    InCells,
    LayerRule,
    Name,
    OperatorAtom,
    Operators,
    Prefer,
    Principle,
    PrincipleFile,
    Selector,
)
from tests.bounds import little_work
from tests.compiler.texts import STAGED, codes, compiled, principles, space


def test_what_each_principle_removes() -> None:
    nas201 = lapt.load_space("nas201")
    result = compiled(
        nas201,
        "layer 0: only skip;",
        "layer 0: only shortcut;",
        "layers 0, 1: at most 1 skip;",
        "layers: at most 6 pooling;",
        "layers: prefer skip;",
    )
    # 5^6 = 15,625; the first two are equal, so neither removes anything that the other leaves.
    assert result.effects == (
        Effect("p0", 12_500, 0),
        Effect("p1", 12_500, 0),
        Effect("p2", 625, 625),
        Effect("p3", 0, 0),
        Effect("p4", 0, 0),
    )
    assert result.refined.size == 3_125 - 625
    assert list(result.refined.weights) == [0, 1, 2, 3, 4, 5]


def test_leave_one_out_agrees_with_products() -> None:
    sets = RuleSets(space(STAGED))
    lowered = compiled(
        space(STAGED),
        *(f"layers: at most {k} conv;" for k in (1, 2, 3, 2)),
        "layer 0: only conv; layers: at least 1 skip;",
        "some path: at least 1 conv;",
    ).lowered
    roots = [sets.root(each.constraint) for each in lowered]
    assert sets.leave_one_out(roots) == [sets.product(roots[:i] + roots[i + 1 :]) for i in range(len(roots))]


def test_a_file_without_principles_is_the_whole_space() -> None:
    result = compiled(lapt.load_space("nas201"))
    assert result.refined.size == 15_625
    assert result.effects == ()
    assert analyse(result) == []


def test_the_space_must_be_the_one_the_file_is_for() -> None:
    with pytest.raises(lapt.LaptError, match="E221"):
        lapt.compile(principles("nas201", "layer 0: only skip;"), "trans101")


def test_a_rule_beyond_the_node_limit_is_named() -> None:
    darts = lapt.load_space("darts")
    tree = principles("darts", "layers: at most 3 pooling;", "network: params <= 3123457;")
    with pytest.raises(lapt.LaptError) as caught:
        compile_program(program_of_tree(tree), darts, max_nodes=200)
    (found,) = caught.value.diagnostics
    assert found.code == "E503"
    assert found.span.line == 3
    assert "p1" in found.notes[0].message


def test_a_bound_that_only_user_code_knows_is_shown_at_the_rule() -> None:
    text = STAGED.replace("relu_conv_bn(kernel=3)", 'torch_module("mine:Block")')
    with pytest.raises(lapt.LaptError) as caught:
        compiled(space(text), "layer 0: only conv;", "network: params <= 1M;")
    (found,) = caught.value.diagnostics
    assert (found.code, found.span.line) == ("E541", 3)


def test_conflicts_are_minimal_on_random_sets() -> None:
    whole = space(STAGED)
    sets = RuleSets(whole)
    rng = random.Random(7)
    words = [f"layer {k}: {q} {op};" for k in range(4) for q in ("only", "never") for op in ("none", "skip", "conv")]
    words += [f"layers: {b} {n} {op};" for b in ("at least", "at most") for n in (1, 2) for op in ("skip", "conv")]
    pool = [sets.root(each.constraint) for each in compiled(whole, *words).lowered]
    for _ in range(200):
        chosen = rng.sample(pool, rng.choice((2, 4, 8, 20)))
        core = minimal_conflict(sets, sets.base, chosen)
        assert (core is None) == (sets.product(chosen) != 0)
        for left_out in core or ():
            assert sets.product([chosen[number] for number in core or () if number != left_out])
        if core is not None:
            assert sets.product([chosen[number] for number in core]) == 0
            pairs = combinations(range(len(chosen)), 2)
            assert len(core) <= 2 or all(sets.product([chosen[i], chosen[j]]) for i, j in pairs)


def test_a_conflict_among_many_rules_is_found_by_halving() -> None:
    whole = space(STAGED)
    filler = [f"layers: at most {k} conv;" for k in (1, 2, 3)] * 40
    needed = [
        "layers 0..2: at least 1 skip;",
        "layers 0..1: only conv, none;",
        "if layer 2: only skip; then layer 3: only conv;",
    ]
    clash = [*filler[:50], *needed, *filler[50:], "layers: at least 1 conv; layer 3: never conv;"]
    (found,) = [item for item in analyse(compiled(whole, *clash)) if item.code.startswith("E")]
    assert found.code == "E501"
    assert len(found.notes) == 4


def test_a_preference_in_a_rule_is_refused() -> None:
    prefer = Prefer(selector=Selector(kind="all"), operators=Operators(include=(OperatorAtom(kind="any"),)))
    always = LayerRule(selector=Selector(kind="all"), predicate=Agree())
    rule = IfRule(condition=always, consequence=InCells(cells=(Name(text="main"),), statements=(prefer,)))
    principle = Principle(name=Name(text="a"), description=None, evidence=None, statements=(rule,))
    tree = PrincipleFile(name=Name(text="p"), space=Name(text="nas201"), items=(principle,))
    with pytest.raises(lapt.LaptError, match="E210"):
        lapt.compile(tree)


@pytest.mark.parametrize("count", [500, 2000])
def test_many_principles_lint_in_linear_time(count: int) -> None:
    shapes = ["layer {}: never none;", "layers: at most {} pooling;", "some path: at least {} convolution;"]
    text = "principles many for nas201;\n"
    for number in range(count):
        shape = shapes[number % 3].format(number % 4)
        text += f"principle p{number} {{ {shape} late layers: prefer conv3x3 by {number % 9}.{number % 7}; }}\n"
    with little_work():
        found = lint_text(text)
    assert {item.code for item in found} <= {"W401", "W402", "W403", "W406", "W407"}


def test_names_reported_together_with_their_codes() -> None:
    assert codes(space(STAGED), "layers: only cov, skp, none;", name="staged") == ["E201", "E201"]
