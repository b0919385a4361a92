"""The columns of a table: which values are better, and which of them a search may use."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from lapt_dsl.evaluate.evaluator import Direction, Split
from lapt_dsl.evaluate.metric_names import read_metric_name

_SPLIT_WORDS = re.compile(r"validation|valid|val|test")

_UNNAMED = re.compile(r"Unnamed: \d{1,4}(_level_\d)?", re.ASCII)

_DIRECTIONS: dict[str, Direction] = {"higher": "higher", "lower": "lower"}
_SPLITS: dict[str, Split] = {"validation": "validation", "test": "test", "cost": "cost"}


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of measurements.

    Attributes:
        name: Its name.
        direction: Which values are better; None where neither the heading nor the name decides.
        split: The split that it was measured on.
        measures: Whether it measures an architecture at all: not an index, a seed, or the spread of other columns.
    """

    name: str
    direction: Direction | None = "higher"
    split: Split = "validation"
    measures: bool = True


class BadHeader(Exception):
    """A column's name is invalid; the message is shown to the user."""


def read_column(heading: str) -> TableColumn:
    """The column that a heading means: `NAME`, or `NAME:DIRECTION:SPLIT` with either part or both, in any order.

    The parts that a heading leaves out follow from its name (`metric_names`). A name that decides nothing leaves the
    direction open.

    >>> read_column("val_acc_200").direction, read_column("joules").split, read_column("quality").direction
    ('higher', 'cost', None)
    >>> read_column("quality:lower:cost")
    TableColumn(name='quality', direction='lower', split='cost', measures=True)

    Raises:
        BadHeader: There is no name, or a part is neither a direction nor a split.
    """
    if _UNNAMED.fullmatch(heading.strip()):
        return guess(heading.strip())  # an index that pandas wrote; its colon separates nothing
    name, *parts = (part.strip() for part in heading.split(":"))
    if not name:
        raise BadHeader("has no name")
    column = guess(name)
    direction, split, measures = column.direction, column.split, column.measures
    for part in parts:
        if part in _DIRECTIONS:
            direction, measures = _DIRECTIONS[part], True
        elif part in _SPLITS:
            split = _SPLITS[part]
        else:
            raise BadHeader(f"says `{part[:40]}`, which is none of {', '.join([*_DIRECTIONS, *_SPLITS])}")
    return TableColumn(name, direction, split, measures)


def guess(name: str) -> TableColumn:
    """The column as its name alone describes it."""
    read = read_metric_name(name)
    split: Split = "validation" if read.split == "train" else read.split
    return TableColumn(name, read.direction, split, read.role != "other")


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
