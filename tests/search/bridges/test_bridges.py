from __future__ import annotations

from collections import Counter
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lapt_dsl.api import compile as compile_file
from lapt_dsl.api import parse
from lapt_dsl.compiler.building.library import load_space
from lapt_dsl.compiler.refined.refined_space import RefinedSpace, full
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.search.bridges.cover import boxes_outside
from lapt_dsl.search.bridges.decisions import architecture_of, choices_of, parameters_of
from tests.effort import examples

optuna = pytest.importorskip("optuna", reason="Optuna is not installed")
ConfigSpace = pytest.importorskip("ConfigSpace", reason="ConfigSpace is not installed")

from lapt_dsl.search.bridges.config_space import to_configspace  # noqa: E402
from lapt_dsl.search.bridges.optuna_sampler import RefinedSampler  # noqa: E402

optuna.logging.set_verbosity(optuna.logging.ERROR)

RULES = {
    "a product": "layers: only skip, conv1x1, conv3x3; layer 2: never skip;",
    "a count": "layers: at most 1 pooling; early layers: only convolution;",
    "an alternative": "one of { layer 0: only skip; layers: at least 4 conv3x3; }",
    "a path": "some path: at least 2 conv3x3; layers: only none, conv3x3;",
}


def refined_by(rules: str, space: str = "nas201") -> RefinedSpace:
    return compile_file(parse(f"principles p for {space};\nprinciple a {{ {rules} }}"))


@pytest.mark.parametrize("rules", RULES.values(), ids=RULES)
def test_boxes_cover_exactly_what_is_left_out(rules: str) -> None:
    refined = refined_by(rules)
    boxes = list(boxes_outside(refined))
    candidates = [sorted(left.choices) for left in refined.candidates]
    for word in product(*candidates):
        covered = any(all(word[level] in labels for level, labels in box.items()) for box in boxes)
        assert covered != (word in refined.encoded)


@pytest.mark.parametrize("rules", RULES.values(), ids=RULES)
def test_a_configuration_space_allows_exactly_the_members(rules: str) -> None:
    refined = refined_by(rules)
    space = to_configspace(refined, seed=1)
    for arch in list(full(refined.space))[::37]:
        assert legal(space, arch) == (arch in refined)
    for configuration in space.sample_configuration(20):
        assert architecture_of(refined.space, dict(configuration)) in refined


def legal(space: ConfigSpace.ConfigurationSpace, arch: object) -> bool:
    try:
        ConfigSpace.Configuration(space, values=parameters_of(arch))
    except (ConfigSpace.exceptions.ForbiddenValueError, ConfigSpace.exceptions.IllegalValueError):
        return False
    return True


def test_a_space_with_searched_sources_and_its_preferences() -> None:
    refined = refined_by("in normal { layers: only convolution, skip; layers: prefer skip over convolution; }", "darts")
    space = to_configspace(refined, seed=3)
    weights = space["normal.0"].probabilities
    names = [str(choice) for choice in space["normal.0"].choices]
    skips = [weight for name, weight in zip(names, weights, strict=True) if name.startswith("skip")]
    others = [weight for name, weight in zip(names, weights, strict=True) if not name.startswith("skip")]
    assert min(skips) == pytest.approx(max(others) * np.e**2)
    for configuration in space.sample_configuration(5):
        assert architecture_of(refined.space, dict(configuration)) in refined


def test_what_needs_too_many_clauses_is_refused_with_the_number() -> None:
    refined = refined_by("network: params <= 0.7M;")
    with pytest.raises(LaptError) as error:
        to_configspace(refined, max_clauses=3)
    assert error.value.diagnostics[0].code == "E792"
    assert "more than 3" in error.value.diagnostics[0].message


def test_an_empty_space_is_refused() -> None:
    refined = refined_by("layer 0: only skip; layers: never skip;")
    with pytest.raises(LaptError):
        to_configspace(refined)
    with pytest.raises(ValueError, match="is empty"):
        RefinedSampler(refined)


@given(st.integers(0, 15624))
@examples(50)
def test_parameters_and_architectures_are_one(rank: int) -> None:
    whole = full(load_space("nas201"))
    arch = whole.unrank(rank)
    assert architecture_of(whole.space, {**parameters_of(arch), "learning_rate": 0.1}) == arch


@pytest.mark.parametrize("name", ["nas201", "darts", "mobilenet"])
def test_choices_of_a_layer_are_distinct(name: str) -> None:
    space = load_space(name)
    for layer in space.layers:
        names = choices_of(space, layer)
        assert len(set(names)) == len(names) == len(layer.choices)


@pytest.mark.parametrize("base", [None, "tpe", "random"])
def test_a_study_sees_members_only(base: str | None) -> None:
    refined = refined_by(RULES["a count"])
    bases = {"tpe": optuna.samplers.TPESampler(seed=1, n_startup_trials=4), "random": optuna.samplers.RandomSampler(1)}
    sampler = RefinedSampler(refined, seed=5, base=bases.get(base) if base else None)
    seen, rates = [], []

    def objective(trial: optuna.Trial) -> float:
        arch = sampler.suggest(trial)
        rates.append(trial.suggest_float("learning_rate", 0.001, 0.1, log=True))
        seen.append(arch)
        return float(sum(arch.encoding))

    optuna.create_study(direction="maximize", sampler=sampler).optimize(objective, n_trials=20)
    assert all(arch in refined for arch in seen)
    assert len(set(rates)) == 20


def test_draws_follow_the_preferences_and_the_seed() -> None:
    refined = refined_by("layer 0: only skip, conv3x3; layer 0: prefer conv3x3 by 2;")

    def drawn(seed: int) -> list[str]:
        study = optuna.create_study(sampler=RefinedSampler(refined, seed=seed))
        return [study.ask().relative_params["main.0"] for _ in range(200)]

    assert drawn(1) == drawn(1) != drawn(2)
    share = Counter(drawn(1))["conv3x3"] / 200
    assert share == pytest.approx(np.e**2 / (1 + np.e**2), abs=0.06)


def test_a_base_learns_from_what_was_built(tmp_path: Path) -> None:
    """With a base, the parameters that a trial keeps are those of the member that was taken."""
    refined = refined_by("layers: only conv3x3;")
    sampler = RefinedSampler(refined, base=optuna.samplers.RandomSampler(seed=1))
    study = optuna.create_study(sampler=sampler)
    trial = study.ask()
    arch = sampler.suggest(trial)
    study.tell(trial, 1.0)
    assert study.trials[0].params == parameters_of(arch)
