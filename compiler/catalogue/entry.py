"""The record of one implementation of the catalogue: its arguments, its exact cost and its torch class."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

Role: TypeAlias = Literal["operator", "preprocess", "stem", "body", "head"]
"""The place of an implementation: a layer's operator, the preprocessing of a cell's inputs, or a line of a network."""

Arguments: TypeAlias = Mapping[str, int | str]
"""All arguments of a call, defaults filled in."""


@dataclass(frozen=True, slots=True)
class OperatorContext:
    """Where an operator is built: channels in and out, stride, and the size (height = width) of its input in pixels."""

    c_in: int
    c_out: int
    stride: int
    size: int

    @property
    def out(self) -> int:
        """Height and width of the output: the size over the stride, rounded up."""
        return -(-self.size // self.stride)


@dataclass(frozen=True, slots=True)
class Cost:
    """Trainable parameters, and multiply-accumulates of convolutions and linear layers for one image."""

    params: int = 0
    flops: int = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.params + other.params, self.flops + other.flops)

    def __mul__(self, times: int) -> Cost:
        return Cost(self.params * times, self.flops * times)


@dataclass(frozen=True, slots=True)
class Parameter:
    """An integer argument: its least and greatest value, its default (None: must be given) and whether it is odd."""

    name: str
    low: int
    high: int
    default: int | None = None
    odd: bool = False

    def problem(self, value: object) -> str | None:
        """Why `value` cannot be this argument, or None."""
        if not isinstance(value, int) or isinstance(value, bool):
            return f"`{self.name}` must be a whole number"
        if not self.low <= value <= self.high:
            return f"`{self.name}` must be from {self.low} to {self.high}, not {value}"
        if self.odd and value % 2 == 0:
            return f"`{self.name}` must be odd, not {value}"
        return None


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One implementation of the catalogue.

    `torch_class` names its class in `torch_modules`; `cost` gives its exact cost in an `OperatorContext`, or is None
    for user code, whose cost is unknown; `fits` gives the reason why it cannot be built there, or None.
    """

    name: str
    summary: str
    torch_class: str
    parameters: tuple[Parameter, ...]
    cost: Callable[[OperatorContext, Arguments], Cost] | None
    head: bool = False
    fits: Callable[[OperatorContext, Arguments], str | None] = lambda context, arguments: None

    def parameter(self, name: str) -> Parameter | None:
        """The argument with this name, or None."""
        return next((parameter for parameter in self.parameters if parameter.name == name), None)


def convolution(c_in: int, c_out: int, kernel: int, out: int, groups: int = 1) -> Cost:
    """A bias-free square convolution that gives `out` x `out` pixels."""
    weights = c_in // groups * c_out * kernel * kernel
    return Cost(weights, weights * out * out)


def norm(channels: int) -> Cost:
    """Batch or layer norm: a scale and a shift for each channel."""
    return Cost(2 * channels)


def linear(c_in: int, c_out: int, positions: int = 1) -> Cost:
    """A linear layer with bias, applied at every position."""
    return Cost(c_in * c_out + c_out, c_in * c_out * positions)
