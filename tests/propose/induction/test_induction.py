"""Induction: what it writes compiles, means what it says, and follows from its arguments alone."""

from __future__ import annotations

import math
import random
from itertools import product

import numpy as np
import pytest

import lapt_dsl as lapt
from lapt_dsl.compiler.building.library import load_space
from lapt_dsl.compiler.refined.refined_space import full
from lapt_dsl.compiler.space.model import Architecture, Space
from lapt_dsl.language.tree import PrincipleFile
from lapt_dsl.propose.archive import Archive, Scored
from lapt_dsl.propose.induction import Induction, kernel
from lapt_dsl.propose.induction.candidates import candidates_of
from lapt_dsl.propose.induction.clauses import clauses_of
from lapt_dsl.propose.induction.columns import columns_of, rows_of
from lapt_dsl.propose.induction.features import feature_names, features_of, signature
from lapt_dsl.propose.induction.frequency import sign_test
from lapt_dsl.propose.induction.mining import mine
from lapt_dsl.propose.proposer import SearchState
from lapt_dsl.propose.revisions import compile_revision

pytest.importorskip("scipy", reason="needs SciPy: pip install 'lapt-dsl[learn]'")


def tree(text: str) -> PrincipleFile:
    parsed = lapt.parse(text)
    assert isinstance(parsed, PrincipleFile)
    return parsed


def planted(space: Space, arch: Architecture) -> float:
    """A score that a person could guess: convolutions count, most in the late layers; absent layers hurt."""
    score = 0.0
    for layer, label in arch.choices():
        if label.operator is not None:
            score += (1 + layer.decision / 10) * ("convolution" in label.operator.traits)
            score -= 2 * label.operator.absent
    return score


@pytest.fixture(scope="module")
def archive() -> Archive:
    space = load_space("trans101")
    rng = random.Random(0)
    return Archive(space, "planted", [(arch, planted(space, arch) + rng.gauss(0, 0.2)) for arch in full(space)])


def search_state(archive: Archive, text: str, found: tuple[Scored, ...], improved: bool) -> SearchState:
    link = compile_revision(text, "00-learn.lp", {}, archive.space)
    return SearchState("00-learn.lp", link.names, link.refined, found, improved, 15, 10, 5)


@pytest.mark.parametrize("name", ["nas201", "darts", "nb101", "mobilenet"])
@pytest.mark.parametrize("count", [1, 2, 7])
def test_clauses_denote_exactly_the_set(name: str, count: int) -> None:
    space = load_space(name)
    columns = columns_of(space)
    chosen = list(dict.fromkeys(full(space).sample(count, np.random.default_rng(count))))
    rows = rows_of(columns, chosen)
    inducer = Induction(space, None)
    clauses = clauses_of(rows, inducer._denoted)
    rules = " ".join(inducer._text(clause) for clause in clauses)
    refined = lapt.compile(tree(f"principles x for {name}; principle p {{ {rules} }}"))
    assert sorted(refined, key=lambda arch: arch.encoding) == sorted(chosen, key=lambda arch: arch.encoding)


def test_no_clause_can_be_left_out() -> None:
    space = load_space("trans101")
    columns = columns_of(space)
    chosen = list(dict.fromkeys(full(space).sample(9, np.random.default_rng(4))))
    inducer = Induction(space, None)
    clauses = clauses_of(rows_of(columns, chosen), inducer._denoted)
    for left_out in clauses:
        if left_out.premises:
            rules = " ".join(inducer._text(clause) for clause in clauses if clause is not left_out)
            refined = lapt.compile(tree(f"principles x for trans101; principle p {{ {rules} }}"))
            assert refined.size > len(chosen)


def test_learning_finds_what_was_planted(archive: Archive) -> None:
    text = Induction(archive.space, archive).learn(archive)
    refined = lapt.compile(tree(text))
    everything = sorted((planted(archive.space, arch) for arch in full(archive.space)), reverse=True)
    kept = [planted(archive.space, arch) for arch in refined]
    assert 0 < refined.size < 200
    assert min(kept) >= everything[len(everything) // 4]
    assert text == Induction(archive.space, archive).learn(archive)
    assert not [finding for finding in lapt.lint(text) if finding.severity != "note"]


def test_general_principles_are_general(archive: Archive) -> None:
    text = Induction(archive.space, archive).learn_general(archive, load_space("nas201"))
    assert " for any;" in text
    assert lapt.compile(tree(text), space="nas201").size > 0
    assert lapt.compile(tree(text), space="trans101").size > 0


@pytest.mark.slow
def test_narrowed_and_explored_sets_hold_what_was_planted(archive: Archive) -> None:
    space = archive.space
    inducer = Induction(space, archive)
    text = inducer.learn(archive)
    best = max(planted(space, arch) for arch in full(space))

    def scores(written: str) -> list[float]:
        refined = compile_revision(written, "01.lp", {"00-learn.lp": text}, space).refined
        assert not {scored.arch for scored in found} & set(refined)
        return [planted(space, arch) for arch in refined]

    found: tuple[Scored, ...] = ()
    begun = search_state(archive, text, found, False)
    assert begun.refined.size > 2 * begun.population
    narrowed = inducer.narrow_to_budget(text, begun)
    assert narrowed is not None
    assert scores(narrowed) == [best] * 12
    archs = full(space).sample(10, np.random.default_rng(0))
    found = tuple(Scored(arch, planted(space, arch)) for arch in archs)
    wider = search_state(archive, text, found, False)
    explored = inducer.explore(text, wider)
    # Wider, so some are there to be learned from; most are as good as any.
    assert len(scores(explored)) == 10
    assert np.median(scores(explored)) == best
    assert min(scores(explored)) > np.median([scored.score for scored in found])
    closer = search_state(archive, text, found, True)
    assert scores(inducer._next(closer, 1.2)) == [best] * 6


def test_a_search_without_transfer_adapts_too() -> None:
    space = load_space("trans101")
    inducer = Induction(space, None)
    text = "principles unconstrained for trans101;\n"
    archs = full(space).sample(12, np.random.default_rng(0))
    found = tuple(Scored(arch, planted(space, arch)) for arch in archs)
    link = compile_revision(text, "00.lp", {}, space)
    now = SearchState("00.lp", link.names, link.refined, found, True, 5, 10, 5)
    refined = compile_revision(inducer.adapt(text, now), "01.lp", {"00.lp": text}, space).refined
    assert refined.size == 6
    best = max(scored.score for scored in found)
    assert np.mean([planted(space, arch) for arch in refined]) > np.mean([scored.score for scored in found])
    assert max(planted(space, arch) for arch in refined) > best - 2


def test_mining_stops_where_a_rule_no_longer_pays() -> None:
    space = load_space("nas201")
    whole = full(space)
    rng = np.random.default_rng(0)
    anything = list(whole.sample(50, rng))
    start = "principles s for any;"
    assert mine(space, anything, candidates_of(space, anything, True), start, True) == []
    rule = tree("principles x for nas201; principle p { some path: at least 3 convolution; layers: never absent; }")
    alike = list(lapt.compile(rule).sample(50, rng))
    found = mine(space, alike, candidates_of(space, alike, True), start, True)
    assert {"some path: at least 3 convolution;", "layers: never absent;"} <= {each.candidate.rule for each in found}


def test_the_gradient_of_the_evidence_is_its_slope() -> None:
    rng = np.random.default_rng(0)
    x, c, y = rng.normal(size=(30, 3)), rng.integers(0, 3, size=(30, 4)), rng.normal(size=30)
    squares = np.stack([(x[:, [f]] - x[:, [f]].T) ** 2 for f in range(3)])
    differs = np.stack([(c[:, [k]] != c[:, [k]].T).astype(float) for k in range(4)])
    point = rng.normal(size=9) * 0.3 - 1
    _, gradient = kernel._negative_evidence(point, y, squares, differs)
    for place in range(9):
        step = np.zeros(9)
        step[place] = 1e-5
        higher = kernel._negative_evidence(point + step, y, squares, differs)[0]
        lower = kernel._negative_evidence(point - step, y, squares, differs)[0]
        assert gradient[place] == pytest.approx((higher - lower) / 2e-5, rel=1e-4, abs=1e-6)


def test_the_sign_test_is_the_binomial_one() -> None:
    for one, other in product(range(12), repeat=2):
        total = one + other
        tail = sum(math.comb(total, smaller) for smaller in range(min(one, other) + 1))
        assert sign_test(one, other) == pytest.approx(min(1.0, 2.0 * tail / 2**total))


def test_features_count_the_live_part() -> None:
    space = load_space("nas201")
    arch = space.parse_arch("|nor_conv_3x3~0|+|none~0|nor_conv_1x1~1|+|skip_connect~0|none~1|none~2|")
    found = dict(zip(feature_names(space), features_of(space, arch), strict=True))
    assert found["main: live skip"] == 1
    assert found["main: live conv3x3"] == 0
    assert found["main: live paths"] == 1
    assert found["main: most on a path"] == 0
    assert found["main: computing layers"] == 2


def test_architectures_that_compute_the_same_have_one_signature() -> None:
    space = load_space("nas201")
    one = space.parse_arch("|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|nor_conv_1x1~2|")
    other = space.parse_arch("|skip_connect~0|+|nor_conv_3x3~0|none~1|+|none~0|none~1|nor_conv_1x1~2|")
    third = space.parse_arch("|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|nor_conv_3x3~2|")
    assert signature(space, one) == signature(space, other) != signature(space, third)
