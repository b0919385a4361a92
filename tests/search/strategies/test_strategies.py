"""Every strategy keeps what `strategy_conformance` asks, and does what its name says."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest

from lapt_dsl.compiler.building.library import load_space
from lapt_dsl.compiler.lowering.constraints import Allowed, Weight
from lapt_dsl.compiler.refined.refined_space import RefinedSpace, full
from lapt_dsl.compiler.space.model import Architecture
from lapt_dsl.compiler.targets.evolution import Draws, RegularizedEvolution
from lapt_dsl.propose.archive import Archive
from lapt_dsl.search.run_log import MemoryRunLog
from lapt_dsl.search.settings import PRESETS, Settings
from lapt_dsl.search.strategies.box import box_principles
from lapt_dsl.search.strategies.build import STRATEGIES, StrategyContext, boxed, without_transfer
from lapt_dsl.search.strategies.evolution import CrossingEvolution, Evolution, crossing_groups
from lapt_dsl.search.strategies.local_search import LocalSearch
from lapt_dsl.search.strategies.random_search import RandomSearch
from lapt_dsl.search.strategy import Strategy
from tests.search.small_tables import TINY, WIRED, made_up, small_space
from tests.search.strategies import strategy_conformance as conformance
from tests.search.trivial_proposer import Trivial

SETTINGS = Settings(archive=5, keep=3, iterations=3, population=4, tournament=2, budget=20)
CROSSING = Settings(archive=5, keep=3, iterations=3, population=4, tournament=2, budget=20, crossover=0.5)


def score(arch: Architecture) -> float:
    return made_up(arch.encoding)


def archive_of(refined: RefinedSpace, count: int) -> Archive:
    return Archive(refined.space, "made up", [(arch, score(arch)) for arch in list(refined)]).top(count)


def made(name: str, refined: RefinedSpace, settings: Settings = SETTINGS) -> Callable[[int], Strategy]:
    archive = archive_of(refined, 12)
    text = Trivial(refined.space).learn(archive) if name == "lapt" else None

    def make(seed: int) -> Strategy:
        given = StrategyContext(refined, settings, seed, MemoryRunLog(), text, Trivial(refined.space), archive)
        return STRATEGIES[name](given)

    return make


@pytest.fixture
def tiny() -> RefinedSpace:
    return full(small_space(TINY))


@pytest.fixture
def wired() -> RefinedSpace:
    return full(small_space(WIRED))


@pytest.mark.parametrize("name", sorted(STRATEGIES))
def test_conformance(name: str, tiny: RefinedSpace) -> None:
    if name == "tpe":
        pytest.importorskip("optuna")
    make = made(name, tiny)
    members = {"replay": 12, "box": boxed(archive_of(tiny, 12)).size}.get(name, tiny.size)
    conformance.check_none_twice(make, score, 40)
    conformance.check_inside(make, score, 40, tiny)
    conformance.check_same_seed_same_stream(make, score, 15)
    conformance.check_states(make, score, 15)
    conformance.check_failures(make, min(members, 8))
    conformance.check_ends(make, score, members)


@pytest.mark.parametrize("name", ["evolution", "random", "local", "replay"])
def test_a_refined_and_weighted_space_is_never_left(name: str) -> None:
    space = load_space("nas201")
    layers = space.layers
    few = full(space).restrict(Allowed(tuple((layer.decision, frozenset({1, 2, 3})) for layer in layers)))
    weighted = few.weighted(Weight(((0, (0.0, 2.0, 0.0, -1.0, 0.0)),)))
    make = made(name, weighted)
    most = 12 if name == "replay" else 60
    conformance.check_inside(make, score, most, few)
    conformance.check_none_twice(make, score, most)


def test_random_search_is_uniform(tiny: RefinedSpace) -> None:
    firsts = [RandomSearch(tiny, seed).ask() for seed in range(27 * 40)]
    counts = np.unique([tiny.rank(arch) for arch in firsts if arch is not None], return_counts=True)[1]
    assert len(counts) == tiny.size
    # Chi-squared with 26 degrees of freedom exceeds 54 once in a thousand.
    assert float(((counts - 40) ** 2 / 40).sum()) < 54


def test_local_search_climbs_and_starts_again(tiny: RefinedSpace) -> None:
    search = LocalSearch(tiny, 0)
    centre: Architecture | None = None
    restarts = 0
    while (arch := search.ask()) is not None:
        if centre is not None and arch not in tiny.neighbours(centre):
            restarts += 1
            centre = None
        search.tell(arch, score(arch))
        if centre is None or score(arch) > score(centre):
            centre = arch
    assert restarts >= 1


def test_a_child_of_two_parents_takes_each_group_from_one() -> None:
    wired = full(load_space("darts"))
    groups = crossing_groups(wired.space)
    assert sorted(level for group in groups for level in group) == list(range(len(wired.space.layers)))
    search = CrossingEvolution(wired.encoded, 6, 2, 1, 1.0, groups)
    crossed = 0
    for _ in range(60):
        members = [word for word, _ in search.population]
        word = search.ask()
        assert word is not None
        assert word in wired.encoded
        crossed += any(
            all(
                [word[level] for level in group] in ([one[level] for level in group], [two[level] for level in group])
                for group in groups
            )
            for one in members
            for two in members
        )
        search.tell(word, made_up(word))
    assert crossed > 10


def test_crossover_conforms(wired: RefinedSpace) -> None:
    make = partial(Evolution, wired, CROSSING)
    conformance.check_none_twice(make, score, 60)
    conformance.check_inside(make, score, 60, wired)
    conformance.check_same_seed_same_stream(make, score, 30)
    conformance.check_ends(make, score, wired.size)


def test_a_share_of_crossover_is_a_share(tiny: RefinedSpace) -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        CrossingEvolution(tiny.encoded, 4, 2, 0, 1.5, crossing_groups(tiny.space))


def test_the_box_keeps_the_two_most_frequent(tiny: RefinedSpace) -> None:
    archive = archive_of(tiny, 12)
    text = box_principles(archive)
    assert text.startswith("principles frequency_box for tiny;")
    refined = boxed(archive)
    for layer in tiny.space.layers:
        labels = [scored.arch.encoding[layer.decision] for scored in archive]
        left = {arch.encoding[layer.decision] for arch in refined}
        assert len(left) == 2
        assert min(labels.count(label) for label in left) >= max(labels.count(label) for label in {0, 1, 2} - left)


@pytest.mark.parametrize("name", ["nas201", "trans101", "darts", "mobilenet"])
def test_the_box_compiles_on_every_space(name: str) -> None:
    space = load_space(name)
    drawn = full(space).sample(30, np.random.default_rng(0))
    refined = boxed(Archive(space, "drawn", [(arch, float(place)) for place, arch in enumerate(drawn)]))
    assert 0 < refined.size < full(space).size


def test_replay_keeps_the_order(tiny: RefinedSpace) -> None:
    archive = archive_of(tiny, 12)
    assert conformance.stream(made("replay", tiny)(0), score, 50) == [scored.arch for scored in archive]


def test_lapt_from_nothing_is_the_whole_space(tiny: RefinedSpace) -> None:
    text = without_transfer(tiny)
    lapt = STRATEGIES["lapt"](StrategyContext(tiny, SETTINGS, 0, MemoryRunLog(), text))
    assert len(conformance.stream(lapt, score, 100)) == tiny.size


def test_presets_are_the_papers() -> None:
    names = {name: (s.archive, s.keep, s.iterations, s.population, s.tournament) for name, s in PRESETS.items()}
    assert names["nas201"] == (50, 5, 3, 5, 2)
    assert names["trans101"] == (50, 15, 4, 10, 5)


def test_evolution_with_repeats_stays_inside_and_goes_on(tiny: RefinedSpace) -> None:
    search = RegularizedEvolution(tiny.encoded, 5, 2, seed=1, unique=False)
    words = []
    for _ in range(200):
        word = search.ask()
        assert word is not None
        search.tell(word, made_up(word))
        words.append(word)
    assert len(set(words)) < len(words)
    assert all(word in tiny.encoded for word in words)
    assert all(word in [other for other, _ in search.population] for word in words[-5:])
    assert search.best == (max(words, key=made_up), max(map(made_up, words)))


def test_draws_are_even() -> None:
    draws = Draws(np.random.default_rng(0))
    counts = np.bincount([draws.below(7) for _ in range(7_000)], minlength=7)
    # Chi-squared with 6 degrees of freedom exceeds 22.5 once in a thousand.
    assert float(((counts - 1_000) ** 2 / 1_000).sum()) < 22.5


def test_a_tournament_draws_every_member_alike(tiny: RefinedSpace) -> None:
    search = RegularizedEvolution(tiny.encoded, 6, 3, seed=2)
    words = [search.ask() for _ in range(6)]
    for place, word in enumerate(words):
        assert word is not None
        search.tell(word, float(place))
    wins = np.bincount([words.index(search.parent()) for _ in range(4_000)], minlength=6)
    # Without replacement, the member with i below it wins C(i, 2) of the C(6, 3) tournaments.
    expected = np.array([0, 0, 1, 3, 6, 10]) / 20 * 4_000
    assert wins[:2].sum() == 0
    assert float(((wins - expected)[2:] ** 2 / expected[2:]).sum()) < 16.3
