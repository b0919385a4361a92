"""Drop path and the auxiliary classifier of DARTS, added to a generated network by hooks.

The code of the network does not change. Layers are found by their names in the generated code.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from lapt_dsl.compiler.networks.shapes import Instance
from lapt_dsl.diagnostics.diagnostic import LaptError

if TYPE_CHECKING:
    from lapt_dsl.compiler.networks.shapes import NetworkLayout

AUXILIARY_SIDE = 5
"""The first pooling of the auxiliary classifier reads 5 x 5 pixels."""


class DropPath:
    """Drops the outputs of layers at random during training, for each image separately (Larsson et al., 2017; DARTS).

    Set `probability` and the random generator `draws` before every epoch. As in DARTS, a layer that returns its input
    unchanged is never dropped.
    """

    def __init__(self, network: nn.Module) -> None:
        self.probability = 0.0
        self.draws: torch.Generator | None = None
        self.layers = 0
        for cell in _cells(network).values():
            for name, layer in cell.named_children():
                if name.startswith("layer_") and not _is_identity(layer):
                    layer.register_forward_hook(self._drop)
                    self.layers += 1

    def _drop(self, layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
        if not layer.training or self.probability <= 0:
            return output
        keep = 1 - self.probability
        kept = torch.rand(len(output), 1, 1, 1, generator=self.draws) < keep
        return output * (kept.to(output.device, output.dtype) / keep)


class Auxiliary(nn.Module):
    """An additional classifier on the cell at two thirds of the depth, used during training (DARTS)."""

    def __init__(self, network: nn.Module, laid_out: NetworkLayout, classes: int, size: int) -> None:
        """Attach to a network.

        Args:
            network: A generated network, built from `laid_out`.
            laid_out: Its layout.
            classes: Number of classes.
            size: Height and width of the images.

        Raises:
            LaptError: E763, as for `check_auxiliary`.
        """
        super().__init__()
        place = check_auxiliary(laid_out, size)
        with torch.no_grad():
            shape = _shape_after(network, f"cell_{place}", laid_out.image.channels.constant, size)
        channels, side = shape[1], min(shape[2], shape[3])
        # The stride leaves 2 x 2: 3 of 8 pixels on CIFAR, 2 of 7 on ImageNet, as published.
        stride = 3 if side >= AUXILIARY_SIDE + 3 else 2 if side >= AUXILIARY_SIDE + 2 else 1
        self.classify = nn.Sequential(
            nn.ReLU(),
            nn.AvgPool2d(AUXILIARY_SIDE, stride, count_include_pad=False),
            nn.Conv2d(channels, 128, 1, bias=False),
            nn.BatchNorm2d(128),
            nn.ReLU(),
            nn.Conv2d(128, 768, 2, padding=0 if side >= AUXILIARY_SIDE + stride else 1, bias=False),
            nn.BatchNorm2d(768),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(768, classes),
        )
        self._read: Tensor | None = None
        _cells(network)[f"cell_{place}"].register_forward_hook(self._keep)

    def _keep(self, cell: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        self._read = output if cell.training else None

    def logits(self) -> Tensor:
        """Logits [batch, classes] of the last batch that the network read in training. Each batch can be read once."""
        if self._read is None:
            raise ValueError("the network has read no images")
        read, self._read = self._read, None
        logits: Tensor = self.classify(read)
        return logits


def check_auxiliary(laid_out: NetworkLayout, size: int) -> int:
    """The index of the network part that an auxiliary classifier reads.

    Args:
        laid_out: The network.
        size: Height and width of the images.

    Raises:
        LaptError: E763, that cell has fewer than 5 x 5 pixels, or the network has no cells.
    """
    cells = [i for i, part in enumerate(laid_out.parts) if isinstance(part, Instance)]
    if not cells:
        message = "an auxiliary classifier needs cells, and this network has none"
        raise LaptError.of("E763", message, "--recipe", hint="choose a recipe without it")
    place = cells[2 * len(cells) // 3]
    # The reduction of an image by the preceding parts does not depend on its size.
    reduction = laid_out.image.size / laid_out.parts[place].output.size
    side = math.ceil(size / reduction)
    if side < AUXILIARY_SIDE:
        least = f"{AUXILIARY_SIDE} x {AUXILIARY_SIDE}"
        message = f"the auxiliary classifier needs {least} pixels, and its cell has {side} x {side}"
        raise LaptError.of("E763", message, "--recipe", hint="use larger images, or a recipe without it")
    return place


def _cells(network: nn.Module) -> dict[str, nn.Module]:
    return {name: cell for name, cell in network.named_children() if name.startswith("cell_")}


def _is_identity(layer: nn.Module) -> bool:
    """Whether a layer returns its input unchanged: it has no parameters and no computation."""
    return not any(True for _ in layer.parameters()) and type(layer).__name__ in ("Skip", "Identity")


def _shape_after(network: nn.Module, name: str, channels: int, size: int) -> tuple[int, ...]:
    shapes: list[tuple[int, ...]] = []
    hook = _cells(network)[name].register_forward_hook(lambda cell, inputs, output: shapes.append(tuple(output.shape)))
    training = network.training
    network.eval()
    network(torch.zeros(1, channels, size, size))
    network.train(training)
    hook.remove()
    return shapes[0]
