"""The constraint IR: what a principle file means over the levels of one space, with every name resolved.

A constraint denotes a set of words (`And`, `Or`, `Not` compose sets), and a `Weight` a factor on words. Label sets are
frozensets of label numbers of one level (see `compiler.model`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from lapt_dsl.language.tree.principles import NetworkMetric, PathQuantifier

LabelSet: TypeAlias = frozenset[int]


@dataclass(frozen=True, slots=True)
class Allowed:
    """Every listed level's label is in its set (`only`, `never`, `reads only`, `never reads`)."""

    labels: tuple[tuple[int, LabelSet], ...]


@dataclass(frozen=True, slots=True)
class CountConstraint:
    """How many of the listed levels carry a label of their set: `low <= count`, and `count <= high` unless None."""

    labels: tuple[tuple[int, LabelSet], ...]
    low: int
    high: int | None


@dataclass(frozen=True, slots=True)
class AgreementConstraint:
    """The listed levels' operators agree, or differ pairwise where `distinct`.

    `classes` gives per level a tuple over its labels: the class of the label (an operator's number in the space, or a
    number layer's number), or None where the level is not selected when it carries that label (`layers from x`).
    """

    classes: tuple[tuple[int, tuple[int | None, ...]], ...]
    distinct: bool


@dataclass(frozen=True, slots=True)
class OnPath:
    """`predicates` hold on the layers of some (or every) live path from node `start` to node `end` of a cell.

    A path is a sequence of layers that carry data, each reading the node before and feeding the node after; a layer
    whose operator is absent carries nothing; a `concat` node continues from each of its parts. `start` None means any
    input. `every` holds where there is no path. All `predicates` hold on the same path. Their sets speak of *path
    symbols*, a label together with the one source the path takes: symbol `label * len(cell.nodes) + index of the
    source node`. A level that a predicate does not list is neutral to it. The `classes` of an `AgreementConstraint` are
    indexed by path symbol too.
    """

    cell: str
    quantifier: PathQuantifier
    start: int | None
    end: int
    predicates: tuple[Allowed | CountConstraint | AgreementConstraint, ...]


@dataclass(frozen=True, slots=True)
class Bound:
    """`low <= metric <= high` on the built default network (either may be None)."""

    metric: NetworkMetric
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class And:
    """All parts hold; the empty `And` is the whole space."""

    parts: tuple[Constraint, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one part holds; the empty `Or` is the empty set."""

    parts: tuple[Constraint, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Constraint


Constraint: TypeAlias = Allowed | CountConstraint | AgreementConstraint | OnPath | Bound | And | Or | Not


@dataclass(frozen=True, slots=True)
class Weight:
    """Log weights: for each listed level a tuple over its labels; a word's weight is e to the sum over all levels."""

    logs: tuple[tuple[int, tuple[float, ...]], ...]
