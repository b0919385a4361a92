"""One training from an architecture to its metrics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn.utils import convert_conv2d_weight_memory_format

from lapt_dsl.compiler.networks.shapes import layout_network
from lapt_dsl.compiler.targets.code.build import build_module
from lapt_dsl.evaluate.training.augment import Normalizer
from lapt_dsl.evaluate.training.regularize import Auxiliary, DropPath
from lapt_dsl.evaluate.training.reproducible import derived_seed, reproducible
from lapt_dsl.evaluate.training.train import TrainableNetwork, Training, TrainingLimits, accuracy

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    from lapt_dsl.compiler.networks.shapes import NetworkLayout
    from lapt_dsl.compiler.space.model import Architecture, Space
    from lapt_dsl.evaluate.data.images import ImageData
    from lapt_dsl.evaluate.data.split import Split
    from lapt_dsl.evaluate.training.checkpoint import Checkpoint
    from lapt_dsl.evaluate.training.recipes import TrainingRecipe


@dataclass(frozen=True, slots=True)
class Job:
    """The inputs of one training; `final`: train on training and validation images, and measure on the test part."""

    space: Space
    arch: Architecture
    data: ImageData
    split: Split
    recipe: TrainingRecipe
    device: str
    threads: int
    seed: int
    final: bool = False

    def run(self, limits: TrainingLimits, checkpoint: Checkpoint | None = None) -> dict[str, float]:
        """Train and measure: `valid_acc`, or `test_acc` where `final`, in percent; `train_loss`; `params`.

        Errors as for `Training.run`, and any exception of the network.
        """
        with reproducible(derived_seed(self.seed, "weights"), self.threads, self.device):
            network = self.network()
            params = sum(parameter.numel() for parameter in network.module.parameters())
            images, labels = self._part(learn=True)
            normalize = Normalizer.of(images, self._stack().image.channels.constant)
            training = Training(network, self.recipe, images, labels, normalize, self.seed)
            loss = training.run(limits, checkpoint)
            measured = accuracy(network.module, *self._part(learn=False), normalize)
        name = "test_acc" if self.final else "valid_acc"
        return {name: measured, "train_loss": loss, "params": float(params)}

    def network(self) -> TrainableNetwork:
        """The untrained network on the device. LaptError E763 where the recipe does not fit it."""
        recipe = self.recipe
        module = build_module(
            self.space, self.arch, self.data.classes, recipe.channels, recipe.depth, recipe.network, prune=False
        )
        auxiliary = None
        if recipe.auxiliary:
            auxiliary = Auxiliary(module, self._stack(), self.data.classes, min(self.data.size))
        drop_path = DropPath(module) if recipe.drop_path else None
        # Channels last: 20 to 30 % faster on the measured CPUs, and the native layout of tensor cores.
        found = TrainableNetwork(module, self.data.classes, auxiliary, drop_path)
        for part in found.parts().values():
            convert_conv2d_weight_memory_format(part.to(self.device), torch.channels_last)
        return found

    def _stack(self) -> NetworkLayout:
        recipe = self.recipe
        return layout_network(
            self.space, recipe.network, classes=self.data.classes, channels=recipe.channels, depth=recipe.depth
        )

    def _part(self, learn: bool) -> tuple[Tensor, Tensor]:
        data = self.data
        if self.final and not learn:
            return self._tensors(data.x_test, data.y_test)
        if self.final:
            rows = np.sort(np.concatenate([self.split.train, self.split.valid]))
            return self._tensors(data.x_train[rows], data.y_train[rows])
        chosen = self.split.train if learn else self.split.valid
        return self._tensors(data.x_train[chosen], data.y_train[chosen])

    def _tensors(self, images: NDArray[np.uint8], labels: NDArray[np.int64]) -> tuple[Tensor, Tensor]:
        return torch.tensor(images, device=self.device), torch.tensor(labels, device=self.device)
