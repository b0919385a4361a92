from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lapt_dsl.compiler.building.library import load_space
from lapt_dsl.compiler.space.model import Architecture
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.evaluate.tables.columns import BadHeader, TableColumn, guess, partner_on_test, read_column
from lapt_dsl.evaluate.tables.table import Table
from tests.effort import examples

SPACE = load_space("trans101")
COLUMNS = (TableColumn("acc"), TableColumn("loss", "lower"), TableColumn("acc_test", "higher", "test"))


def table_of(values: list[float]) -> Table:
    """Rows in reverse order, so that sorting shows."""
    encodings = [(0, 0, 0, row // 16, row // 4 % 4, row % 4) for row in range(len(values))][::-1]
    return Table(SPACE, COLUMNS, encodings, [values[::-1], values[::-1], values[::-1]])


@examples(50)
@given(st.lists(st.sampled_from([0.0, 0.5, 1.0, 2.0]), min_size=1, max_size=40), st.floats(-1, 3))
def test_ranks_and_tops_are_those_of_a_plain_search(values: list[float], asked: float) -> None:
    table = table_of(values)
    assert table.rank("acc", asked) == 1 + sum(value > asked for value in values)
    assert table.rank("loss", asked) == 1 + sum(value < asked for value in values)
    for metric, sign in (("acc", -1), ("loss", 1)):
        order = sorted(range(len(values)), key=lambda row: (sign * values[row], row))
        found = table.top(5, metric)
        assert [value for _, value in found] == [values[row] for row in order[:5]]
        assert [table.index[arch.encoding] for arch, _ in found] == order[:5]
        assert table.best(metric) == found[0]


def test_rows_stand_in_canonical_order_and_are_found_by_architecture() -> None:
    table = table_of([1.0, 2.0, 3.0])
    assert [arch.encoding[-1] for arch in table] == [0, 1, 2]
    assert table.values("acc") == [1.0, 2.0, 3.0]
    assert table.array("acc").dtype == np.float64
    assert [table.value(arch, "acc") for arch in table] == [1.0, 2.0, 3.0]
    other = Architecture(load_space("nas201"), (0, 0, 0, 0, 0, 0))
    assert other not in table
    assert table.value(other, "acc") is None
    assert table.top(-1, "acc") == []
    assert len(table.top(99, "acc")) == 3


def test_coverage_is_exact() -> None:
    assert table_of([1.0, 2.0]).coverage == Fraction(2, 4096)


def test_the_digest_is_of_the_content() -> None:
    table = table_of([1.0, 2.0])
    encodings = table.encodings()
    columns = [table.values(column.name) for column in COLUMNS]
    assert Table(SPACE, COLUMNS, encodings, columns, "elsewhere.csv").digest == table.digest
    assert table_of([1.0, 2.5]).digest != table.digest


def test_an_unknown_metric_is_told_the_nearest() -> None:
    with pytest.raises(LaptError) as caught:
        table_of([1.0]).values("acc_tset")
    assert caught.value.diagnostics[0].code == "E712"
    assert caught.value.diagnostics[0].hint == "did you mean `acc_test`?"


@pytest.mark.parametrize(
    ("heading", "direction", "split"),
    [
        ("val_acc_200", "higher", "validation"),
        ("test_acc_200", "higher", "test"),
        ("rank", "lower", "test"),
        ("params", "lower", "cost"),
        ("flops (M)", "lower", "cost"),
        ("train_time", "lower", "cost"),
        ("trainTime", "lower", "cost"),
        ("valid_loss", "lower", "validation"),
        ("neg_loss", "higher", "validation"),
        ("room_layout", "higher", "validation"),
        ("testacc", "higher", "test"),
        ("testing_acc", "higher", "test"),
        ("testerr", "lower", "test"),
        ("latest", None, "validation"),
        ("quality", None, "validation"),
        ("joules:cost:lower", "lower", "cost"),
        ("score : lower", "lower", "validation"),
    ],
)
def test_headings(heading: str, direction: str | None, split: str) -> None:
    column = read_column(heading)
    assert (column.direction, column.split) == (direction, split)


@pytest.mark.parametrize("heading", ["", ":lower", "acc:sideways"])
def test_headings_that_say_nothing(heading: str) -> None:
    with pytest.raises(BadHeader):
        read_column(heading)


@pytest.mark.parametrize(
    ("metric", "others", "partner"),
    [
        ("val_acc_200", ["test_acc_200", "rank"], "test_acc_200"),
        ("jigsaw", ["class_object_test", "jigsaw_test"], "jigsaw_test"),
        ("valid-accuracy", ["test-accuracy"], "test-accuracy"),
        ("val_acc_12", ["test_acc_200"], None),
        ("val_acc", [], None),
    ],
)
def test_partners_on_the_test_split(metric: str, others: list[str], partner: str | None) -> None:
    assert partner_on_test(metric, [TableColumn(metric), *map(guess, others)]) == partner
