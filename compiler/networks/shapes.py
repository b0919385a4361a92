"""Shape inference: the lines of a network in order, with channels and size of every tensor between them.

Channels may depend on number layers (`stage1(channels=width)`), so they are linear forms over decisions. Sizes do not
depend on choices, because strides are constants of the space file. Tensor 0 is the image, tensor i + 1 the output of
part i.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from lapt_dsl.compiler import catalogue
from lapt_dsl.compiler.space.model import Cell, Implementation, Network, NetworkPart, NumberRef, Space, Value
from lapt_dsl.diagnostics.diagnostic import LaptError

_RATIO_LIMIT = 64


@dataclass(frozen=True, slots=True)
class Channels:
    """A number of channels: a constant plus a sum of coefficient times number of a decision, decisions ascending."""

    constant: int
    terms: tuple[tuple[int, int], ...] = ()

    def __add__(self, other: Channels) -> Channels:
        totals = dict(self.terms)
        for decision, coefficient in other.terms:
            totals[decision] = totals.get(decision, 0) + coefficient
        return Channels(self.constant + other.constant, tuple(sorted(totals.items())))

    @property
    def decisions(self) -> frozenset[int]:
        """The decisions of the number layers it depends on."""
        return frozenset(decision for decision, _ in self.terms)

    def at(self, numbers: Mapping[int, int]) -> int:
        """Its value where decision `l` chose `numbers[l]`."""
        return self.constant + sum(coefficient * numbers[decision] for decision, coefficient in self.terms)


@dataclass(frozen=True, slots=True)
class Shape:
    """Channels, and height = width in pixels."""

    channels: Channels
    size: int


@dataclass(frozen=True, slots=True)
class NetworkBlock:
    """A network line that builds one implementation. A head's output channels are its classes, its size is 1."""

    implementation: Implementation
    head: bool
    source: int
    input: Shape
    output: Shape
    stride: int


@dataclass(frozen=True, slots=True)
class Instance:
    """One instance of a cell.

    `sources` are the tensors its inputs read, `inputs` their shapes, `ratios` by how much the preprocessing reduces
    each, `size` the size of the inputs after it, `channels` what every operator layer gives.
    """

    cell: Cell
    sources: tuple[int, ...]
    inputs: tuple[Shape, ...]
    ratios: tuple[int, ...]
    size: int
    channels: Channels
    stride: int

    @property
    def output(self) -> Shape:
        """Shape of the cell's output."""
        return Shape(self.node_channels(self.cell.output.index), -(-self.size // self.stride))

    def node_channels(self, index: int) -> Channels:
        """Channels of a node: an input's own (the cell's where inputs are preprocessed), a concatenation's sum."""
        node = self.cell.nodes[index]
        if node.kind == "input":
            return self.channels if self.cell.preprocess is not None else self.inputs[index].channels
        if node.concat:
            total = Channels(0)
            for part in node.concat:
                total = total + self.node_channels(part)
            return total
        return self.channels

    def reading(self, sources: tuple[int, ...]) -> tuple[Channels, int, int]:
        """Channels, stride and input size of a layer that reads these nodes; the stride applies to cell inputs.

        Raises:
            LaptError: The nodes differ in channels or in size, so they cannot be added.
        """
        nodes = [self.cell.nodes[index] for index in sources]
        strides = {self.stride if node.kind == "input" else 1 for node in nodes}
        channels = {self.node_channels(index) for index in sources}
        if len(strides) > 1 or len(channels) > 1:
            names = " and ".join(node.name for node in nodes)
            raise ShapeError(f"a layer of cell `{self.cell.name}` may read {names} together, whose shapes differ")
        stride = strides.pop()
        return channels.pop(), stride, self.size if nodes[0].kind == "input" else self.output.size


Part: TypeAlias = NetworkBlock | Instance


@dataclass(frozen=True, slots=True)
class NetworkLayout:
    """A network, line by line. `scale` is the ratio (numerator, denominator) that all channels were multiplied by."""

    image: Shape
    parts: tuple[Part, ...]
    scale: tuple[int, int] = (1, 1)

    @property
    def instances(self) -> tuple[Instance, ...]:
        """The cells in stacking order."""
        return tuple(part for part in self.parts if isinstance(part, Instance))


DEPTH_LIMIT = 1_000
"""The largest number of cells in place of the published one; it keeps a generated file below some megabytes."""


class ShapeError(Exception):
    """The shapes of two parts of a network do not fit; the message names them, and `hint` says what to do."""

    def __init__(
        self, message: str, hint: str = "change the network, or give the inputs of the cell a `preprocess`"
    ) -> None:
        super().__init__(message)
        self.hint = hint


def find_network(space: Space, name: str | None) -> Network:
    """The network called `name`, the default one for None. LaptError (E141) if there is none."""
    if not space.networks:
        message = f"space `{space.name}` has no network"
        raise LaptError.of("E141", message, space.span, hint="add `network { ... }` to the space file")
    if name is None:
        return space.networks[0]
    for network in space.networks:
        if network.name == name:
            return network
    from lapt_dsl.diagnostics.suggestions import Suggestions

    hint = Suggestions().hint(name, [network.name for network in space.networks], "networks")
    message = f"space `{space.name}` has no network `{name[:64]}`"
    raise LaptError.of("E141", message, space.span, hint=hint)


def layout_network(
    space: Space,
    network: str | None = None,
    *,
    classes: int | None = None,
    channels: int | None = None,
    depth: int | None = None,
) -> NetworkLayout:
    """The layout of a network: its parts with the shapes between them.

    Args:
        space: The space.
        network: Name of the network; None is the default one.
        classes: Outputs of the head; None is the published number.
        channels: Initial channels, those of the first cell or of the stem's end, whichever are fewer; all others are
            scaled in proportion. None is the published number.
        depth: How many cells stand for each `N x cell` with N > 1; None is the published number.

    Raises:
        LaptError: The network does not exist, or its parts do not fit.
    """
    chosen = find_network(space, network)
    try:
        return _lay_out(chosen, {cell.name: cell for cell in space.cells}, classes, channels, depth)
    except ShapeError as error:
        raise shape_error(space, chosen.name, error) from None


def shape_error(space: Space, network: str, error: ShapeError) -> LaptError:
    """An error as an error at the space."""
    message = f"network `{network}` of space `{space.name}` cannot be built: {error}"
    return LaptError.of("E140", message, space.span, hint=error.hint)


def _lay_out(
    network: Network, cells: Mapping[str, Cell], classes: int | None, channels: int | None, depth: int | None
) -> NetworkLayout:
    limit = catalogue.CHANNELS_LIMIT
    for name, value, most in (
        ("classes", classes, limit),
        ("channels", channels, limit),
        ("depth", depth, DEPTH_LIMIT),
    ):
        if value is not None and not 1 <= value <= most:
            raise ShapeError(f"{name} must be from 1 to {most}, not {value}", hint="give a number within these limits")
    scale = (1, 1)
    if channels is not None:
        base = _initial_channels(_lay_out(network, cells, None, None, 1))
        scale = (channels, base)
    image = Shape(Channels(network.channels), network.size)
    shapes = [image]
    parts: list[Part] = []
    for line in network.parts:
        repeat = line.repeat if depth is None or line.repeat == 1 else depth
        for _ in range(repeat):
            part: Part
            if line.cell is not None:
                part = _instance(cells[line.cell], line, shapes, scale)
            else:
                part = _block(line, shapes, scale, classes)
            parts.append(part)
            shapes.append(part.output)
    return NetworkLayout(image, tuple(parts), scale)


def _initial_channels(plain: NetworkLayout) -> int:
    found = [cell.channels for cell in plain.instances[:1] if not cell.channels.terms]
    if plain.instances:
        stem = plain.parts[: plain.parts.index(plain.instances[0])]
        found += [part.output.channels for part in stem[-1:]]
    return min((form.constant for form in found), default=plain.image.channels.constant)


def scaled(value: int, scale: tuple[int, int]) -> int:
    """A number of channels times a ratio, rounded to the nearest, at least 1."""
    numerator, denominator = scale
    return max(1, (2 * value * numerator + denominator) // (2 * denominator))


def _block(line: NetworkPart, shapes: list[Shape], scale: tuple[int, int], classes: int | None) -> NetworkBlock:
    implementation = line.implementation
    assert implementation is not None, "a network line is a cell or an implementation"
    problem = catalogue.check(implementation, line.kind)
    if problem is not None:
        raise ShapeError(problem)
    arguments = {**dict(implementation.arguments), **dict(line.arguments)}
    source = shapes[-1]
    if line.kind == "head":
        outputs = classes if classes is not None else catalogue.resolve(implementation, {})["classes"]
        assert isinstance(outputs, int), "checked by the catalogue"
        return NetworkBlock(implementation, True, len(shapes) - 1, source, Shape(Channels(outputs), 1), 1)
    stride = _number(arguments.get("stride", 1))
    wide = source.channels
    if "channels" in arguments:
        wide = Channels(scaled(_number(arguments["channels"]), scale))
    output = Shape(wide, -(-source.size // stride))
    return NetworkBlock(implementation, False, len(shapes) - 1, source, output, stride)


def _instance(cell: Cell, line: NetworkPart, shapes: list[Shape], scale: tuple[int, int]) -> Instance:
    arguments = dict(line.arguments)
    for name in arguments:
        if name not in ("channels", "stride"):
            raise ShapeError(f"a cell takes `channels` and `stride`, not `{name[:64]}`")
    stride = _number(arguments.get("stride", 1))
    mixed = any(cell.nodes[part].kind == "input" for node in cell.nodes for part in node.concat)
    if stride > 1 and mixed:
        raise ShapeError(f"cell `{cell.name}` concatenates an input, so it cannot have stride {stride}")
    # The first cell reads the image only if the network has no stem.
    first = 1 if len(shapes) > 1 else 0
    count = len(cell.inputs)
    sources = tuple(max(first, len(shapes) - count + i) for i in range(count))
    inputs = tuple(shapes[source] for source in sources)
    size = min(shape.size for shape in inputs)
    ratios = tuple(_ratio(cell, shape.size, size) for shape in inputs)
    wide = inputs[-1].channels
    given = arguments.get("channels")
    if isinstance(given, NumberRef):
        layer = cell.layer(given.name)
        if layer is None:
            raise ShapeError(f"cell `{cell.name}` has no number layer `{given.name}`")
        wide = Channels(0, ((layer.decision, 1),))
    elif given is not None:
        wide = Channels(scaled(_number(given), scale))
    return Instance(cell, sources, inputs, ratios, size, wide, stride)


def _ratio(cell: Cell, size: int, target: int) -> int:
    for ratio in range(1, _RATIO_LIMIT):
        if -(-size // ratio) == target:
            if ratio > 1 and cell.preprocess is None:
                raise ShapeError(f"the inputs of cell `{cell.name}` differ in size ({size} and {target})")
            return ratio
    raise ShapeError(f"an input of cell `{cell.name}` cannot be reduced from {size} to {target}")


def _number(value: Value | NumberRef) -> int:
    if not isinstance(value, int) or not 1 <= value <= catalogue.CHANNELS_LIMIT:
        raise ShapeError(f"`channels` and `stride` must be whole numbers from 1 to {catalogue.CHANNELS_LIMIT}")
    return value
