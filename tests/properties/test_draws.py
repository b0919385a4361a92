"""Samples are exactly uniform, or in proportion to the preferences' weights: chi-square over a full enumeration."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given

import lapt_dsl as lapt
from lapt_dsl.compiler.refined.refined_space import RefinedSpace, full
from lapt_dsl.compiler.refined.sampling import Sampler
from tests.effort import examples
from tests.goodness import fit
from tests.properties.cases import Case, principle_file, shipped, tiny_cases
from tests.reference.evaluator import Encoding, log_weight

LEAST_P = 1e-6  # seeds are fixed, so a test that passes always passes


def p_value(drawn: Counter[Encoding], probabilities: dict[Encoding, float], count: int) -> float:
    """How likely counts this uneven are; rare architectures are pooled so that every expectation is at least five."""
    assert not set(drawn) - set(probabilities), "something outside the space was drawn"
    observed, expected = [], []
    rare_observed, rare_expected = 0.0, 0.0
    for word, probability in probabilities.items():
        if probability * count >= 5:
            observed.append(float(drawn[word]))
            expected.append(probability * count)
        else:
            rare_observed += drawn[word]
            rare_expected += probability * count
    if rare_expected > 0:
        observed.append(rare_observed)
        expected.append(rare_expected)
    if len(observed) < 2:
        return 1.0
    return fit(observed, np.array(expected) * sum(observed) / sum(expected))


def check_draws(refined: RefinedSpace, weights: dict[Encoding, float], count: int, uniform: bool) -> None:
    drawn = Counter(map(tuple, refined.sample(count, np.random.default_rng(7), uniform=uniform).encodings.tolist()))
    largest = max(weights.values())
    scaled = {word: 1.0 if uniform else math.exp(weight - largest) for word, weight in weights.items()}
    total = math.fsum(scaled.values())
    assert p_value(drawn, {word: weight / total for word, weight in scaled.items()}, count) > LEAST_P


@examples(12)
@given(tiny_cases())
def test_draws_follow_the_weights(case: Case) -> None:
    if not case.expected:
        with pytest.raises(ValueError, match="empty"):
            case.refined.sample(1, np.random.default_rng(1))
        return
    weights = {word: log_weight(case.file, case.space, word) for word in case.expected}
    check_draws(case.refined, weights, 20 * len(weights) + 2000, uniform=False)
    check_draws(case.refined, weights, 20 * len(weights) + 2000, uniform=True)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("trans101", "principles p for trans101; principle a { some path: at least 2 convolution; }"),
        (
            "trans101",
            "principles p for trans101; principle a { layers: at most 2 skip; late layers: prefer conv3x3 over none; }",
        ),
        (
            "nas201",
            "principles p for nas201; principle a { every path: at least 1 convolution; network: params <= 900k; }",
        ),
    ],
)
def test_draws_of_published_spaces(name: str, text: str) -> None:
    space, _ = shipped(name)
    tree = principle_file(text)
    refined = lapt.compile(tree, space)
    weights = {arch.encoding: log_weight(tree, space, arch.encoding) for arch in refined}
    check_draws(refined, weights, 40 * len(weights), uniform=False)


@pytest.mark.parametrize("bits", [4, 7, 12])
def test_rounded_boundaries_are_decided_exactly(bits: int) -> None:
    # With few random bits nearly every draw ends on a rounded boundary, which must not bend the distribution.
    space, _ = shipped("trans101")
    tree = principle_file("principles p for trans101; principle a { some path: at least 3 convolution; }")
    refined = lapt.compile(tree, space)
    whole = full(space)
    for members in (refined, whole - refined):
        words = [arch.encoding for arch in members]
        sampler = Sampler(members._store, members._root, bits=bits)
        count = 10 * len(words)
        drawn = Counter(map(tuple, sampler.draw(count, np.random.default_rng(3)).tolist()))
        assert p_value(drawn, {word: 1 / len(words) for word in words}, count) > LEAST_P


def test_one_seed_gives_one_stream() -> None:
    space, _ = shipped("nas201")
    refined = full(space)
    first = refined.sample(100, np.random.default_rng(5))
    again = refined.sample(100, np.random.default_rng(5))
    assert [arch.encoding for arch in first] == [arch.encoding for arch in again]
