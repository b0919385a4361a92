"""The common part of the evaluators that train networks on images."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lapt_dsl.compiler.networks.shapes import layout_network
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.evaluate.base import BaseEvaluator
from lapt_dsl.evaluate.data.split import split
from lapt_dsl.evaluate.evaluator import Objective

if TYPE_CHECKING:
    from lapt_dsl.compiler.networks.shapes import NetworkLayout
    from lapt_dsl.compiler.space.model import Space
    from lapt_dsl.evaluate.data.images import ImageData
    from lapt_dsl.evaluate.spec import EvaluatorOptions
    from lapt_dsl.evaluate.training.recipes import TrainingRecipe

DEFAULT_DATA = "digits"


@dataclass(frozen=True, slots=True)
class TrainingSetup:
    """How and where a network is trained, beside its recipe.

    `device`: `cpu` or `cuda`; `seed` of weights, batches and variations; `threads` of the CPU: results depend on it in
    the last digits, so it is fixed and described; `checkpoints`: a directory for unfinished trainings, None for none;
    `time_limit`: seconds for one training, None for no limit.
    """

    device: str = "cpu"
    seed: int = 0
    threads: int = 1
    checkpoints: str | None = None
    time_limit: float | None = None

    @classmethod
    def of_options(cls, options: EvaluatorOptions) -> TrainingSetup:
        """The setup that options ask for.

        Raises:
            LaptError: E764, there is no such device; E765, the time limit is not above 0.
        """
        if options.time_limit is not None and not options.time_limit > 0:
            raise LaptError.of("E765", f"a time limit must be above 0 s, not {options.time_limit:g}", "--time-limit")
        device = available_device(options.device)
        return cls(device, options.seed, options.threads, options.checkpoints, options.time_limit)


class ImageEvaluator(BaseEvaluator):
    """Holds the images, their split and the setup of trainings; its objective is the validation accuracy.

    The validation images are split off the training part (`lapt_dsl.evaluate.data.split`) and are the same for every
    architecture and seed.
    """

    def __init__(self, space: Space, data: ImageData, recipe: TrainingRecipe, setup: TrainingSetup) -> None:
        """Split the images and lay out the network.

        Args:
            space: The space; it needs a network.
            data: The images.
            recipe: How to train, with the size of the networks.
            setup: The device, the seed and the limits.

        Raises:
            LaptError: E140, E141, the network cannot be built; E758, a class has too few images.
        """
        # No test metric: evaluations never touch the test part.
        super().__init__(space, Objective("valid_acc"))
        self._data, self._setup = data, setup
        # An error in the layout is reported before the first architecture is evaluated.
        self._layout: NetworkLayout = layout_network(
            space, recipe.network, classes=data.classes, channels=recipe.channels, depth=recipe.depth
        )
        self._split = split(data, recipe.valid_share, recipe.limit)

    @property
    def data(self) -> ImageData:
        """The images."""
        return self._data

    def _description(self, kind: str, version: int, **more: object) -> dict[str, object]:
        """Everything that results of a training depend on, and `more`."""
        import torch

        setup, found = self._setup, self._split
        return {
            "kind": kind,
            "version": version,
            "deterministic": setup.device == "cpu",
            "space": self.space.digest,
            "data": self._data.describe(),
            "split": {"train": len(found.train), "valid": len(found.valid), "repeated": found.repeated},
            "device": setup.device,
            "threads": setup.threads,
            "seed": setup.seed,
            "time_limit": setup.time_limit,
            "torch": torch.__version__,
            **more,
        }


def resized(recipe: TrainingRecipe, options: EvaluatorOptions) -> TrainingRecipe:
    """A recipe with the epochs, channels and depth that options give in place of its own.

    Raises:
        LaptError: E765, one of them is below 1.
    """
    for name in ("epochs", "channels", "depth"):
        value = getattr(options, name)
        if value is None:
            continue
        if value < 1:
            raise LaptError.of("E765", f"`{name}` must be at least 1, not {value}", f"--{name}")
        recipe = replace(recipe, **{name: value})
    return recipe


def available_device(name: str) -> str:
    """`cpu` or `cuda` for `auto`, else the named device.

    Raises:
        LaptError: E764, there is no such device.
    """
    import torch

    has_cuda = torch.cuda.is_available()
    if name == "auto":
        return "cuda" if has_cuda else "cpu"
    if name not in ("cpu", "cuda"):
        raise LaptError.of("E764", f"there is no device `{name[:64]}`", "--device", hint="cpu, cuda or auto")
    if name == "cuda" and not has_cuda:
        raise LaptError.of("E764", "torch finds no CUDA device here", "--device", hint="use --device auto or cpu")
    return name
