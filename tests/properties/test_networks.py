"""Costs, depth, notation and files `for any` over random spaces agree with the reference."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lapt_dsl as lapt
from lapt_dsl.compiler.networks.network import cost_terms, measure
from lapt_dsl.compiler.space.model import Architecture, Space
from lapt_dsl.language import tree as t
from tests.effort import examples
from tests.properties.cases import shipped, tiny_spaces
from tests.properties.principle_trees import general_files
from tests.reference.costs import flops, params
from tests.reference.evaluator import Encoding, holds, log_weight, members
from tests.reference.graph import network_depth, network_live_layers


def check_measures(space: Space, word: Encoding) -> None:
    assert measure(space, Architecture(space, word)) == {
        "params": params(space, word),
        "flops": flops(space, word),
        "depth": network_depth(space, word),
        "live layers": network_live_layers(space, word),
    }


def cost_of_terms(space: Space, word: Encoding, metric: str) -> int:
    costs = cost_terms(space, "params" if metric == "params" else "flops")
    return costs.constant + sum(term.value(tuple(word[level] for level in term.decisions)) for term in costs.terms)


@examples(25)
@given(tiny_spaces(), st.randoms(use_true_random=False))
def test_costs_and_depth_of_random_networks(space: Space, rng: random.Random) -> None:
    everything = list(members(space))
    for word in rng.sample(everything, min(5, len(everything))):
        check_measures(space, word)
        assert cost_of_terms(space, word, "params") == params(space, word)
        assert cost_of_terms(space, word, "flops") == flops(space, word)


@pytest.mark.parametrize("name", ["nas201", "trans101", "darts"])
def test_costs_and_depth_of_published_networks(name: str) -> None:
    space = lapt.load_space(name)
    rng = random.Random(1)
    for _ in range(25):
        # Distinct sources do not matter to costs, so any combination of labels will do.
        check_measures(space, tuple(rng.randrange(len(layer.choices)) for layer in space.layers))


@examples(20)
@given(tiny_spaces(), st.randoms(use_true_random=False))
def test_notation_of_random_spaces_reads_back(space: Space, rng: random.Random) -> None:
    everything = list(members(space))
    texts = set()
    chosen = rng.sample(everything, min(20, len(everything)))
    for word in chosen:
        arch = Architecture(space, word)
        text = space.format_arch(arch)
        assert space.parse_arch(text) == arch
        texts.add(text)
    assert len(texts) == len(chosen)


def check_general(space: Space, everything: list[Encoding], file: t.PrincipleFile) -> None:
    refined = lapt.compile(file, space)
    expected = [word for word in everything if holds(file, space, word)]
    assert [arch.encoding for arch in refined] == expected
    for word in expected[:5]:
        found = sum(row[word[level]] for level, row in refined.weights.items())
        assert abs(found - log_weight(file, space, word)) < 1e-9


@examples(20)
@given(st.data())
def test_one_general_file_over_several_spaces(data: st.DataObject) -> None:
    space = data.draw(tiny_spaces(), label="space")
    published, everything = shipped("trans101")
    shared = sorted(space.traits & published.traits)
    if not shared:
        return
    file = data.draw(general_files(shared), label="file")
    check_general(space, list(members(space)), file)
    # A tenth of the published space is enough to see whether the same file means the same there.
    refined = lapt.compile(file, published)
    for word in everything[::10]:
        assert (Architecture(published, word) in refined) == holds(file, published, word)
