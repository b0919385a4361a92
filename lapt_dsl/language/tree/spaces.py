"""The typed syntax tree of space files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lapt_dsl.language.tree.nodes import Name, Node
from lapt_dsl.language.tree.principles import Ranges


@dataclass(frozen=True, slots=True)
class Argument(Node):
    """`kernel=3`, or a positional string (only `torch_module("pkg:Class")`). A Name value refers to a number layer."""

    key: str | None
    value: int | str | Name


@dataclass(frozen=True, slots=True)
class Call(Node):
    """`relu_conv_bn(kernel=3)`: an implementation of the catalogue, or a cell, with arguments."""

    name: Name
    arguments: tuple[Argument, ...] = ()


@dataclass(frozen=True, slots=True)
class OperatorItem(Node):
    """`operator conv3x3 = relu_conv_bn(kernel=3) : convolution;`"""

    name: Name
    implementation: Call
    traits: tuple[Name, ...] = ()


@dataclass(frozen=True, slots=True)
class CandidatesItem(Node):
    """`candidates common = skip, conv3x3;`: a list that several layers share by name."""

    name: Name
    operators: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class Wiring(Node):
    """What a layer reads: kind `fixed` (one node), `one` (`one of {..}`), `any` (any subset), `some` (any but none)."""

    kind: Literal["fixed", "one", "any", "some"]
    nodes: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class LayerTerm(Node):
    """`layer 3 (x)`, or `depth x layer 3 (x)`: the layer repeated in sequence (an integer or a number layer's name)."""

    index: int
    wiring: Wiring
    repeat: int | Name | None = None


@dataclass(frozen=True, slots=True)
class InputsItem(Node):
    """`input x;` or `input prev2, prev1 preprocess relu_conv_bn(kernel=1);`"""

    names: tuple[Name, ...]
    preprocess: Call | None = None


@dataclass(frozen=True, slots=True)
class NodeItem(Node):
    """`node|stage|output NAME = layer 0 (x) + ...;` or `= concat(s1, s2);`

    `layers` are summed; with `concat` the named nodes are concatenated and `layers` is empty. `distinct_sources`
    (written `, distinct sources`) makes the node's layers read pairwise different sources, order not counted.
    """

    kind: Literal["node", "stage", "output"]
    name: Name
    layers: tuple[LayerTerm, ...]
    concat: tuple[Name, ...] = ()
    distinct_sources: bool = False


@dataclass(frozen=True, slots=True)
class ChooseItem(Node):
    """`layers choose A, B;`, `layers 0..2, 5 choose A;` (in `ranges`) or `layer width choose 16, 24;` (in `name`)."""

    ranges: Ranges | None
    name: Name | None
    operators: tuple[Name, ...] = ()
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceBudget(Node):
    """`at most 9 sources;`: how many sources all layers of the cell read together."""

    limit: int


@dataclass(frozen=True, slots=True)
class CellItem(Node):
    """`cell NAME { ... }`"""

    name: Name
    items: tuple[InputsItem | NodeItem | ChooseItem | SourceBudget, ...]


@dataclass(frozen=True, slots=True)
class NetworkLine(Node):
    """One line of a network: kind `image`, `stem`, `body` or `head`; `repeat` is the count of `5 x main;`."""

    kind: Literal["image", "stem", "body", "head"]
    call: Call
    repeat: int = 1


@dataclass(frozen=True, slots=True)
class NetworkItem(Node):
    """`network { ... }` (the default one) or `network imagenet { ... }`."""

    name: Name | None
    parts: tuple[NetworkLine, ...]


@dataclass(frozen=True, slots=True)
class NotationItem(Node):
    """`notation "TEMPLATE" or "TEMPLATE" where skip = "skip_connect", ...;` The first template prints, all parse."""

    templates: tuple[str, ...]
    codes: tuple[tuple[Name, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SpaceFile(Node):
    """A whole `.space` file."""

    name: Name
    description: str | None
    items: tuple[OperatorItem | CandidatesItem | CellItem | NetworkItem | NotationItem, ...]
