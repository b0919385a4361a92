"""Normalisation and random augmentation of image batches, on tensors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional

if TYPE_CHECKING:
    from lapt_dsl.evaluate.training.recipes import TrainingRecipe

RESIZED_SCALE = (0.08, 1.0)
RESIZED_RATIO = (3 / 4, 4 / 3)
"""Share of an image's area, and width by height, of a random resized crop (Szegedy et al., 2015)."""

COUNTED = 4096
"""Number of images whose pixels are counted at once: counting takes eight bytes a pixel."""


@dataclass(frozen=True, slots=True)
class Normalizer:
    """Mean and standard deviation of each channel, [1, channels, 1, 1], of pixels from 0 to 1.

    `channels` is that of the output: grey images are repeated for networks that read colours.
    """

    mean: Tensor
    deviation: Tensor
    channels: int

    @classmethod
    def of(cls, images: Tensor, channels: int) -> Normalizer:
        """The normaliser of uint8 images [N, C, H, W], the training images only."""
        # By counting, so that no float copy of all images is made, and the sums are exact.
        means, deviations = [], []
        levels = torch.arange(256, dtype=torch.float64)
        for channel in range(images.shape[1]):
            counts = torch.zeros(256, dtype=torch.float64)
            for part in torch.split(images[:, channel], COUNTED):
                counts += torch.bincount(part.flatten().long().cpu(), minlength=256)
            mean = (counts * levels).sum() / counts.sum()
            variance = (counts * (levels - mean) ** 2).sum() / counts.sum()
            means.append(mean / 255)
            deviations.append(variance.sqrt().clamp(min=1.0) / 255)
        shape = (1, images.shape[1], 1, 1)
        mean, deviation = torch.stack(means).float().view(shape), torch.stack(deviations).float().view(shape)
        return cls(mean.to(images.device), deviation.to(images.device), channels)

    def __call__(self, images: Tensor) -> Tensor:
        """Normalised float images with the given number of channels, from uint8 or from floats of 0 to 255."""
        scaled = (images.float() / 255 - self.mean) / self.deviation
        if scaled.shape[1] < self.channels:
            scaled = scaled.expand(-1, self.channels, -1, -1)
        return scaled.contiguous(memory_format=torch.channels_last)


def varied(images: Tensor, recipe: TrainingRecipe, normalize: Normalizer, draws: torch.Generator) -> Tensor:
    """A batch for training.

    Args:
        images: uint8 [B, C, H, W].
        recipe: The augmentations.
        normalize: The normalisation, applied after all augmentations but the cutout.
        draws: The random generator, on the CPU, so that the draws are equal on every device.
    """
    if recipe.resized_crop:
        images = _resized_crop(images.float(), draws)
    if recipe.crop:
        images = _crop(images, recipe.crop, draws)
    if recipe.flip:
        mirrored = torch.rand(len(images), 1, 1, 1, generator=draws).to(images.device) < 0.5
        images = torch.where(mirrored, images.flip(3), images)
    if recipe.jitter:
        images = _jitter(images.float(), recipe.jitter, draws)
    scaled = normalize(images)
    return _cutout(scaled, recipe.cutout, draws) if recipe.cutout else scaled


def _crop(images: Tensor, padding: int, draws: torch.Generator) -> Tensor:
    count, _, height, width = images.shape
    padded = functional.pad(images, [padding] * 4)
    down = torch.randint(0, 2 * padding + 1, (count, 1), generator=draws).to(images.device)
    right = torch.randint(0, 2 * padding + 1, (count, 1), generator=draws).to(images.device)
    rows = (down + torch.arange(height, device=images.device))[:, None, :, None]
    columns = (right + torch.arange(width, device=images.device))[:, None, None, :]
    image = torch.arange(count, device=images.device)[:, None, None, None]
    channel = torch.arange(images.shape[1], device=images.device)[None, :, None, None]
    cut: Tensor = padded[image, channel, rows, columns]
    return cut


def _resized_crop(images: Tensor, draws: torch.Generator) -> Tensor:
    count = len(images)
    low, high = RESIZED_SCALE
    area = low + (high - low) * torch.rand(count, generator=draws)
    narrow, wide = (torch.tensor(ratio).log() for ratio in RESIZED_RATIO)
    ratio = (narrow + (wide - narrow) * torch.rand(count, generator=draws)).exp()
    width, height = (area * ratio).sqrt().clamp(max=1), (area / ratio).sqrt().clamp(max=1)
    # An affine map from [-1, 1] onto the part: its half sides on the diagonal, its centre in the last column.
    maps = torch.zeros(count, 2, 3)
    maps[:, 0, 0], maps[:, 1, 1] = width, height
    maps[:, 0, 2] = (1 - width) * (2 * torch.rand(count, generator=draws) - 1)
    maps[:, 1, 2] = (1 - height) * (2 * torch.rand(count, generator=draws) - 1)
    grid = functional.affine_grid(maps.to(images.device), list(images.shape), align_corners=False)
    sampled: Tensor = functional.grid_sample(images, grid, padding_mode="border", align_corners=False)
    return sampled


def _jitter(images: Tensor, strength: float, draws: torch.Generator) -> Tensor:
    factors = 1 + strength * (2 * torch.rand(3, len(images), 1, 1, 1, generator=draws).to(images.device) - 1)
    brightness, contrast, saturation = factors
    images = images * brightness
    images = (images - images.mean((1, 2, 3), keepdim=True)) * contrast + images.mean((1, 2, 3), keepdim=True)
    grey = images.mean(1, keepdim=True)
    changed: Tensor = (images - grey) * saturation + grey
    return changed.clamp(0, 255)


def _cutout(images: Tensor, side: int, draws: torch.Generator) -> Tensor:
    """Blank a square around a random pixel, cut off at the borders (DeVries and Taylor, 2017)."""
    count, _, height, width = images.shape
    top = torch.randint(0, height, (count, 1), generator=draws).to(images.device) - side // 2
    left = torch.randint(0, width, (count, 1), generator=draws).to(images.device) - side // 2
    row, column = torch.arange(height, device=images.device), torch.arange(width, device=images.device)
    down = (row >= top) & (row < top + side)
    across = (column >= left) & (column < left + side)
    return images.masked_fill((down[:, :, None] & across[:, None, :])[:, None], 0.0)
