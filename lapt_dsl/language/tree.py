"""The typed syntax trees of both languages.

A tree says what a text says and nothing more: names are not resolved here. Every node carries the `span` it was read
from and the comments that belong to it; neither takes part in equality, so `parse(print(tree)) == tree`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from lapt_dsl.language.span import NOWHERE, Span


@dataclass(frozen=True, slots=True)
class Comments:
    """The comments attached to a node, each as written with its `//`.

    `above`: whole lines above it ("" is a blank line that the author left); `beside`: the rest of its own line, which
    for a block is the line of its `{`; `inside_end`: lines before its `}` (or the end of a principle file);
    `after_end`: the rest of the line of its `}`; `below`: lines after the last `}` of a space file.
    """

    above: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    inside_end: tuple[str, ...] = ()
    after_end: tuple[str, ...] = ()
    below: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """What every tree node has: its place and its comments."""

    span: Span = field(default=NOWHERE, compare=False, repr=False)
    comments: Comments = field(default=Comments(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Name(Node):
    """An identifier as written."""

    text: str


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A number as written, e.g. `3`, `0.5`, `1.3M`; `compiler` gives it a value (k, M, G are powers of 1,000)."""

    text: str


# --- principle files ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PlaceRef(Node):
    """A place where data is: `input 0`, `stage 2`, `output`, `previous stage`, or a node by name."""

    kind: Literal["name", "input", "stage", "output", "previous"]
    name: str | None = None
    index: int | None = None


@dataclass(frozen=True, slots=True)
class OperatorAtom(Node):
    """One entry of an operator list: a name (operator or trait), `any`, a number, or a range of numbers `16..32`."""

    kind: Literal["name", "any", "number", "range"]
    name: str | None = None
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class Operators(Node):
    """A set of operators: the union of `include` without the union of `exclude` (`A, B except C`)."""

    include: tuple[OperatorAtom, ...]
    exclude: tuple[OperatorAtom, ...] = ()


@dataclass(frozen=True, slots=True)
class Ranges(Node):
    """A list of indices and inclusive index ranges, `0..2, 5`; a single index is `(5, 5)`."""

    items: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Selector(Node):
    """A set of layers of a cell.

    kind `all`: `layers`; `position`: `early|middle|late layers` (in `position`); `layers`: `layer 3` or
    `layers 0..2, 5` (in `ranges`); `named`: `layer width` (number layers, in `names`); `into`/`from`: `layers into b`
    (in `place`); `each_stage`; `stages`: `stage 2` or `stages 1, 3..4` (in `ranges`).
    """

    kind: Literal["all", "position", "layers", "named", "into", "from", "each_stage", "stages"]
    position: Literal["early", "middle", "late"] | None = None
    ranges: Ranges | None = None
    names: tuple[Name, ...] = ()
    place: PlaceRef | None = None


@dataclass(frozen=True, slots=True)
class Only(Node):
    """`only OPS`, or `never OPS` where `negated`."""

    operators: Operators
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Count(Node):
    """`at least k OPS`, `at most k OPS`, `exactly k OPS`."""

    bound: Literal["at least", "at most", "exactly"]
    count: int
    operators: Operators


@dataclass(frozen=True, slots=True)
class Agree(Node):
    """`same operator`, or `distinct operators` where `distinct`."""

    distinct: bool = False


@dataclass(frozen=True, slots=True)
class Reads(Node):
    """`reads SOURCES` (some), `reads only SOURCES` (all), `never reads SOURCES` (none)."""

    quantifier: Literal["some", "only", "never"]
    places: tuple[PlaceRef, ...]


Predicate: TypeAlias = Only | Count | Agree | Reads


@dataclass(frozen=True, slots=True)
class LayerRule(Node):
    """`SELECTOR: PREDICATE;`"""

    selector: Selector
    predicate: Predicate


@dataclass(frozen=True, slots=True)
class PathRule(Node):
    """`some|every path [from A to B]: PREDICATE [and PREDICATE]...;`"""

    quantifier: Literal["some", "every"]
    predicates: tuple[Predicate, ...]
    start: PlaceRef | None = None
    end: PlaceRef | None = None


@dataclass(frozen=True, slots=True)
class NetworkRule(Node):
    """`network: METRIC <= NUMBER;` or `>=`."""

    metric: Literal["params", "flops", "depth", "live layers"]
    comparison: Literal["<=", ">="]
    limit: Number


@dataclass(frozen=True, slots=True)
class IfRule(Node):
    """`if RULE then RULE` (each rule carries its own `;`)."""

    condition: Rule
    consequence: Rule


@dataclass(frozen=True, slots=True)
class OneOf(Node):
    """`one of { RULE... }`: at least one holds."""

    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class InCells(Node):
    """`in CELL, CELL { STATEMENT... }`: the statements speak of those cells only."""

    cells: tuple[Name, ...]
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Prefer(Node):
    """`SELECTOR: prefer OPS [over OPS] [by w];`

    Per selected layer: an operator in `operators` multiplies the sampling weight by e^w, one in `over` by e^-w.
    `weight` is 1 when not written.
    """

    selector: Selector
    operators: Operators
    over: Operators | None = None
    weight: Number | None = None


Rule: TypeAlias = LayerRule | PathRule | NetworkRule | IfRule | OneOf | InCells
Statement: TypeAlias = Rule | Prefer


@dataclass(frozen=True, slots=True)
class Evidence(Node):
    """`evidence 34 of 50`: the principle holds in `count` of `total` architectures it was learned from."""

    count: int
    total: int


@dataclass(frozen=True, slots=True)
class Principle(Node):
    """A named principle: a sentence for people and a body for the compiler."""

    name: Name
    description: str | None
    evidence: Evidence | None
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Extends(Node):
    """`extends "general.lp";`, relative to the file that says it."""

    path: str


@dataclass(frozen=True, slots=True)
class Drop(Node):
    """`drop NAME;`: leave an inherited principle out."""

    name: Name


@dataclass(frozen=True, slots=True)
class PrincipleFile(Node):
    """A whole `.lp` file. `space` is None for `for any`."""

    name: Name
    space: Name | None
    items: tuple[Extends | Drop | Principle, ...]


# --- space files --------------------------------------------------------------------------------------------------


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
    """`input x;` or `input prev2, prev1 through relu_conv_bn(kernel=1);`"""

    names: tuple[Name, ...]
    through: Call | None = None


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
class NetworkPart(Node):
    """One line of a network: kind `image`, `stem`, `body` or `head`; `repeat` is the count of `5 x main;`."""

    kind: Literal["image", "stem", "body", "head"]
    call: Call
    repeat: int = 1


@dataclass(frozen=True, slots=True)
class NetworkItem(Node):
    """`network { ... }` (the default one) or `network imagenet { ... }`."""

    name: Name | None
    parts: tuple[NetworkPart, ...]


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


File: TypeAlias = PrincipleFile | SpaceFile
