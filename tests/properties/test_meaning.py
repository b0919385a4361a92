"""The automaton holds exactly the architectures that satisfy the file, and knows how many and in which order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lapt_dsl.compiler.refined.refined_space import full
from lapt_dsl.compiler.space.model import Space
from tests.effort import examples
from tests.properties.cases import Case, shipped_cases, tiny_cases, tiny_spaces
from tests.reference.evaluator import is_member, members


def check_meaning(case: Case) -> None:
    refined = case.refined
    assert [arch.encoding for arch in refined] == case.expected
    assert refined.size == len(case.expected)
    assert bool(refined) == bool(case.expected)


@examples(30)
@given(tiny_cases())
def test_over_small_spaces(case: Case) -> None:
    check_meaning(case)


@examples(2)
@given(shipped_cases("nas201"))
def test_over_nas201(case: Case) -> None:
    check_meaning(case)


@examples(4)
@given(shipped_cases("trans101"))
def test_over_trans101(case: Case) -> None:
    check_meaning(case)


@examples(20)
@given(tiny_spaces())
def test_the_unrestricted_space_is_its_members(space: Space) -> None:
    assert [arch.encoding for arch in full(space)] == list(members(space))


@examples(20)
@given(tiny_cases(), st.data())
def test_membership_rank_and_unrank(case: Case, data: st.DataObject) -> None:
    refined = case.refined
    inside = set(case.expected)
    word = tuple(data.draw(st.integers(0, len(layer.choices) - 1)) for layer in case.space.layers)
    assert (case.arch(word) in refined) == (word in inside)
    if not is_member(case.space, word):
        assert case.arch(word) not in refined
    for rank in range(0, len(case.expected), 1 + len(case.expected) // 50):
        assert refined.unrank(rank).encoding == case.expected[rank]
        assert refined.rank(case.arch(case.expected[rank])) == rank
    for rank in (-1, len(case.expected)):
        with pytest.raises(IndexError):
            refined.unrank(rank)
    outside = next((word for word in case.members if word not in inside), None)
    if outside is not None:
        with pytest.raises(ValueError, match="not in the refined space"):
            refined.rank(case.arch(outside))


@examples(20)
@given(tiny_cases())
def test_candidates_are_the_projection(case: Case) -> None:
    found = case.refined.candidates
    assert len(found) == len(case.space.layers)
    for layer, left in zip(case.space.layers, found, strict=True):
        labels = sorted({word[layer.decision] for word in case.expected})
        assert list(left.choices) == labels
        chosen = [layer.choices[number] for number in labels]
        operators = {label.operator.name for label in chosen if label.operator is not None}
        assert {operator.name for operator in left.operators} == operators
        assert len(left.operators) == len(operators)
        assert set(left.numbers) == {label.number for label in chosen if label.number is not None}
        assert list(left.sources) == sorted({source for label in chosen for source in label.sources})
