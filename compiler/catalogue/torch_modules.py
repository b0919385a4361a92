"""The PyTorch modules of the catalogue: one implementation for the library and for generated files.

The core never imports this file. `compiler.catalogue.source` reads its text and copies the
classes that a generated file needs, whole and unchanged, so every class depends on torch,
the imports below and other classes of this file alone, and no line is longer than 88
characters. Feature maps are tensors [batch, channels, height, width]; an operator is built
from `c_in`, `c_out` and `stride`, and its output has ceil(size / stride) rows and columns.
"""

from __future__ import annotations

import importlib

import torch
from torch import Tensor, nn
from torch.nn import functional


class ReLUConvBN(nn.Sequential):
    """ReLU, convolution and batch norm (NAS-Bench-201, DARTS)."""

    def __init__(
        self,
        c_in: int,
        c_out: int,
        stride: int,
        kernel: int = 3,
        dilation: int = 1,
    ) -> None:
        pad = dilation * (kernel - 1) // 2
        super().__init__(
            nn.ReLU(),
            nn.Conv2d(c_in, c_out, kernel, stride, pad, dilation, bias=False),
            nn.BatchNorm2d(c_out),
        )


class ConvBN(nn.Sequential):
    """Convolution and batch norm: the stem of NAS-Bench-201 and of DARTS."""

    def __init__(self, c_in: int, c_out: int, stride: int, kernel: int = 3) -> None:
        super().__init__(
            nn.Conv2d(c_in, c_out, kernel, stride, (kernel - 1) // 2, bias=False),
            nn.BatchNorm2d(c_out),
        )


class ConvBNReLU(nn.Sequential):
    """Convolution, batch norm and ReLU (NAS-Bench-101, MobileNet)."""

    def __init__(self, c_in: int, c_out: int, stride: int, kernel: int = 3) -> None:
        super().__init__(
            nn.Conv2d(c_in, c_out, kernel, stride, (kernel - 1) // 2, bias=False),
            nn.BatchNorm2d(c_out),
            nn.ReLU(),
        )


class DilConv(nn.Sequential):
    """Dilated depthwise-separable convolution (DARTS)."""

    def __init__(
        self,
        c_in: int,
        c_out: int,
        stride: int,
        kernel: int = 3,
        dilation: int = 2,
    ) -> None:
        pad = dilation * (kernel - 1) // 2
        super().__init__(
            nn.ReLU(),
            nn.Conv2d(c_in, c_in, kernel, stride, pad, dilation, c_in, bias=False),
            nn.Conv2d(c_in, c_out, 1, bias=False),
            nn.BatchNorm2d(c_out),
        )


class SepConv(nn.Sequential):
    """Depthwise-separable convolution, twice (DARTS); the first has the stride."""

    def __init__(self, c_in: int, c_out: int, stride: int, kernel: int = 3) -> None:
        super().__init__(
            DilConv(c_in, c_in, stride, kernel, dilation=1),
            DilConv(c_in, c_out, 1, kernel, dilation=1),
        )


class FactorizedReduce(nn.Module):
    """Two strided 1x1 convolutions, the second one pixel off, side by side (DARTS)."""

    def __init__(self, c_in: int, c_out: int, stride: int = 2) -> None:
        super().__init__()
        half = c_out // 2
        self.conv_1 = nn.Conv2d(c_in, half, 1, stride, bias=False)
        self.conv_2 = nn.Conv2d(c_in, c_out - half, 1, stride, bias=False)
        self.bn = nn.BatchNorm2d(c_out)

    def forward(self, x: Tensor) -> Tensor:
        """Halve the size; the padding only matters where the size is odd."""
        x = functional.relu(x)
        shifted = functional.pad(x, (0, 1, 0, 1))[:, :, 1:, 1:]
        y: Tensor = self.bn(torch.cat([self.conv_1(x), self.conv_2(shifted)], dim=1))
        return y


class Skip(nn.Module):
    """The identity; a factorized reduction under stride, else a projection."""

    def __init__(self, c_in: int, c_out: int, stride: int) -> None:
        super().__init__()
        self.change: nn.Module | None = None
        if stride != 1:
            self.change = FactorizedReduce(c_in, c_out, stride)
        elif c_in != c_out:
            self.change = ConvBN(c_in, c_out, 1, kernel=1)

    def forward(self, x: Tensor) -> Tensor:
        """Carry `x` on."""
        y: Tensor = x if self.change is None else self.change(x)
        return y


class AvgPool(nn.Sequential):
    """Average pooling without the padding; new channels by a ReLU-Conv-BN first."""

    def __init__(self, c_in: int, c_out: int, stride: int, kernel: int = 3) -> None:
        even = kernel % 2 == 0
        pad = 0 if even else kernel // 2
        pool = nn.AvgPool2d(kernel, stride, pad, even, count_include_pad=False)
        change = [ReLUConvBN(c_in, c_out, 1, kernel=1)] if c_in != c_out else []
        super().__init__(*change, pool)


class MaxPool(nn.Sequential):
    """Max pooling; new channels by a ReLU-Conv-BN first."""

    def __init__(self, c_in: int, c_out: int, stride: int, kernel: int = 3) -> None:
        even = kernel % 2 == 0
        pad = 0 if even else kernel // 2
        pool = nn.MaxPool2d(kernel, stride, pad, ceil_mode=even)
        change = [ReLUConvBN(c_in, c_out, 1, kernel=1)] if c_in != c_out else []
        super().__init__(*change, pool)


class Zero(nn.Module):
    """Carries nothing: zeros of the shape that any other operator would give."""

    def __init__(self, c_in: int, c_out: int, stride: int) -> None:
        super().__init__()
        self.c_out = c_out
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        """Zeros; only the shape of `x` matters."""
        batch, _, height, width = x[:, :, :: self.stride, :: self.stride].shape
        return x.new_zeros(batch, self.c_out, height, width)


class ResidualBlock(nn.Module):
    """Two 3x3 ReLU-Conv-BN and a shortcut: NAS-Bench-201 reduces with it."""

    def __init__(self, c_in: int, c_out: int, stride: int) -> None:
        super().__init__()
        self.conv_a = ReLUConvBN(c_in, c_out, stride, kernel=3)
        self.conv_b = ReLUConvBN(c_out, c_out, 1, kernel=3)
        self.shortcut: nn.Module | None = None
        if stride != 1:
            self.shortcut = nn.Sequential(
                nn.AvgPool2d(stride, stride, ceil_mode=True),
                nn.Conv2d(c_in, c_out, 1, bias=False),
            )
        elif c_in != c_out:
            self.shortcut = ReLUConvBN(c_in, c_out, 1, kernel=1)

    def forward(self, x: Tensor) -> Tensor:
        """The shortcut plus both convolutions."""
        y: Tensor = x if self.shortcut is None else self.shortcut(x)
        y = y + self.conv_b(self.conv_a(x))
        return y


class MBConv(nn.Module):
    """Inverted residual block (MobileNetV2): expand 1x1, depthwise, project 1x1."""

    def __init__(
        self,
        c_in: int,
        c_out: int,
        stride: int,
        kernel: int = 3,
        expansion: int = 6,
    ) -> None:
        super().__init__()
        wide = c_in * expansion
        layers: list[nn.Module] = []
        if expansion != 1:
            layers += [nn.Conv2d(c_in, wide, 1, bias=False), nn.BatchNorm2d(wide)]
            layers += [nn.ReLU6()]
        pad = (kernel - 1) // 2
        layers += [
            nn.Conv2d(wide, wide, kernel, stride, pad, groups=wide, bias=False),
            nn.BatchNorm2d(wide),
            nn.ReLU6(),
            nn.Conv2d(wide, c_out, 1, bias=False),
            nn.BatchNorm2d(c_out),
        ]
        self.block = nn.Sequential(*layers)
        self.residual = stride == 1 and c_in == c_out

    def forward(self, x: Tensor) -> Tensor:
        """The block, plus `x` where the shape stays."""
        y: Tensor = self.block(x)
        return x + y if self.residual else y


class PointwiseLinear(nn.Module):
    """One linear layer over the channels of every position."""

    def __init__(self, c_in: int, c_out: int, stride: int) -> None:
        super().__init__()
        self.stride = stride
        self.linear = nn.Linear(c_in, c_out)

    def forward(self, x: Tensor) -> Tensor:
        """Every `stride`-th position, through the layer."""
        x = x[:, :, :: self.stride, :: self.stride]
        y: Tensor = self.linear(x.movedim(1, -1))
        return y.movedim(-1, 1)


class FeedForward(nn.Module):
    """The transformer's two-layer perceptron with its norm and shortcut."""

    def __init__(self, c_in: int, c_out: int, stride: int, expansion: int = 4) -> None:
        super().__init__()
        self.stride = stride
        self.norm = nn.LayerNorm(c_in)
        self.widen = nn.Linear(c_in, c_in * expansion)
        self.narrow = nn.Linear(c_in * expansion, c_out)
        self.residual = c_in == c_out

    def forward(self, x: Tensor) -> Tensor:
        """Every `stride`-th position, each by itself."""
        x = x[:, :, :: self.stride, :: self.stride]
        y = self.norm(x.movedim(1, -1))
        y = self.narrow(functional.gelu(self.widen(y))).movedim(-1, 1)
        z: Tensor = x + y if self.residual else y
        return z


class Attention(nn.Module):
    """Multi-head self-attention over all positions: layer norm, attention, shortcut."""

    def __init__(self, c_in: int, c_out: int, stride: int, heads: int = 4) -> None:
        super().__init__()
        self.stride = stride
        self.heads = heads
        self.norm = nn.LayerNorm(c_in)
        self.query_key_value = nn.Linear(c_in, 3 * c_out)
        self.project = nn.Linear(c_out, c_out)
        self.residual = c_in == c_out

    def forward(self, x: Tensor) -> Tensor:
        """Every `stride`-th position attends to all of them."""
        x = x[:, :, :: self.stride, :: self.stride]
        height, width = x.shape[2:]
        y = self.query_key_value(self.norm(x.flatten(2).transpose(1, 2)))
        query, key, value = y.unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        y = functional.scaled_dot_product_attention(query, key, value)
        y = self.project(y.transpose(1, 2).flatten(2))
        y = y.transpose(1, 2).unflatten(2, (height, width))
        z: Tensor = x + y if self.residual else y
        return z


class PoolLinear(nn.Sequential):
    """Global average pooling and a linear classifier."""

    def __init__(self, c_in: int, classes: int) -> None:
        super().__init__(
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(c_in, classes),
        )


class BNReLUPoolLinear(nn.Sequential):
    """Batch norm, ReLU, global pooling, linear classifier (NAS-Bench-201)."""

    def __init__(self, c_in: int, classes: int) -> None:
        super().__init__(
            nn.BatchNorm2d(c_in),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(c_in, classes),
        )


def user_module(
    path: str,
    c_in: int,
    c_out: int,
    stride: int,
    **arguments: int | str,
) -> nn.Module:
    """Build the user's own class at `path`, written `package.module:Class`."""
    module, _, name = path.partition(":")
    build = getattr(importlib.import_module(module), name)
    built = build(c_in, c_out, stride, **arguments)
    if not isinstance(built, nn.Module):
        raise TypeError(f"{path} built a {type(built).__name__}, not an nn.Module")
    return built
