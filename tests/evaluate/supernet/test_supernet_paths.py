"""Which architectures a supernet's steps draw: exactly uniform, or fair to the modules that are shared."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from lapt_dsl.api import compile_principles
from lapt_dsl.compiler.building.library import load_space
from lapt_dsl.compiler.refined.refined_space import RefinedSpace, full
from lapt_dsl.evaluate.supernet.paths import FairPaths, UniformPaths, module_numbers, paths_of, set_digest
from lapt_dsl.language.parsing.parser import parse


def refined(text: str, space: str) -> RefinedSpace:
    tree, found = parse(f"principles p for {space}; principle a {{ {text} }}")
    assert tree is not None
    assert not found, found
    return compile_principles(tree, load_space(space)).refined  # type: ignore[arg-type]


def shares(paths: FairPaths, draws: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    for _ in range(draws):
        paths.draw(rng)
    return paths.uses


def test_every_draw_is_in_the_space() -> None:
    of = refined("layers: at most 2 conv3x3; layers: at least 1 skip;", "nas201")
    for sampling in ("uniform", "fair"):
        paths, rng = paths_of(of, sampling), np.random.default_rng(1)  # type: ignore[arg-type]
        drawn = [paths.draw(rng) for _ in range(100)]
        assert all(arch in of for arch in drawn)
        assert len(set(drawn)) > 60


def test_a_round_uses_every_module_once_where_nothing_is_forbidden() -> None:
    """FairNAS's strict fairness: in each round of five, every operator of each of the six layers exactly once."""
    paths, rng = FairPaths(full(load_space("nas201"))), np.random.default_rng(0)
    for turn in range(1, 6):
        for _ in range(5):
            paths.draw(rng)
        assert (paths.uses == turn).all()


def test_edges_of_a_stage_are_used_equally_often() -> None:
    """Two layers of DARTS share the edges into a stage: 8 operators on 2, 3, 4 and 5 edges, two used a draw."""
    uses = np.sort(shares(FairPaths(full(load_space("darts"))), 240))
    wanted = np.sort(np.concatenate([np.repeat(240 * 2 / (8 * edges), 2 * 8 * edges) for edges in (2, 3, 4, 5)]))
    # The last two of a round can be on one edge, which only one layer reads.
    assert np.abs(uses - wanted).max() <= 1


def test_sources_are_not_paired_alike_though_used_equally_often() -> None:
    of = full(load_space("darts"))
    paths, rng = FairPaths(of), np.random.default_rng(0)
    pairs = Counter()
    for _ in range(200):
        arch = paths.draw(rng)
        labels = [layer.choices[arch.encoding[layer.decision]].sources for layer in of.space.cells[0].operator_layers]
        pairs[labels[6] + labels[7]] += 1
    assert len(pairs) == 10


def test_shares_are_the_most_equal_that_the_space_allows() -> None:
    """With at most one convolution among six layers each gets it a sixth of the time, and 5/6 go to the four others."""
    of = refined("layers: exactly 1 conv3x3;", "nas201")
    draws = 600
    uses = shares(FairPaths(of), draws)
    modules, _ = module_numbers(of.space)
    for layer, numbers in zip(of.space.layers, modules, strict=True):
        for label, number in zip(layer.choices, numbers, strict=True):
            assert label.operator is not None
            wanted = draws / 6 if label.operator.name == "conv3x3" else draws * 5 / 6 / 4
            assert abs(int(uses[number]) - wanted) <= 6, (layer, label)


def test_ties_are_broken_uniformly() -> None:
    """The first draw is any member alike, since nothing was used before."""
    of = refined("layers 0, 1, 2: only skip; layers 3, 4: only skip, conv1x1; layers: at least 1 conv1x1;", "nas201")
    found: Counter[tuple[int, ...]] = Counter()
    for seed in range(600):
        found[FairPaths(of).draw(np.random.default_rng(seed)).encoding] += 1
    assert len(found) == of.size
    expected = 600 / of.size
    assert all(abs(count - expected) < 6 * expected**0.5 for count in found.values())


def test_uniform_draws_ignore_preferences() -> None:
    plain, preferring = full(load_space("nas201")), refined("layers: prefer conv3x3 by 9;", "nas201")
    one = [UniformPaths(plain).draw(np.random.default_rng(seed)).encoding for seed in range(5)]
    other = [UniformPaths(preferring).draw(np.random.default_rng(seed)).encoding for seed in range(5)]
    assert one == other


def test_a_state_goes_on_to_the_same_draws() -> None:
    of = full(load_space("nas201"))
    straight, first = FairPaths(of), FairPaths(of)
    shares(straight, 7, 1)
    shares(first, 7, 1)
    second = FairPaths(of)
    second.restore(first.state())
    assert straight.draw(np.random.default_rng(2)) == second.draw(np.random.default_rng(2))
    with pytest.raises(ValueError, match="another supernet"):
        FairPaths(full(load_space("darts"))).restore(first.state())


def test_the_digest_is_of_the_set() -> None:
    one = refined("layer 0: never conv3x3;", "nas201")
    same = refined("layer 0: only none, skip, conv1x1, avg_pool3x3;", "nas201")
    preferring = refined("layer 0: never conv3x3; layers: prefer skip by 2;", "nas201")
    assert set_digest(one) == set_digest(same) == set_digest(preferring)
    assert set_digest(one) != set_digest(refined("layer 1: never conv3x3;", "nas201"))
