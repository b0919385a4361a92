"""`&`, `|`, `-`, `<=` and `==` between refined spaces are those of the sets of architectures."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

import lapt_dsl as lapt
from tests.effort import examples
from tests.properties.cases import Case, case_over, tiny_cases
from tests.properties.principle_trees import principle_files
from tests.reference.evaluator import log_weight


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Case, Case]:
    """Two files over one space."""
    first = draw(tiny_cases(most=2))
    return first, case_over(first.space, first.members, draw(principle_files(first.space, most=2)))


@examples(20)
@given(pairs())
def test_set_operations(pair: tuple[Case, Case]) -> None:
    first, second = pair
    left, right = first.refined, second.refined
    here, there = set(first.expected), set(second.expected)
    assert {arch.encoding for arch in left & right} == here & there
    assert {arch.encoding for arch in left | right} == here | there
    assert {arch.encoding for arch in left - right} == here - there
    assert (left <= right) == (here <= there)
    assert (left < right) == (here < there)
    assert (left >= right) == (here >= there)
    assert (left == right) == (here == there)
    assert left & right == right & left
    assert (left - right) | (left & right) == left
    if left == right:
        assert hash(left) == hash(right)


@examples(10)
@given(pairs())
def test_a_file_of_both_means_the_intersection_with_both_weights(pair: tuple[Case, Case]) -> None:
    first, second = pair
    both = lapt.compile(first.file, first.space) & lapt.compile(second.file, first.space)
    for word in sorted(set(first.expected) & set(second.expected))[:20]:
        expected = log_weight(first.file, first.space, word) + log_weight(second.file, first.space, word)
        found = sum(row[word[level]] for level, row in both.weights.items())
        assert abs(found - expected) < 1e-9
