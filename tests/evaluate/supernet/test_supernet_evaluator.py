"""The supernet as an evaluator: what it promises to a search, its faults, and going on from checkpoints."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="supernets are PyTorch modules")

from lapt_dsl.compiler.building.library import load_space  # noqa: E402
from lapt_dsl.compiler.refined.refined_space import full  # noqa: E402
from lapt_dsl.compiler.space.model import Architecture  # noqa: E402
from lapt_dsl.diagnostics.diagnostic import LaptError  # noqa: E402
from lapt_dsl.evaluate.conformance import check_evaluator  # noqa: E402
from lapt_dsl.evaluate.data.load import load_data  # noqa: E402
from lapt_dsl.evaluate.evaluator import Evaluation, Failure  # noqa: E402
from lapt_dsl.evaluate.spec import EvaluatorOptions, EvaluatorSpec  # noqa: E402
from lapt_dsl.evaluate.supernet.evaluator import SupernetEvaluator, refined_by  # noqa: E402
from lapt_dsl.evaluate.supernet.recipes import SUPERNET_RECIPES, SupernetRecipe  # noqa: E402
from lapt_dsl.evaluate.training.image_evaluator import TrainingSetup  # noqa: E402
from lapt_dsl.evaluate.training.recipes import RECIPES  # noqa: E402

DIGITS = SUPERNET_RECIPES["supernet-digits"]
TINY = replace(DIGITS, training=replace(DIGITS.training, name="tiny", epochs=2, channels=4, limit=300))
RULES = "principles p for nas201; principle a { layers: never absent; layer 5: only conv3x3, skip; }"


@pytest.fixture
def rules(tmp_path: Path) -> str:
    file = tmp_path / "p.lp"
    file.write_text(RULES)
    return str(file)


def made(
    principles: str | None, recipe: SupernetRecipe = TINY, space: str = "nas201", **options: Any
) -> SupernetEvaluator:
    return SupernetEvaluator(
        refined_by(principles, load_space(space)), load_data("digits"), recipe, TrainingSetup(**options)
    )


def draw(of: SupernetEvaluator, count: int, seed: int = 0) -> list[Architecture]:
    return list(of.refined.sample(count, np.random.default_rng(seed)))


def values(of: SupernetEvaluator, archs: list[Architecture]) -> list[float]:
    found = [of.evaluate(arch) for arch in archs]
    assert all(isinstance(outcome, Evaluation) for outcome in found), found
    return [outcome.metrics["valid_acc"] for outcome in found if isinstance(outcome, Evaluation)]


def test_it_conforms(rules: str) -> None:
    """Half of the architectures are outside the principles: failures of the kind `foreign`."""
    found = made(rules)
    check_evaluator(found, [*draw(found, 3), *full(found.space).sample(3, np.random.default_rng(0))])


def test_scores_depend_on_the_seed_alone(rules: str) -> None:
    one, again, other = made(rules), made(rules), made(rules, seed=1)
    archs = draw(one, 4)
    first = values(one, archs)
    # Neither the order nor what was judged before matters: batch norms are measured anew.
    assert values(again, archs[::-1]) == first[::-1]
    assert values(other, archs) != first
    assert one.fingerprint == again.fingerprint != other.fingerprint


@pytest.mark.slow
def test_it_learns() -> None:
    recipe = replace(TINY, training=replace(TINY.training, epochs=20, limit=None, channels=8))
    found = made(None, recipe)
    good = found.space.parse_arch(
        "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_3x3~2|"
    )
    assert values(found, [good])[0] > 50


@pytest.mark.parametrize("sampling", ["uniform", "fair"])
def test_a_training_goes_on_from_a_checkpoint(rules: str, tmp_path: Path, sampling: Any) -> None:
    from lapt_dsl.evaluate.training.checkpoint import Checkpoint
    from lapt_dsl.evaluate.training.faults import OutOfTime
    from lapt_dsl.evaluate.training.train import TrainingLimits

    recipe = replace(TINY, sampling=sampling)
    straight = made(rules, recipe)
    archs = draw(straight, 3)
    expected = values(straight, archs)
    stopped = made(rules, recipe, checkpoints=str(tmp_path))
    checkpoint = Checkpoint(tmp_path, stopped.fingerprint)

    class Stopping(Checkpoint):
        def save(self, epoch: int, state: Any) -> None:
            super().save(epoch, state)
            raise OutOfTime("killed")

    with pytest.raises(OutOfTime):
        stopped.job().run(TrainingLimits(every=0), Stopping(tmp_path, stopped.fingerprint))
    kept = checkpoint.load("cpu")
    assert kept is not None
    assert kept[0] == 1
    assert values(stopped, archs) == expected
    # The finished one is kept for others, and costs them nothing.
    kept = checkpoint.load("cpu")
    assert kept is not None
    assert kept[0] == 2
    other = made(rules, recipe, checkpoints=str(tmp_path))
    other.prepare()
    assert other.spent == 0
    assert other.accelerator_hours == stopped.accelerator_hours > 0
    assert values(other, archs) == expected


def test_the_training_is_accounted_once(rules: str) -> None:
    found = made(rules)
    one, other = draw(found, 2)
    first, second = found.evaluate(one), found.evaluate(other)
    assert isinstance(first, Evaluation)
    assert isinstance(second, Evaluation)
    assert first.cost is not None
    assert second.cost is not None
    assert first.cost > found.spent > 0
    assert second.cost < first.cost
    assert "accelerator-hours (cpu)" in found.notice
    assert found.accelerator_hours == pytest.approx(found.spent / 3600)


@pytest.mark.parametrize(
    ("code", "kind", "changes", "options"),
    [
        ("E781", "diverged", {"rate": 1e12, "clip": None}, {}),
        ("E783", "timeout", {}, {"time_limit": 1e-9}),
    ],
)
def test_a_supernet_that_fails_fails_for_all(
    rules: str, code: str, kind: str, changes: dict[str, Any], options: dict[str, Any]
) -> None:
    recipe = replace(TINY, training=replace(TINY.training, **changes))
    found = made(rules, recipe, **options)
    with pytest.raises(LaptError) as caught:
        found.prepare()
    assert [item.code for item in caught.value.diagnostics] == [code]
    for outcome in [found.evaluate(arch) for arch in draw(found, 2)]:
        assert isinstance(outcome, Failure)
        assert outcome.kind == kind
        assert outcome.message.startswith(code)


def test_memory_that_runs_out_is_said_so(rules: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from lapt_dsl.evaluate.supernet.train import SupernetTraining

    def short(*given: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(SupernetTraining, "_step", short)
    with pytest.raises(LaptError) as caught:
        made(rules).prepare()
    assert [item.code for item in caught.value.diagnostics] == ["E782"]


def test_principles_that_leave_nothing_make_no_supernet(tmp_path: Path) -> None:
    file = tmp_path / "empty.lp"
    file.write_text("principles p for nas201; principle a { layers: at least 4 skip; layers: at least 4 conv3x3; }")
    with pytest.raises(LaptError) as caught:
        made(str(file))
    assert caught.value.diagnostics[0].code == "E784"


def test_sizes_that_are_not_chosen_are_refused_at_once() -> None:
    with pytest.raises(LaptError) as caught:
        made(None, space="mobilenet")
    assert caught.value.diagnostics[0].code == "E780"


def test_options_make_it(rules: str) -> None:
    options = EvaluatorOptions(
        principles=rules, data="digits", epochs=1, channels=4, depth=2, recipe="supernet-digits-fair"
    )
    found = EvaluatorSpec("supernet", options).build(load_space("nas201"))
    assert isinstance(found, SupernetEvaluator)
    training = found.recipe.training
    assert (training.epochs, training.channels, training.depth, found.recipe.sampling) == (1, 4, 2, "fair")
    for bad, code in (({"recipe": "quick"}, "E760"), ({"epochs": 0}, "E765"), ({"time_limit": 0.0}, "E765")):
        with pytest.raises(LaptError) as caught:
            EvaluatorSpec("supernet", EvaluatorOptions(**bad)).build(load_space("nas201"))  # type: ignore[arg-type]
        assert caught.value.diagnostics[0].code == code


def test_the_final_training_is_alone(rules: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RECIPES, "digits-quick", replace(RECIPES["digits-quick"], epochs=1, channels=4, limit=300))
    found = made(rules)
    outcome = found.evaluate_on_test(draw(found, 1)[0])
    assert isinstance(outcome, Evaluation), outcome
    assert set(outcome.metrics) == {"test_acc", "train_loss", "params"}


def test_presets() -> None:
    for name, recipe in SUPERNET_RECIPES.items():
        assert recipe.name == name
        assert recipe.training.epochs == 30
        assert recipe.training.source
        assert recipe.final in RECIPES
        assert recipe.sampling == ("fair" if name.endswith("-fair") else "uniform")
    assert SUPERNET_RECIPES["supernet-imagenet"].training.network == "imagenet"


@pytest.mark.parametrize(("name", "side"), [("supernet-cifar10", 16), ("supernet-imagenet", 32)])
def test_presets_run_for_some_steps(name: str, side: int) -> None:
    from lapt_dsl.evaluate.data.images import checked_images
    from tests.evaluate.data.sets import arrays

    parts = arrays(train=24, test=8, side=side, classes=2)
    data = checked_images((parts[0], parts[1], parts[2], parts[3]), "noise", "noise", classes=2)
    preset = SUPERNET_RECIPES[name]
    training = replace(preset.training, epochs=1, batch=8, channels=4, depth=1, valid_share=0.5)
    refined = refined_by(None, load_space("darts"))
    found = SupernetEvaluator(refined, data, replace(preset, training=training, recalibration=1))
    assert isinstance(found.evaluate(draw(found, 1)[0]), Evaluation)
