"""Parameters and multiply-accumulates of the built network, summed block by block from the published definitions.

Every function returns a `Cost`, (weights, multiply-accumulates for one image). Convolutions have no bias, batch
normalisation has a scale and a shift for each channel and counts no multiply-accumulates.
"""

from __future__ import annotations

from typing import NamedTuple

from lapt_dsl.compiler.space.model import Cell, Implementation, NumberRef, Space
from tests.reference import graph


class Cost(NamedTuple):
    """What a block costs."""

    params: int
    macs: int

    def plus(self, other: Cost) -> Cost:
        """The cost of both."""
        return Cost(self.params + other.params, self.macs + other.macs)


class Data(NamedTuple):
    """What flows between blocks: channels, and the height, which is the width."""

    channels: int
    size: int


NOTHING = Cost(0, 0)


def conv(source: Data, target: Data, kernel: int) -> Cost:
    """A dense convolution without a bias."""
    weights = source.channels * target.channels * kernel * kernel
    return Cost(weights, weights * target.size**2)


def conv_bn(source: Data, target: Data, kernel: int) -> Cost:
    """A convolution and batch normalisation."""
    return conv(source, target, kernel).plus(Cost(2 * target.channels, 0))


def depthwise_separable(source: Data, target: Data, kernel: int) -> Cost:
    """One filter for each channel, a 1x1 convolution and batch normalisation; dilation costs nothing (DARTS)."""
    filters = source.channels * kernel * kernel
    return Cost(filters, filters * target.size**2).plus(conv_bn(Data(source.channels, target.size), target, 1))


def factorized_reduction(source: Data, target: Data) -> Cost:
    """Two 1x1 convolutions of stride 2, each for half the channels, and batch normalisation (DARTS)."""
    half = target.channels // 2
    halves = (Data(half, target.size), Data(target.channels - half, target.size))
    return conv(source, halves[0], 1).plus(conv(source, halves[1], 1)).plus(Cost(2 * target.channels, 0))


def operator(implementation: Implementation, arguments: dict[str, int], source: Data, target: Data) -> Cost:
    """One operator of a layer, from what it reads to what it makes."""
    if implementation.name == "zero":
        return NOTHING
    if implementation.name == "identity":
        if source.size != target.size:
            return factorized_reduction(source, target)
        return NOTHING if source.channels == target.channels else conv_bn(source, target, 1)
    if implementation.name == "relu_conv_bn":
        return conv_bn(source, target, arguments["kernel"])
    if implementation.name == "dil_conv":
        return depthwise_separable(source, target, arguments["kernel"])
    if implementation.name == "sep_conv":
        between = Data(source.channels, target.size)
        first = depthwise_separable(source, between, arguments["kernel"])
        return first.plus(depthwise_separable(between, target, arguments["kernel"]))
    if implementation.name in ("avg_pool", "max_pool"):
        if source.channels == target.channels:
            return NOTHING
        return conv_bn(source, Data(target.channels, source.size), 1)  # before pooling (NAS-Bench-201)
    raise NotImplementedError(implementation.name)


def block(implementation: Implementation, source: Data) -> tuple[Cost, Data]:
    """A stem, a head or a block between cells, with what it makes."""
    given = {key: value for key, value in implementation.arguments if isinstance(value, int)}
    stride = given.get("stride", 1)
    target = Data(given.get("channels", source.channels), -(-source.size // stride))
    name = implementation.name
    if name in ("conv_bn", "relu_conv_bn"):
        return conv_bn(source, target, given["kernel"]), target
    if name in ("avg_pool", "max_pool"):
        return NOTHING, target
    if name == "residual_block":
        shortcut = NOTHING
        if stride > 1:  # average pooling first, then a convolution without normalisation
            shortcut = conv(source, target, 1)
        elif source.channels != target.channels:
            shortcut = conv_bn(source, target, 1)
        return conv_bn(source, target, 3).plus(conv_bn(target, target, 3)).plus(shortcut), target
    if name in ("bn_relu_pool_linear", "pool_linear"):
        classes = given.get("classes", 10)
        weights = source.channels * classes
        normalisation = 2 * source.channels if name == "bn_relu_pool_linear" else 0
        return Cost(weights + classes + normalisation, weights), target
    raise NotImplementedError(name)


def cell_cost(cell: Cell, chosen: graph.Chosen, inputs: list[Data], target: Data) -> tuple[Cost, Data]:
    """One instance of a cell; `target` is what its layers make. Layers that read an input change size and channels."""
    total = NOTHING
    newest = inputs[-1]
    if cell.preprocess is not None:
        prepared = Data(target.channels, newest.size)
        for given in inputs:
            if given.size == newest.size:
                total = total.plus(operator(cell.preprocess, {"kernel": 1}, given, prepared))
            else:
                total = total.plus(factorized_reduction(given, prepared))
        newest = prepared
    read_only = {node.index for node in cell.inputs}
    for layer in cell.operator_layers:
        label = chosen[layer.key]
        assert label.operator is not None
        implementation = label.operator.implementation
        arguments = {}
        for key, value in implementation.arguments:
            number = chosen[value.name].number if isinstance(value, NumberRef) else value
            assert isinstance(number, int)
            arguments[key] = number
        # A layer that may read several nodes at once is only ever built where all of them look alike.
        source = newest if label.sources and label.sources[0] in read_only else target
        for _ in range(graph.repeat_of(layer, chosen)):
            total = total.plus(operator(implementation, arguments, source, target))
            source = target
    width = max(1, len(cell.output.concat))
    return total, Data(target.channels * width, target.size)


def network(space: Space, word: tuple[int, ...]) -> Cost:
    """The default network of the space with the architecture in its cells, dead layers included."""
    built = space.networks[0]
    states = [Data(built.channels, built.size)]
    total = NOTHING
    stems = 0
    for part in built.parts:
        if part.cell is None:
            assert part.implementation is not None
            cost, made = block(part.implementation, states[-1])
            total, states = total.plus(cost), [*states, made]
            stems += part.kind == "stem"
            if stems == 1 and part.kind == "stem":
                states = [made, made]
            continue
        cell = space.cell(part.cell)
        assert cell is not None
        given = {key: value for key, value in part.arguments if isinstance(value, int)}
        chosen = graph.chosen_labels(space, cell, word)
        for _ in range(part.repeat):
            newest = states[-1]
            target = Data(given.get("channels", newest.channels), -(-newest.size // given.get("stride", 1)))
            cost, made = cell_cost(cell, chosen, states[-len(cell.inputs) :], target)
            total, states = total.plus(cost), [*states, made]
    return total


def params(space: Space, word: tuple[int, ...]) -> int:
    """Weights of the built network."""
    return network(space, word).params


def flops(space: Space, word: tuple[int, ...]) -> int:
    """Multiply-accumulates of the built network for one image."""
    return network(space, word).macs
