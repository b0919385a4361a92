"""Every implementation of the catalogue as plain functions over named weights: slow, obvious, and written apart.

`Weights` hands out the entries of a state dict in the order the module defines them; nothing else of a module is used.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import torch
from torch import Tensor
from torch.nn import functional


class Weights:
    """The weights below a prefix, taken one after the other; `training`: whether batch norm is to use the batch."""

    def __init__(self, state: Mapping[str, Tensor], prefix: str = "", training: bool = False) -> None:
        self.training = training
        self._left = [
            value
            for name, value in state.items()
            if name.startswith(prefix) and not name.endswith("num_batches_tracked")
        ]

    def take(self) -> Tensor:
        return self._left.pop(0)

    @property
    def empty(self) -> bool:
        return not self._left


def conv(x: Tensor, w: Weights, stride: int = 1, dilation: int = 1, groups: int = 1) -> Tensor:
    weight = w.take()
    pad = dilation * (weight.shape[-1] - 1) // 2
    return functional.conv2d(x, weight, None, stride, pad, dilation, groups)


def norm(x: Tensor, w: Weights) -> Tensor:
    """Batch norm by what was seen before, or in training by the batch."""
    scale, shift, mean, variance = (w.take()[None, :, None, None] for _ in range(4))
    if w.training:
        mean = x.mean((0, 2, 3), keepdim=True)
        variance = (x - mean).square().mean((0, 2, 3), keepdim=True)
    return (x - mean) / torch.sqrt(variance + 1e-5) * scale + shift


def pool(x: Tensor, kernel: int, stride: int, largest: bool) -> Tensor:
    """Pooling, one window at a time; what lies outside the image does not count."""
    pad = kernel // 2 if kernel % 2 else 0
    rows = range(0, math.ceil(x.shape[2] / stride))
    columns = range(0, math.ceil(x.shape[3] / stride))
    found = []
    for row in rows:
        for column in columns:
            top, left = row * stride - pad, column * stride - pad
            window = x[:, :, max(top, 0) : top + kernel, max(left, 0) : left + kernel]
            found.append(window.amax((2, 3)) if largest else window.mean((2, 3)))
    return torch.stack(found, dim=2).unflatten(2, (len(rows), len(columns)))


def relu_conv_bn(x: Tensor, w: Weights, c_out: int, stride: int, kernel: int = 3, dilation: int = 1) -> Tensor:
    return norm(conv(x.clamp(min=0), w, stride, dilation), w)


def conv_bn(x: Tensor, w: Weights, c_out: int, stride: int, kernel: int = 3) -> Tensor:
    return norm(conv(x, w, stride), w)


def conv_bn_relu(x: Tensor, w: Weights, c_out: int, stride: int, kernel: int = 3) -> Tensor:
    return conv_bn(x, w, c_out, stride).clamp(min=0)


def dil_conv(x: Tensor, w: Weights, c_out: int, stride: int, kernel: int = 3, dilation: int = 2) -> Tensor:
    y = conv(x.clamp(min=0), w, stride, dilation, groups=x.shape[1])
    return norm(conv(y, w), w)


def sep_conv(x: Tensor, w: Weights, c_out: int, stride: int, kernel: int = 3) -> Tensor:
    y = norm(conv(conv(x.clamp(min=0), w, stride, groups=x.shape[1]), w), w)
    return norm(conv(conv(y.clamp(min=0), w, groups=x.shape[1]), w), w)


def factorized_reduce(x: Tensor, w: Weights, stride: int) -> Tensor:
    """Pixels (0, s, 2s, ...) through one convolution, pixels (1, s+1, ...) through another; zeros beyond the edge."""
    x = x.clamp(min=0)
    padded = torch.zeros(*x.shape[:2], x.shape[2] + 1, x.shape[3] + 1, dtype=x.dtype)
    padded[:, :, :-1, :-1] = x
    first = torch.einsum("bchw,ocij->bohw", x[:, :, ::stride, ::stride], w.take())
    second = torch.einsum("bchw,ocij->bohw", padded[:, :, 1::stride, 1::stride], w.take())
    return norm(torch.cat([first, second], dim=1), w)


def identity(x: Tensor, w: Weights, c_out: int, stride: int) -> Tensor:
    if stride > 1:
        return factorized_reduce(x, w, stride)
    return x if x.shape[1] == c_out else norm(conv(x, w), w)


def avg_pool(x: Tensor, w: Weights, c_out: int, stride: int, kernel: int = 3) -> Tensor:
    return pool(x if x.shape[1] == c_out else relu_conv_bn(x, w, c_out, 1), kernel, stride, largest=False)


def max_pool(x: Tensor, w: Weights, c_out: int, stride: int, kernel: int = 3) -> Tensor:
    return pool(x if x.shape[1] == c_out else relu_conv_bn(x, w, c_out, 1), kernel, stride, largest=True)


def zero(x: Tensor, w: Weights, c_out: int, stride: int) -> Tensor:
    size = [math.ceil(length / stride) for length in x.shape[2:]]
    return torch.zeros(x.shape[0], c_out, *size, dtype=x.dtype)


def residual_block(x: Tensor, w: Weights, c_out: int, stride: int) -> Tensor:
    y = relu_conv_bn(relu_conv_bn(x, w, c_out, stride), w, c_out, 1)
    if stride > 1:
        return y + conv(pool(x, stride, stride, largest=False), w)
    return y + (x if x.shape[1] == c_out else relu_conv_bn(x, w, c_out, 1))


def mbconv(x: Tensor, w: Weights, c_out: int, stride: int, kernel: int = 3, expansion: int = 6) -> Tensor:
    y = norm(conv(x, w), w).clamp(0, 6) if expansion > 1 else x
    y = norm(conv(y, w, stride, groups=y.shape[1]), w).clamp(0, 6)
    y = norm(conv(y, w), w)
    return x + y if stride == 1 and x.shape[1] == c_out else y


def dense(x: Tensor, w: Weights) -> Tensor:
    weight, bias = w.take(), w.take()
    return torch.einsum("bchw,oc->bohw", x, weight) + bias[None, :, None, None]


def layer_norm(x: Tensor, w: Weights) -> Tensor:
    scale, shift = (w.take()[None, :, None, None] for _ in range(2))
    centred = x - x.mean(1, keepdim=True)
    return centred / torch.sqrt(centred.square().mean(1, keepdim=True) + 1e-5) * scale + shift


def linear(x: Tensor, w: Weights, c_out: int, stride: int) -> Tensor:
    return dense(x[:, :, ::stride, ::stride], w)


def feed_forward(x: Tensor, w: Weights, c_out: int, stride: int, expansion: int = 4) -> Tensor:
    x = x[:, :, ::stride, ::stride]
    y = dense(layer_norm(x, w), w)
    y = dense(y * 0.5 * (1 + torch.erf(y / math.sqrt(2))), w)
    return x + y if x.shape[1] == c_out else y


def attention(x: Tensor, w: Weights, c_out: int, stride: int, heads: int = 4) -> Tensor:
    x = x[:, :, ::stride, ::stride]
    parts = dense(layer_norm(x, w), w).flatten(2)
    query, key, value = (part.unflatten(1, (heads, -1)) for part in parts.split(c_out, dim=1))
    scores = torch.einsum("bhdi,bhdj->bhij", query, key) / math.sqrt(c_out // heads)
    mixed = torch.einsum("bhij,bhdj->bhdi", scores.softmax(-1), value).flatten(1, 2)
    y = dense(mixed.unflatten(2, x.shape[2:]), w)
    return x + y if x.shape[1] == c_out else y


def pool_linear(x: Tensor, w: Weights, c_out: int, stride: int = 1) -> Tensor:
    return dense(x.mean((2, 3), keepdim=True), w).flatten(1)


def bn_relu_pool_linear(x: Tensor, w: Weights, c_out: int, stride: int = 1) -> Tensor:
    return pool_linear(norm(x, w).clamp(min=0), w, c_out)


REFERENCES: dict[str, Callable[..., Tensor]] = {
    function.__name__: function
    for function in (
        relu_conv_bn,
        conv_bn,
        conv_bn_relu,
        sep_conv,
        dil_conv,
        avg_pool,
        max_pool,
        identity,
        zero,
        residual_block,
        mbconv,
        linear,
        feed_forward,
        attention,
        pool_linear,
        bn_relu_pool_linear,
    )
}
