"""One training of a supernet, from a refined space to shared weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch.nn.utils import convert_conv2d_weight_memory_format

from lapt_dsl.compiler.networks.shapes import layout_network
from lapt_dsl.compiler.targets.code.build import build_supernet
from lapt_dsl.evaluate.supernet.paths import paths_of
from lapt_dsl.evaluate.supernet.train import PathNetwork, SupernetTraining, Trained
from lapt_dsl.evaluate.training.augment import Normalizer
from lapt_dsl.evaluate.training.reproducible import derived_seed, draws, reproducible

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from lapt_dsl.compiler.refined.refined_space import RefinedSpace
    from lapt_dsl.evaluate.data.images import ImageData
    from lapt_dsl.evaluate.data.split import Split
    from lapt_dsl.evaluate.supernet.recipes import SupernetRecipe
    from lapt_dsl.evaluate.training.checkpoint import Checkpoint
    from lapt_dsl.evaluate.training.train import TrainingLimits


@dataclass(frozen=True, slots=True)
class SupernetJob:
    """The inputs of one training."""

    refined: RefinedSpace
    data: ImageData
    split: Split
    recipe: SupernetRecipe
    device: str
    threads: int
    seed: int

    def run(self, limits: TrainingLimits, checkpoint: Checkpoint | None = None) -> Trained:
        """Train, or load a checkpoint. Errors as for `Training.run`, and any exception of the network."""
        recipe = self.recipe.training
        with reproducible(derived_seed(self.seed, "weights"), self.threads, self.device):
            module = self.network()
            images, labels = self._tensors(self.split.train)
            laid_out = layout_network(self.refined.space, recipe.network, channels=recipe.channels, depth=recipe.depth)
            normalize = Normalizer.of(images, laid_out.image.channels.constant)
            paths = paths_of(self.refined, self.recipe.sampling)
            training = SupernetTraining(module, self.data.classes, recipe, images, labels, normalize, self.seed, paths)
            loss = training.run(limits, checkpoint)
        rows = torch.randperm(len(images), generator=draws(self.seed, "recalibration"))
        batches = [part for part in torch.split(rows, recipe.batch) if len(part) > 1][: self.recipe.recalibration]
        calibration = [images[part.to(images.device)] for part in batches]
        params = sum(parameter.numel() for parameter in module.parameters())
        seconds, spent = training.seconds, training.spent
        return Trained(module, normalize, calibration, *self._tensors(self.split.valid), loss, params, seconds, spent)

    def network(self) -> PathNetwork:
        """The untrained supernet on the device."""
        recipe = self.recipe.training
        supernet = build_supernet(self.refined, self.data.classes, recipe.channels, recipe.depth, recipe.network)
        module = PathNetwork(supernet)
        convert_conv2d_weight_memory_format(module.to(self.device), torch.channels_last)
        return module

    def _tensors(self, rows: NDArray[np.int64]) -> tuple[Tensor, Tensor]:
        images, labels = self.data.x_train[rows], self.data.y_train[rows]
        return torch.tensor(images, device=self.device), torch.tensor(labels, device=self.device)
