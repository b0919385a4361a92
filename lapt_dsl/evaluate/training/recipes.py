"""Training recipes by name: everything that a network's accuracy depends on besides the network and the images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Literal, TypeVar

from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.diagnostics.suggestions import Suggestions

Recipe = TypeVar("Recipe")


@dataclass(frozen=True, slots=True)
class TrainingRecipe:
    """SGD with momentum on cross-entropy, with image augmentation.

    `source`: where the recipe is from. `epochs`, `batch`; `rate`: the initial learning rate, `schedule`: how it falls
    (`cosine` to 0, or `exponential` by the factor `decay` an epoch), once an epoch or, `by_batch`, with every batch;
    `weight_decay`; `smoothing` of labels; `clip`: the largest norm of the gradient, None for any.

    Images: `crop`: a random crop after padding by this number of pixels; `flip`: left and right at random;
    `resized_crop`: a random part of the image, scaled up; `jitter`: strength of random brightness, contrast and
    saturation; `cutout`: side of a square that is blanked out, 0 for none.

    `drop_path`: the probability, reached at the last epoch, with which a layer's output is dropped; `auxiliary`: weight
    of the loss of a classifier at two thirds of the depth. Networks: `network` of the space, initial `channels` and
    `depth` in cells a stage, None for the published ones; `image_size`: size to which images of folders are scaled.

    `valid_share`: share of the training part used for validation; `limit`: maximum number of its images, None for all.
    """

    name: str
    source: str
    epochs: int
    batch: int
    rate: float
    weight_decay: float
    schedule: Literal["cosine", "exponential"] = "cosine"
    decay: float = 1.0
    by_batch: bool = False
    momentum: float = 0.9
    nesterov: bool = True
    smoothing: float = 0.0
    clip: float | None = None
    crop: int = 0
    flip: bool = False
    resized_crop: bool = False
    jitter: float = 0.0
    cutout: int = 0
    drop_path: float = 0.0
    auxiliary: float = 0.0
    network: str | None = None
    channels: int | None = None
    depth: int | None = None
    image_size: int | None = None
    valid_share: float = 0.5
    limit: int | None = None

    def describe(self) -> dict[str, object]:
        """Everything that results depend on, as JSON values."""
        return {name: value for name, value in asdict(self).items() if name != "source"}


_NAS201 = TrainingRecipe(
    "nas201",
    "NAS-Bench-201 (Dong and Yang, 2020, arXiv:2001.00326), Table 1; half of CIFAR-10's training part validates",
    epochs=200, batch=256, rate=0.1, weight_decay=5e-4, crop=4, flip=True,
)  # fmt: skip
_DARTS = TrainingRecipe(
    "darts-cifar10",
    "DARTS (Liu, Simonyan and Yang, 2019, arXiv:1806.09055), evaluation on CIFAR-10: 36 channels, 20 cells",
    epochs=600, batch=96, rate=0.025, weight_decay=3e-4, nesterov=False, clip=5.0, crop=4, flip=True, cutout=16,
    drop_path=0.2, auxiliary=0.4,
)  # fmt: skip

RECIPES: dict[str, TrainingRecipe] = {
    recipe.name: recipe
    for recipe in (
        _NAS201,
        replace(
            _NAS201,
            name="nas201-12",
            source="NAS-Bench-201's 12-epoch setting: the same, the learning rate falling over 12 epochs",
            epochs=12,
        ),
        TrainingRecipe(
            "trans101",
            "TransNAS-Bench-101 (Duan et al., 2021, arXiv:2105.11871), the configuration of class_object. Left out: the"
            " jitter of hue, and the warm-up, whose length is not in the configuration",
            epochs=25, batch=128, rate=0.1, weight_decay=5e-4, by_batch=True, flip=True, jitter=0.2, image_size=256,
        ),
        _DARTS,
        replace(_DARTS, name="darts-cifar100", source="as darts-cifar10, on CIFAR-100"),
        TrainingRecipe(
            "darts-imagenet",
            "DARTS, evaluation on ImageNet (mobile setting): 48 channels, 14 cells. Left out: the jitter of hue",
            epochs=250, batch=128, rate=0.1, weight_decay=3e-5, schedule="exponential", decay=0.97, nesterov=False,
            smoothing=0.1, clip=5.0, flip=True, resized_crop=True, jitter=0.4, auxiliary=0.4, network="imagenet",
            image_size=224,
        ),
        TrainingRecipe(
            "digits-quick",
            "this project's: about a second for a network of NAS-Bench-201 on one core, for scikit-learn's digits",
            epochs=8, batch=64, rate=0.1, weight_decay=5e-4, by_batch=True, crop=1, channels=8, depth=1,
            valid_share=0.4,
        ),
        TrainingRecipe(
            "quick",
            "this project's: narrow and shallow networks on 4,000 images, minutes a network on one core",
            epochs=8, batch=64, rate=0.1, weight_decay=5e-4, by_batch=True, crop=4, flip=True, channels=8, depth=1,
            valid_share=0.4, limit=4000,
        ),
    )
}  # fmt: skip
"""The presets. Presets of papers follow them except for the parts that `source` lists as left out."""


def recipe_named(name: str) -> TrainingRecipe:
    """The preset of this name.

    Raises:
        LaptError: E760, there is none.
    """
    return find_recipe(name, RECIPES, "training")


def find_recipe(name: str, recipes: Mapping[str, Recipe], kind: str) -> Recipe:
    """The recipe of this name. LaptError E760, with the nearest name, where there is none."""
    found = recipes.get(name)
    if found is None:
        hint = Suggestions().hint(name, recipes, "recipes")
        raise LaptError.of("E760", f"there is no {kind} recipe `{name[:64]}`", "--recipe", hint=hint)
    return found


def default_recipe(data: str) -> str:
    """The default recipe of a set of images: a few seconds on the digits, else the benchmark's 12 epochs."""
    return "digits-quick" if data == "digits" else "nas201-12"


def learning_rate(recipe: TrainingRecipe, progress: float) -> float:
    """The learning rate at `progress`, the finished share of the epochs from 0 to 1.

    >>> round(learning_rate(RECIPES["nas201"], 0.5), 3)
    0.05
    """
    import math

    if recipe.schedule == "exponential":
        return recipe.rate * recipe.decay ** math.floor(progress * recipe.epochs + 1e-9)
    return recipe.rate * 0.5 * (1 + math.cos(math.pi * progress))
