"""A search space, resolved: cells, nodes, layers with their candidates, and architectures as encodings over them.

An architecture assigns every layer i an operator from C_i and its sources from S_i (LAPT, equations 1 to 3). Here a
layer's *choice* is the pair (operator, sources); the layers of all cells in order are the *decisions*, and the
*encoding* of an architecture is the tuple of its choices by number. Number layers (`layer width choose 16, 24;`) are
decisions too: their choice carries a number and reads nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, Protocol

from lapt_dsl.compiler.space import displays
from lapt_dsl.diagnostics.span import NOWHERE, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import networkx as nx

Value = int | str


@dataclass(frozen=True, slots=True)
class NumberRef:
    """An argument that takes its value from a number layer of the same cell."""

    name: str


@dataclass(frozen=True, slots=True)
class Implementation:
    """A call into the catalogue: its name and arguments, e.g. `relu_conv_bn(kernel=3)`."""

    name: str
    arguments: tuple[tuple[str, Value | NumberRef], ...] = ()

    def get(self, key: str, default: Value | NumberRef | None = None) -> Value | NumberRef | None:
        """The argument called `key`, or `default`."""
        return dict(self.arguments).get(key, default)


@dataclass(frozen=True, slots=True, repr=False)
class Operator:
    """A named operator of the space, its implementation and traits."""

    name: str
    implementation: Implementation
    traits: frozenset[str] = frozenset()

    @property
    def absent(self) -> bool:
        """Whether a layer with this operator passes no data on."""
        return "absent" in self.traits

    def __repr__(self) -> str:
        return f"<Operator {self.name}>"


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice of a layer: an operator (or a number) and the indices of the nodes it reads, ascending."""

    operator: Operator | None
    number: int | None
    sources: tuple[int, ...]


@dataclass(frozen=True, repr=False)
class Layer:
    """A decision of a cell.

    `decision`: position in the encoding over all cells; `key`: index in the cell (operator layers, from 0) or its
    name (number layers); `target`: index of the node it feeds, or None for a number layer; `wiring`: as in the space
    file; `source_options`: for `fixed` and `one` the readable nodes, for `any` and `some` the nodes of the subsets;
    `choices`: operator-major, sources in the order of the options (subsets by binary value, first option lowest bit);
    `repeat`: how often the layer is repeated in sequence.
    """

    cell: str
    decision: int
    key: int | str
    target: int | None
    wiring: Literal["fixed", "one", "any", "some", "none"]
    source_options: tuple[int, ...]
    choices: tuple[Choice, ...]
    repeat: int | NumberRef = 1

    def __repr__(self) -> str:
        return f"<Layer {self.key} of {self.cell}>"

    @property
    def is_number(self) -> bool:
        """Whether the layer chooses a number rather than an operator."""
        return isinstance(self.key, str)

    @cached_property
    def operators(self) -> tuple[Operator, ...]:
        """The candidates C_i in order, each once (empty for a number layer)."""
        return tuple(dict.fromkeys(choice.operator for choice in self.choices if choice.operator is not None))


@dataclass(frozen=True, slots=True)
class CellNode:
    """A node of a cell.

    kind `input`, `node`, `stage` or `output`; `layers`: keys of the layers summed into it; `concat`: indices of the
    nodes concatenated into it; `distinct_sources`: its layers read pairwise different sources, ascending.
    """

    index: int
    name: str
    kind: Literal["input", "node", "stage", "output"]
    layers: tuple[int, ...] = ()
    concat: tuple[int, ...] = ()
    distinct_sources: bool = False


@dataclass(frozen=True, repr=False)
class Cell:
    """A cell: nodes in topological order (inputs first, the output last) and its layers in decision order.

    Number layers come before operator layers. `preprocess` is the preprocessing of every input, if any;
    `source_budget` bounds how many sources all layers read together.
    """

    name: str
    nodes: tuple[CellNode, ...]
    layers: tuple[Layer, ...]
    preprocess: Implementation | None = None
    source_budget: int | None = None

    def __repr__(self) -> str:
        return f"<Cell {self.name}: {len(self.layers)} layers>"

    @cached_property
    def operator_layers(self) -> tuple[Layer, ...]:
        """Layers that choose operators, in order of their index."""
        return tuple(layer for layer in self.layers if not layer.is_number)

    @cached_property
    def number_layers(self) -> tuple[Layer, ...]:
        """Layers that choose numbers."""
        return tuple(layer for layer in self.layers if layer.is_number)

    @cached_property
    def inputs(self) -> tuple[CellNode, ...]:
        """The input nodes; `input 0` is the first."""
        return tuple(node for node in self.nodes if node.kind == "input")

    @cached_property
    def stages(self) -> tuple[CellNode, ...]:
        """The nodes declared as stages; `stage 1` is the first."""
        return tuple(node for node in self.nodes if node.kind == "stage")

    @cached_property
    def sorted_stages(self) -> tuple[tuple[int, ...], ...]:
        """The decisions of every group of layers with distinct sources, which an encoding holds in ascending order."""
        return tuple(
            tuple(layer.decision for layer in self.operator_layers if layer.key in node.layers)
            for node in self.nodes
            if node.distinct_sources
        )

    @property
    def output(self) -> CellNode:
        """The output node."""
        return self.nodes[-1]

    def layer(self, key: int | str) -> Layer | None:
        """The layer with this index or name, or None."""
        return self._by_key.get(key)

    def node(self, name: str) -> CellNode | None:
        """The node with this name, or None."""
        return next((node for node in self.nodes if node.name == name), None)

    @cached_property
    def _by_key(self) -> dict[int | str, Layer]:
        return {layer.key: layer for layer in self.layers}


@dataclass(frozen=True, slots=True)
class NetworkPart:
    """One line of a network: `repeat` instances of a cell (`cell`), or one catalogue block (`implementation`)."""

    kind: Literal["stem", "body", "head"]
    repeat: int
    cell: str | None
    implementation: Implementation | None
    arguments: tuple[tuple[str, Value | NumberRef], ...] = ()


@dataclass(frozen=True, slots=True)
class Network:
    """A network: image, stem, cells and blocks, head. `channels` and `size` are those of the image (height = width)."""

    name: str
    channels: int
    size: int
    parts: tuple[NetworkPart, ...]


class ArchitectureCodec(Protocol):
    """Architectures of one space as text, both ways."""

    @property
    def writer(self) -> tuple[str, tuple[tuple[int, tuple[str, ...]], ...]]:
        """For generated code: a `%` format, and per field a decision with a text per choice."""
        ...

    def parse(self, text: str) -> Architecture:
        """Read an architecture in any of the space's notations. Raises LaptError (E601 to E607)."""
        ...

    def format(self, arch: Architecture) -> str:
        """Write an architecture in the first notation. Raises LaptError (E606)."""
        ...

    def example(self) -> str:
        """An architecture of the space as text."""
        ...

    def reads(self, text: str) -> bool:
        """Whether the notation itself reads a text, white space aside."""
        ...


@dataclass(frozen=True, repr=False)
class Space:
    """A resolved search space.

    `notation` holds the templates (the first prints) and `codes` maps operator and node names to the benchmark's own.
    `digest` is the SHA-256 of the canonical text of the space file; two spaces with one digest are the same space.
    `make_codec` compiles the notation; the builder of the space passes it in, which avoids a module cycle.
    """

    name: str
    description: str | None
    operators: tuple[Operator, ...]
    cells: tuple[Cell, ...]
    networks: tuple[Network, ...]
    notation: tuple[str, ...]
    codes: dict[str, str]
    digest: str
    make_codec: Callable[[Space], ArchitectureCodec]
    span: Span = NOWHERE

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """Every layer of every cell; `layers[i].decision == i`."""
        return tuple(layer for cell in self.cells for layer in cell.layers)

    @cached_property
    def traits(self) -> frozenset[str]:
        """The traits of all operators."""
        return frozenset().union(*(operator.traits for operator in self.operators))

    def cell(self, name: str) -> Cell | None:
        """The cell with this name, or None."""
        return next((cell for cell in self.cells if cell.name == name), None)

    def operator(self, name: str) -> Operator | None:
        """The operator with this name, or None."""
        return next((operator for operator in self.operators if operator.name == name), None)

    @cached_property
    def codec(self) -> ArchitectureCodec:
        """The compiled notation, made when the first architecture is read or written."""
        return self.make_codec(self)

    def parse_arch(self, text: str) -> Architecture:
        """Read an architecture written in any of the space's notations; LaptError says what is wrong and where."""
        return self.codec.parse(text)

    def format_arch(self, arch: Architecture) -> str:
        """Write an architecture in the space's first notation; the inverse of `parse_arch`."""
        return self.codec.format(arch)

    def __hash__(self) -> int:
        return hash(self.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Space) and self.digest == other.digest

    def __repr__(self) -> str:
        return f"<Space {self.name}: {self.description or ', '.join(cell.name for cell in self.cells)}>"

    def _repr_html_(self) -> str:
        return displays.html(self)


class Architecture:
    """A point of a space: the number of a choice for each decision. A value: hashable, ordered, immutable."""

    __slots__ = ("encoding", "space")

    space: Space
    encoding: tuple[int, ...]

    def __init__(self, space: Space, encoding: tuple[int, ...]) -> None:
        object.__setattr__(self, "space", space)
        object.__setattr__(self, "encoding", encoding)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("an Architecture cannot be changed")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Architecture) and self.encoding == other.encoding and self.space == other.space

    def __lt__(self, other: Architecture) -> bool:
        return self.encoding < other.encoding

    def __hash__(self) -> int:
        return hash(self.encoding)

    def __str__(self) -> str:
        return self.space.format_arch(self)

    def __repr__(self) -> str:
        return f"Architecture({self.space.name!r}, {str(self)!r})"

    def __reduce__(self) -> tuple[type[Architecture], tuple[Space, tuple[int, ...]]]:
        return (Architecture, (self.space, self.encoding))

    def to_networkx(self, cell: str | None = None) -> nx.MultiDiGraph:
        """One cell as a NetworkX graph; see `views.graphs.cell_graph`."""
        return displays.graph(self, cell)

    def _repr_html_(self) -> str:
        return displays.html(self)

    def choices(self) -> Iterator[tuple[Layer, Choice]]:
        """Every layer with its choice, in the order of the decisions."""
        for layer, number in zip(self.space.layers, self.encoding, strict=True):
            yield layer, layer.choices[number]
