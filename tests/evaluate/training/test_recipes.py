from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from lapt_dsl.compiler.building.library import load_space
from lapt_dsl.compiler.networks.shapes import layout_network
from lapt_dsl.compiler.targets.code.build import build_module
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.evaluate.evaluator import Evaluation
from lapt_dsl.evaluate.training.recipes import RECIPES, learning_rate
from lapt_dsl.evaluate.training.regularize import Auxiliary, DropPath
from tests.evaluate.data.sets import arrays
from tests.evaluate.training.small import draw, evaluator


def test_the_benchmark_papers_values() -> None:
    found = RECIPES["nas201"]
    assert (found.epochs, found.batch, found.rate, found.weight_decay) == (200, 256, 0.1, 5e-4)
    assert (found.crop, found.flip, found.nesterov) == (4, True, True)
    darts = RECIPES["darts-cifar10"]
    assert (darts.epochs, darts.batch, darts.auxiliary, darts.cutout, darts.drop_path) == (600, 96, 0.4, 16, 0.2)
    imagenet = RECIPES["darts-imagenet"]
    assert (imagenet.epochs, imagenet.smoothing, imagenet.network) == (250, 0.1, "imagenet")
    assert all(recipe.source for recipe in RECIPES.values())


def test_learning_rates_fall_as_their_papers_say() -> None:
    cosine = RECIPES["nas201"]
    assert learning_rate(cosine, 0.0) == 0.1
    assert learning_rate(cosine, 0.5) == pytest.approx(0.05)
    assert learning_rate(cosine, 1.0) == pytest.approx(0.0)
    stepped = RECIPES["darts-imagenet"]
    assert learning_rate(stepped, 10 / 250) == pytest.approx(0.1 * 0.97**10)


def darts_network(depth: int = 1) -> tuple[torch.nn.Module, object]:
    space = load_space("darts")
    torch.manual_seed(0)
    return build_module(space, draw(1, "darts")[0], 10, 8, depth), layout_network(
        space, None, classes=10, channels=8, depth=depth
    )


def test_drop_path_drops_whole_layers_of_single_images_while_training() -> None:
    network, _ = darts_network()
    dropping = DropPath(network)
    assert dropping.layers > 0
    dropping.probability, dropping.draws = 0.5, torch.Generator().manual_seed(0)
    layer = next(module for name, module in network.named_modules() if name.count(".") == 1 and module._forward_hooks)
    images = torch.randn(64, 8, 8, 8)
    network.train()
    dropped = layer(images).flatten(1).abs().sum(1) == 0
    assert 10 < int(dropped.sum()) < 54
    network.eval()
    assert int((layer(images).flatten(1).abs().sum(1) == 0).sum()) == 0


def test_the_auxiliary_classifier_reads_the_second_reduction() -> None:
    network, laid_out = darts_network(depth=2)
    auxiliary = Auxiliary(network, laid_out, 10, 32)  # type: ignore[arg-type]
    network.train()
    network(torch.randn(4, 3, 32, 32))
    assert auxiliary.logits().shape == (4, 10)
    with pytest.raises(ValueError, match="no images"):
        auxiliary.logits()


def test_a_recipe_that_does_not_fit_says_so() -> None:
    recipe = replace(RECIPES["darts-cifar10"], epochs=1, channels=4, depth=1, limit=40)
    with pytest.raises(LaptError) as error:
        evaluator(recipe, "darts")
    assert error.value.diagnostics[0].code == "E763"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["darts-cifar10", "darts-imagenet"])
def test_final_training_presets_run_for_some_steps(name: str) -> None:
    """The whole recipe, auxiliary classifier, cutout and drop path included, on few images and few cells."""
    from lapt_dsl.evaluate.data.images import checked_images
    from lapt_dsl.evaluate.training.evaluator import TrainEvaluator

    side = 32 if name == "darts-cifar10" else 160
    parts = arrays(train=24, test=8, side=side, classes=4)
    data = checked_images((parts[0], parts[1], parts[2], parts[3]), "noise", "noise", classes=4)
    recipe = replace(RECIPES[name], epochs=2, batch=4, channels=8, depth=1)
    arch = draw(1, "darts")[0]
    found = TrainEvaluator(load_space("darts"), data, recipe)
    one, again = found.evaluate(arch), found.evaluate(arch)
    assert isinstance(one, Evaluation), one
    assert isinstance(again, Evaluation)
    assert one.metrics == again.metrics
