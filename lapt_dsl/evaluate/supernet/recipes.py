"""Recipes of supernets by name: how shared weights are trained, and how the best architecture is trained alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from lapt_dsl.evaluate.training.recipes import TrainingRecipe, find_recipe

Sampling = Literal["uniform", "fair"]
FAIR = "-fair"


@dataclass(frozen=True, slots=True)
class SupernetRecipe:
    """`training` of the shared weights; `sampling` of the architecture of each step (see `paths`).

    `recalibration`: batches of training images on which batch norms are recalibrated for each architecture;
    `final`: the recipe (`evaluate.training.recipes`) by which the best architecture is trained alone.
    """

    training: TrainingRecipe
    final: str
    sampling: Sampling = "uniform"
    recalibration: int = 20

    @property
    def name(self) -> str:
        """The preset's name."""
        return self.training.name

    def describe(self) -> dict[str, object]:
        """Everything that scores depend on, as JSON values."""
        return {"training": self.training.describe(), "sampling": self.sampling, "recalibration": self.recalibration}


_PLAIN = (
    SupernetRecipe(
        TrainingRecipe(
            "supernet-cifar10",
            "30 epochs, cosine, one architecture a step as LAPT (AAAI 2025, arXiv:2408.11330) trains its supernet; all"
            " else as DARTS (arXiv:1806.09055) trains its own in the search: 16 channels, 8 cells, half of the training"
            " part validates. The rate falls to 0, not to 0.001",
            epochs=30, batch=64, rate=0.025, weight_decay=3e-4, nesterov=False, clip=5.0, crop=4, flip=True,
            channels=16, depth=2,
        ),
        final="darts-cifar10",
    ),
    SupernetRecipe(
        TrainingRecipe(
            "supernet-imagenet",
            "as supernet-cifar10, with the images of DARTS's evaluation on ImageNet; a tenth of the training part"
            " validates",
            epochs=30, batch=128, rate=0.1, weight_decay=3e-5, nesterov=False, smoothing=0.1, clip=5.0, flip=True,
            resized_crop=True, jitter=0.4, network="imagenet", channels=16, depth=2, image_size=224, valid_share=0.1,
        ),
        final="darts-imagenet",
    ),
    SupernetRecipe(
        TrainingRecipe(
            "supernet-nas201",
            "30 epochs with batch, rate and images of NAS-Bench-201 (arXiv:2001.00326), 16 channels, 5 cells a stage",
            epochs=30, batch=256, rate=0.1, weight_decay=5e-4, clip=5.0, crop=4, flip=True,
        ),
        final="nas201",
    ),
    SupernetRecipe(
        TrainingRecipe(
            "supernet-digits",
            "this project's: half a minute on one core, for scikit-learn's digits",
            epochs=30, batch=64, rate=0.1, weight_decay=5e-4, by_batch=True, clip=5.0, crop=1, channels=8, depth=1,
            valid_share=0.4,
        ),
        final="digits-quick",
        recalibration=8,
    ),
    SupernetRecipe(
        TrainingRecipe(
            "supernet-quick",
            "this project's: narrow and shallow, on 4,000 images, some minutes on one core",
            epochs=30, batch=64, rate=0.1, weight_decay=5e-4, by_batch=True, clip=5.0, crop=4, flip=True, channels=8,
            depth=1, valid_share=0.4, limit=4000,
        ),
        final="quick",
        recalibration=8,
    ),
)  # fmt: skip

SUPERNET_RECIPES: dict[str, SupernetRecipe] = {
    recipe.name: recipe
    for plain in _PLAIN
    for recipe in (
        plain,
        replace(
            plain,
            training=replace(plain.training, name=plain.name + FAIR, source=f"{plain.training.source}; fair sampling"),
            sampling="fair",
        ),
    )
}
"""The presets; each also with fair sampling, as `NAME-fair`."""


def supernet_recipe_named(name: str) -> SupernetRecipe:
    """The preset of this name.

    Raises:
        LaptError: E760, there is none.
    """
    return find_recipe(name, SUPERNET_RECIPES, "supernet")


def default_supernet_recipe(data: str) -> str:
    """The default recipe of a set of images."""
    return "supernet-digits" if data == "digits" else "supernet-cifar10"
