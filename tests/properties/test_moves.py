"""Neighbours, mutation, the nearest member and the best member agree with their definitions over all members."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lapt_dsl.compiler.space.model import Choice, Layer
from tests.effort import examples
from tests.properties.cases import Case, tiny_cases
from tests.reference.costs import flops, params
from tests.reference.neighbours import distance, neighbours


@examples(20)
@given(tiny_cases(), st.randoms(use_true_random=False))
def test_neighbours_are_the_members_one_change_away(case: Case, rng: random.Random) -> None:
    refined = case.refined
    # Members of the space that the file removed have neighbours in the refined space too.
    for word in rng.sample(case.expected, min(8, len(case.expected))) + rng.sample(
        case.members, min(2, len(case.members))
    ):
        found = [arch.encoding for arch in refined.neighbours(case.arch(word))]
        assert len(found) == len(set(found))
        assert set(found) == neighbours(case.space, word, case.expected)


@examples(15)
@given(tiny_cases(), st.randoms(use_true_random=False))
def test_mutation_draws_every_neighbour_and_nothing_else(case: Case, rng: random.Random) -> None:
    if not case.expected:
        return
    refined, generator = case.refined, np.random.default_rng(1)
    word = rng.choice(case.expected)
    near = neighbours(case.space, word, case.expected)
    drawn = [refined.mutate(case.arch(word), generator) for _ in range(20 * len(near) + 1)]
    assert {arch.encoding for arch in drawn if arch is not None} == near
    assert any(arch is None for arch in drawn) == (not near)


@examples(20)
@given(tiny_cases(), st.randoms(use_true_random=False))
def test_the_nearest_member_is_the_first_of_the_least_distance(case: Case, rng: random.Random) -> None:
    refined = case.refined
    for word in rng.sample(case.members, min(3, len(case.members))):
        if not case.expected:
            with pytest.raises(ValueError, match="empty"):
                refined.nearest(case.arch(word))
            continue
        expected = min(case.expected, key=lambda other: (distance(case.space, word, other), other))
        assert refined.nearest(case.arch(word)).encoding == expected


@examples(20)
@given(tiny_cases(), st.integers(0, 1000), st.booleans())
def test_the_best_member_has_the_extreme_score(case: Case, seed: int, largest: bool) -> None:
    refined = case.refined
    table = {
        layer.decision: [random.Random(seed + 31 * layer.decision + number).randrange(4) for number in range(99)]
        for layer in case.space.layers
    }

    def score(layer: Layer, label: Choice) -> float:
        return table[layer.decision][layer.choices.index(label)]

    if not case.expected:
        with pytest.raises(ValueError, match="empty"):
            refined.best(score)
        return
    sign = -1 if largest else 1
    totals = {word: sign * sum(table[at][label] for at, label in enumerate(word)) for word in case.expected}
    assert refined.best(score, largest=largest).encoding == min(case.expected, key=lambda word: (totals[word], word))
    costs = {word: sign * params(case.space, word) for word in case.expected}
    assert refined.best("params", largest=largest).encoding == min(case.expected, key=lambda word: (costs[word], word))
    costs = {word: sign * flops(case.space, word) for word in case.expected}
    assert refined.best("flops", largest=largest).encoding == min(case.expected, key=lambda word: (costs[word], word))
