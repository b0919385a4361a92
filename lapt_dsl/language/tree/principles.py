"""The typed syntax tree of principle files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from lapt_dsl.language.tree.nodes import Name, Node, Number

Position: TypeAlias = Literal["early", "middle", "late"]
PathQuantifier: TypeAlias = Literal["some", "every"]
NetworkMetric: TypeAlias = Literal["params", "flops", "depth", "live layers"]
Comparison: TypeAlias = Literal["<=", ">="]


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
    position: Position | None = None
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

    quantifier: PathQuantifier
    predicates: tuple[Predicate, ...]
    start: PlaceRef | None = None
    end: PlaceRef | None = None


@dataclass(frozen=True, slots=True)
class NetworkRule(Node):
    """`network: METRIC <= NUMBER;` or `>=`."""

    metric: NetworkMetric
    comparison: Comparison
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
