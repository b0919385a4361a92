"""RefinedSpace against enumeration."""

from __future__ import annotations

import math
import random
from collections import Counter

import numpy as np
import pytest

from lapt_dsl.compiler.automata.diagram import UNIT
from lapt_dsl.compiler.building.library import load_space
from lapt_dsl.compiler.lowering.constraints import CountConstraint, Weight
from lapt_dsl.compiler.refined.refined_space import RefinedSpace, full
from lapt_dsl.compiler.refined.sampling import GUIDED, Sampler
from lapt_dsl.compiler.space.model import Architecture, Space
from lapt_dsl.compiler.targets.evolution import RegularizedEvolution, Unseen, uniform_below
from tests.compiler.automata.test_machines import random_constraint
from tests.compiler.small_spaces import members, random_space
from tests.effort import either
from tests.goodness import fit

Encoding = tuple[int, ...]


def random_refined(seed: int) -> RefinedSpace:
    space, rng = random_space(seed), random.Random(seed + 1000)
    whole = full(space)
    refined = whole
    while refined is whole or not refined:
        refined = whole.restrict(random_constraint(rng, space))
    return refined


def pairs(space: Space, word: Encoding) -> tuple[object, ...]:
    """A word without the order of its distinct-source stages: what one change is counted on."""
    stages = [stage for cell in space.cells for stage in cell.sorted_stages]
    grouped = {level for stage in stages for level in stage}
    single = tuple((level, choice(space, level, word)) for level in range(len(word)) if level not in grouped)
    return (single, *(frozenset(choice(space, level, word) for level in stage) for stage in stages))


def choice(space: Space, level: int, word: Encoding) -> tuple[object, tuple[int, ...]]:
    label = space.layers[level].choices[word[level]]
    return (label.operator.name if label.operator else label.number, label.sources)


def one_change(space: Space, one: Encoding, other: Encoding) -> bool:
    """Whether two words differ in exactly one operator, one layer's sources, or one number."""
    left, right = pairs(space, one), pairs(space, other)
    differing = [(a, b) for a, b in zip(left[0], right[0], strict=True) if a != b]  # type: ignore[call-overload]
    changes = [(a[1], b[1]) for a, b in differing]
    for before, after in zip(left[1:], right[1:], strict=True):
        gone, new = before - after, after - before  # type: ignore[operator]
        if len(gone) > 1 or len(new) > 1:
            return False
        changes += list(zip(gone, new, strict=True))
    return len(changes) == 1 and (changes[0][0][0] == changes[0][1][0] or changes[0][0][1] == changes[0][1][1])


@pytest.mark.parametrize("seed", range(either(17, 400)))
def test_everything_agrees_with_enumeration(seed: int) -> None:
    refined = random_refined(seed)
    space = refined.space
    words = [arch.encoding for arch in refined]
    assert words == sorted(words)
    for number, word in enumerate(words):
        arch = Architecture(space, word)
        assert arch in refined
        assert refined.rank(arch) == number
        assert refined.unrank(number) == arch
    for left in refined.candidates:
        level = left.layer.decision
        assert left.choices == tuple(sorted({word[level] for word in words}))
    rng = random.Random(seed)
    everything = list(members(space))
    for word in rng.sample(everything, min(12, len(everything))):
        found = {other.encoding for other in refined.neighbours(Architecture(space, word))}
        assert found == {other for other in words if one_change(space, word, other)}
        nearest = refined.nearest(Architecture(space, word)).encoding
        assert nearest == min(words, key=lambda other, word=word: (distance(space, word, other), other))
    table = {(level, label): rng.randint(-5, 5) for level in range(len(space.layers)) for label in range(200)}
    number_of = {
        (layer.decision, label): number for layer in space.layers for number, label in enumerate(layer.choices)
    }
    best = refined.best(lambda layer, label: table[layer.decision, number_of[layer.decision, label]])
    assert best.encoding == max(
        words, key=lambda word: (sum(table[at] for at in enumerate(word)), tuple(-label for label in word))
    )


def distance(space: Space, one: Encoding, other: Encoding) -> int:
    total = 0
    for level in range(len(one)):
        before, after = choice(space, level, one), choice(space, level, other)
        total += (before[0] != after[0]) + (before[1] != after[1])
    return total


@pytest.mark.parametrize("seed", range(either(17, 300)))
def test_set_operations_are_those_of_sets(seed: int) -> None:
    space, rng = random_space(seed), random.Random(seed)
    whole = full(space)
    one, other = (whole.restrict(random_constraint(rng, space)) for _ in range(2))
    left, right = ({arch.encoding for arch in refined} for refined in (one, other))
    assert {arch.encoding for arch in one & other} == left & right
    assert {arch.encoding for arch in one | other} == left | right
    assert {arch.encoding for arch in one - other} == left - right
    assert (one <= other) == (left <= right)
    assert (one == other) == (left == right)
    assert one & whole == one == one | (one & other)


def test_sets_of_different_spaces_do_not_mix() -> None:
    with pytest.raises(ValueError, match="different spaces"):
        full(random_space(0)) & full(random_space(1))


@pytest.mark.parametrize("seed", range(8))
def test_samples_are_uniform(seed: int) -> None:
    refined = random_refined(seed)
    count = min(40 * refined.size, 40_000)
    drawn = Counter(arch.encoding for arch in refined.sample(count, np.random.default_rng(seed)))
    assert set(drawn) <= {arch.encoding for arch in refined}
    if refined.size > 1:
        observed = [drawn[arch.encoding] for arch in refined]
        assert fit(observed) > 1e-4


@pytest.mark.parametrize("bits", [1, 2, 3, 5])
def test_samples_stay_uniform_when_few_bits_make_every_boundary_doubtful(bits: int) -> None:
    refined = random_refined(3)
    sampler = Sampler(refined._store, refined._root, bits=bits)
    drawn = Counter(map(tuple, sampler.draw(30 * refined.size, np.random.default_rng(0)).tolist()))
    assert fit([drawn[arch.encoding] for arch in refined]) > 1e-4


def weigh(refined: RefinedSpace, seed: int, scale: float) -> tuple[RefinedSpace, dict[Encoding, float]]:
    rng = random.Random(seed)
    rows = tuple(
        (layer.decision, tuple(rng.uniform(-scale, scale) for _ in layer.choices)) for layer in refined.space.layers
    )
    weighted = refined.weighted(Weight(rows))
    logs = {arch.encoding: sum(row[arch.encoding[level]] for level, row in rows) for arch in refined}
    most = max(logs.values())
    weights = {word: math.exp(value - most) for word, value in logs.items()}
    total = math.fsum(weights.values())
    return weighted, {word: weight / total for word, weight in weights.items()}


@pytest.mark.parametrize("bits", [4, 9, 64])
def test_a_guide_table_changes_no_draw(bits: int) -> None:
    space = load_space("darts")
    some = tuple((layer.decision, frozenset({1, 2})) for layer in space.layers)
    logs = tuple(0.1 * label for label in range(len(space.layers[5].choices)))
    refined = full(space).restrict(CountConstraint(some, 0, 3)).weighted(Weight(((5, logs),)))
    for weights in (None, refined.encoded):
        sampler = Sampler(refined._store, refined._root, weights, bits)
        assert any(level.guide is not None for level in sampler.levels)
        guided = sampler.draw(GUIDED, np.random.default_rng(1))
        for level in sampler.levels:
            level.__dict__["guide"] = None
        assert np.array_equal(guided, sampler.draw(GUIDED, np.random.default_rng(1)))


@pytest.mark.parametrize("seed", range(8))
def test_samples_follow_the_weights(seed: int) -> None:
    weighted, expected = weigh(random_refined(seed), seed, 1.0)
    count = 20_000
    drawn = Counter(arch.encoding for arch in weighted.sample(count, np.random.default_rng(seed)))
    likely = [word for word in expected if expected[word] * count >= 5]
    observed = [drawn[word] for word in likely]
    rest = count - sum(observed)
    wanted = [expected[word] * count for word in likely]
    if count - sum(wanted) >= 5:
        observed, wanted = [*observed, rest], [*wanted, count - sum(wanted)]
    elif wanted:
        wanted = [value * sum(observed) / sum(wanted) for value in wanted]
    if len(observed) > 1:
        assert fit(observed, wanted) > 1e-4


@pytest.mark.parametrize("seed", range(10))
def test_unseen_draws_come_once_each_until_none_is_left(seed: int) -> None:
    weighted, _ = weigh(random_refined(seed), seed, 30.0)
    for words in (weighted.encoded, random_refined(seed).encoded):
        unseen, rng = Unseen(words), np.random.default_rng(seed)
        found = []
        while (word := unseen.draw(rng)) is not None:
            unseen.add(word)
            found.append(word)
        assert len(found) == len(set(found)) == weighted.size


def test_unseen_draws_follow_the_weights_of_what_is_left() -> None:
    weighted, expected = weigh(random_refined(5), 5, 2.0)
    gone = sorted(expected, key=expected.__getitem__)[-3:]
    unseen = Unseen(weighted.encoded)
    for word in gone:
        unseen.add(word)
    rng = np.random.default_rng(0)
    count = 6_000
    drawn = Counter(unseen.draw(rng) for _ in range(count))
    assert not set(drawn) & set(gone)
    left = sum(value for word, value in expected.items() if word not in gone)
    likely = [word for word in expected if word not in gone and expected[word] / left * count >= 5]
    observed = [drawn[word] for word in likely] + [count - sum(drawn[word] for word in likely)]
    wanted = [expected[word] / left * count for word in likely]
    wanted.append(count - sum(wanted))
    assert fit(observed, wanted) > 1e-4


@pytest.mark.parametrize("seed", range(10))
def test_evolution_asks_for_every_architecture_once_and_then_ends(seed: int) -> None:
    refined = random_refined(seed)
    search = RegularizedEvolution(refined.encoded, population=4, tournament=2, seed=seed)
    asked = []
    while (word := search.ask()) is not None:
        asked.append(word)
        search.tell(word, float(sum(word)))
    assert sorted(asked) == [arch.encoding for arch in refined]
    assert search.best is not None
    assert search.best[1] == max(sum(word) for word in asked)


def test_integers_of_any_size_are_drawn_below_their_bound() -> None:
    rng = np.random.default_rng(0)
    for bound in (1, 7, 1 << 63, (1 << 63) + 1, 10**40):
        assert all(0 <= uniform_below(rng, bound) < bound for _ in range(50))
    assert max(uniform_below(rng, 10**40) for _ in range(200)) > 9 * 10**39


def test_an_empty_word_set_has_no_members() -> None:
    refined = random_refined(0)
    empty = refined - refined
    assert not empty
    assert list(empty) == []
    assert empty.size == 0
    with pytest.raises(ValueError, match="empty"):
        empty.sample(1, np.random.default_rng(0))
    with pytest.raises(IndexError):
        refined.unrank(refined.size)
    assert UNIT == 1
