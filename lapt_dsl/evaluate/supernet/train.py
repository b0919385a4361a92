"""Training of shared weights, one architecture a step, and evaluation of architectures with them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from lapt_dsl.compiler.targets.code.supernet_source import CellChoice, supernet_choice
from lapt_dsl.evaluate.training.reproducible import derived_seed
from lapt_dsl.evaluate.training.train import TrainableNetwork, Training, accuracy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lapt_dsl.compiler.space.model import Architecture
    from lapt_dsl.evaluate.supernet.paths import SupernetPaths
    from lapt_dsl.evaluate.training.augment import Normalizer
    from lapt_dsl.evaluate.training.checkpoint import Checkpoint
    from lapt_dsl.evaluate.training.recipes import TrainingRecipe
    from lapt_dsl.evaluate.training.train import TrainingLimits

_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)


class PathNetwork(nn.Module):
    """A supernet as a function of images: it runs the architecture chosen last."""

    def __init__(self, supernet: nn.Module) -> None:
        super().__init__()
        self.supernet = supernet
        self._choice: Mapping[str, CellChoice] | None = None

    def choose(self, arch: Architecture) -> None:
        """Run this architecture from now on."""
        self._choice = supernet_choice(arch)

    def forward(self, images: Tensor) -> Tensor:
        """Logits [batch, classes] of images [batch, channels, height, width]. ValueError before a choice."""
        if self._choice is None:
            raise ValueError("no architecture was chosen")
        logits: Tensor = self.supernet(images, self._choice)
        return logits


class SupernetTraining(Training):
    """SGD on shared weights: each step draws an architecture and updates only its weights.

    Architectures of an epoch depend on the seed, the epoch and, drawn fairly, on those before it.
    """

    def __init__(
        self,
        module: PathNetwork,
        classes: int,
        recipe: TrainingRecipe,
        images: Tensor,
        labels: Tensor,
        normalize: Normalizer,
        seed: int,
        paths: SupernetPaths,
    ) -> None:
        """Prepare; arguments as for `Training`, and `paths`, which architectures are drawn."""
        super().__init__(TrainableNetwork(module, classes), recipe, images, labels, normalize, seed)
        self.module, self.paths = module, paths
        self.seconds = self.spent = 0.0
        self._started: float | None = None
        self._rng = np.random.default_rng(0)

    def run(self, limits: TrainingLimits, checkpoint: Checkpoint | None = None) -> float:
        """As `Training.run`; the final state is saved too, for later runs with the same supernet."""
        loss = super().run(limits, checkpoint)
        if self._started is not None:
            self.spent = time.monotonic() - self._started
            self.seconds += self.spent
            self._started = None
            if checkpoint is not None:
                checkpoint.save(self.recipe.epochs, self._state())
        return loss

    def _epoch(self, epoch: int, limits: TrainingLimits) -> None:
        # The clock starts with the first epoch that is trained here and not taken from a checkpoint.
        self._started = time.monotonic() if self._started is None else self._started
        self._rng = np.random.default_rng(derived_seed(self.seed, "paths", epoch))
        super()._epoch(epoch, limits)

    def _step(self, rows: Tensor, random: torch.Generator) -> Tensor:
        self.module.choose(self.paths.draw(self._rng))
        return super()._step(rows, random)

    def _state(self) -> dict[str, Any]:
        running = 0.0 if self._started is None else time.monotonic() - self._started
        return {**super()._state(), "paths": self.paths.state(), "seconds": self.seconds + running}

    def _take(self, state: dict[str, Any]) -> None:
        super()._take(state)
        self.paths.restore(state["paths"])
        self.seconds = float(state["seconds"])


@dataclass(frozen=True, slots=True)
class Trained:
    """A supernet with trained weights, and the images for the evaluation of its architectures.

    `seconds` of training in total, including earlier runs that it was resumed from; `spent`: seconds in this process.
    """

    module: PathNetwork
    normalize: Normalizer
    calibration: Sequence[Tensor]
    images: Tensor
    labels: Tensor
    loss: float
    params: int
    seconds: float
    spent: float

    def valid_accuracy(self, arch: Architecture) -> float:
        """Accuracy on the validation images in percent, by the shared weights, with recalibrated batch norms."""
        self.module.choose(arch)
        recalibrate(self.module, self.calibration, self.normalize)
        return accuracy(self.module, self.images, self.labels, self.normalize)


def recalibrate(module: nn.Module, batches: Sequence[Tensor], normalize: Normalizer) -> None:
    """Recalibrate means and variances of batch norms, as the plain average over batches of uint8 images.

    During training, all architectures update the same running statistics, which then fit none of them.
    """
    norms = [part for part in module.modules() if isinstance(part, _NORMS)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
    module.train()
    try:
        with torch.no_grad():
            for images in batches:
                module(normalize(images))
    finally:
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum
