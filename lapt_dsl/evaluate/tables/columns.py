"""The columns of a table: which values are better, and which of them a search may use."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from lapt_dsl.evaluate.evaluator import Direction, Split

_TEST = re.compile(r"(^|[^a-z])(test|rank)([^a-z]|$)")
_COST = re.compile(
    r"(^|[^a-z])(params?|parameters|flops|macs|madds|latency|time|seconds|secs|cost|memory|size)([^a-z]|$)"
)
_LOWER = re.compile(r"(^|[^a-z])(loss|error|err|perplexity|mse|rmse|mae|rank)([^a-z]|$)")
_NEGATED = re.compile(r"(^|[^a-z])(neg|negative|minus)([^a-z]|$)")
_SPLIT_WORDS = re.compile(r"validation|valid|val|test")

_DIRECTIONS: dict[str, Direction] = {"higher": "higher", "lower": "lower"}
_SPLITS: dict[str, Split] = {"validation": "validation", "test": "test", "cost": "cost"}


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of measurements: its name, which values are better, and the split they were measured on."""

    name: str
    direction: Direction = "higher"
    split: Split = "validation"


class BadHeader(Exception):
    """A column's name is invalid; the message is shown to the user."""


def read_column(heading: str) -> TableColumn:
    """The column that a heading means: `NAME`, or `NAME:DIRECTION:SPLIT` with either part or both, in any order.

    The parts that a heading leaves out follow from its name: `test` and `rank` are the test split; `params`, `flops`,
    `latency`, `time` and the like are costs; lower is better for costs, losses, errors and ranks, unless they are
    negated (`neg_loss`).

    >>> read_column("val_acc_200")
    TableColumn(name='val_acc_200', direction='higher', split='validation')
    >>> read_column("joules:cost:lower")
    TableColumn(name='joules', direction='lower', split='cost')

    Raises:
        BadHeader: There is no name, or a part is neither a direction nor a split.
    """
    name, *parts = (part.strip() for part in heading.split(":"))
    if not name:
        raise BadHeader("has no name")
    column = guess(name)
    direction, split = column.direction, column.split
    for part in parts:
        if part in _DIRECTIONS:
            direction = _DIRECTIONS[part]
        elif part in _SPLITS:
            split = _SPLITS[part]
        else:
            raise BadHeader(f"says `{part[:40]}`, which is none of {', '.join([*_DIRECTIONS, *_SPLITS])}")
    return TableColumn(name, direction, split)


def guess(name: str) -> TableColumn:
    """The column as its name alone tells."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
    cost = _COST.search(words) is not None
    lower = (cost or _LOWER.search(words) is not None) and _NEGATED.search(words) is None
    split: Split = "test" if _TEST.search(words) else "cost" if cost else "validation"
    return TableColumn(name, "lower" if lower else "higher", split)


def partner_on_test(metric: str, columns: Iterable[TableColumn]) -> str | None:
    """The column that holds on the test split what `metric` holds on validation: the same name but for the split.

    >>> partner_on_test("val_acc_200", [TableColumn("val_acc_200"), TableColumn("test_acc_200", "higher", "test")])
    'test_acc_200'
    """
    stem = _stem(metric)
    for column in columns:
        if column.split == "test" and _stem(column.name) == stem:
            return column.name
    return None


def _stem(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", _SPLIT_WORDS.sub("", name.lower()))
