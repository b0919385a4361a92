from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import pytest

from lapt_dsl.compiler.building.library import load_space, shipped_names
from lapt_dsl.compiler.space.model import Architecture, Space
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.evaluate.analytic.evaluator import NOTICE, AnalyticEvaluator
from lapt_dsl.evaluate.conformance import check_evaluator, draw
from lapt_dsl.evaluate.evaluator import (
    Evaluation,
    Evaluator,
    Failure,
    Objective,
    Outcome,
    checked,
    fingerprint_of,
)
from lapt_dsl.evaluate.tables.evaluator import TableEvaluator
from lapt_dsl.evaluate.tables.read_table import read_table
from tests.evaluate.tables.texts import nas201_json, only, write


def table_evaluator(folder: Path) -> TableEvaluator:
    return TableEvaluator(read_table(write(folder, "small.json", nas201_json(30))))


def test_tables_conform(tmp_path: Path) -> None:
    evaluator = table_evaluator(tmp_path)
    assert isinstance(evaluator, Evaluator)
    check_evaluator(evaluator)
    check_evaluator(evaluator, list(evaluator.table))


@pytest.mark.parametrize("name", shipped_names())
def test_the_analytic_score_conforms(name: str) -> None:
    evaluator = AnalyticEvaluator(load_space(name))
    assert isinstance(evaluator, Evaluator)
    check_evaluator(evaluator, draw(evaluator.space, 5))


def test_a_table_yields_the_metric_with_its_test_metric(tmp_path: Path) -> None:
    evaluator = table_evaluator(tmp_path)
    assert evaluator.objective == Objective("val_acc_200", "higher", "validation", "test_acc_200")
    arch = next(iter(evaluator.table))
    assert evaluator.evaluate(arch) == Evaluation({"val_acc_200": 50.0, "test_acc_200": 90.0})
    missing = Architecture(evaluator.space, (4, 4, 4, 4, 4, 4))
    outcome = evaluator.evaluate(missing)
    assert isinstance(outcome, Failure)
    assert outcome.kind == "missing"
    assert str(missing) in outcome.message


def test_a_search_must_not_see_the_test_split(tmp_path: Path) -> None:
    table = table_evaluator(tmp_path).table
    for metric in ("test_acc_200", "rank"):
        with pytest.raises(LaptError) as caught:
            TableEvaluator(table, metric)
        assert only(caught.value).code == "E712"
        assert only(caught.value).hint == "choose from: val_acc_200"


def test_the_fingerprint_follows_the_content_not_the_file(tmp_path: Path) -> None:
    one = table_evaluator(tmp_path)
    (tmp_path / "sub").mkdir()
    assert table_evaluator(tmp_path / "sub").fingerprint == one.fingerprint
    other = TableEvaluator(read_table(write(tmp_path, "more.json", nas201_json(31))))
    assert other.fingerprint != one.fingerprint


def test_scores_are_turned_so_that_larger_is_better() -> None:
    evaluation = Evaluation({"loss": 2.0})
    assert Objective("loss", "lower").score(evaluation) == -2.0
    assert Objective("loss", "lower").value(-2.0) == 2.0
    assert Objective("loss", "higher").score(evaluation) == 2.0
    assert Objective("loss").reported == "loss"


def test_outcomes_that_cannot_be_compared_are_failures() -> None:
    objective = Objective("acc")
    good = Evaluation({"acc": 1.0}, 2.0)
    assert checked(good, objective) is good
    diverged = checked(Evaluation({"acc": math.nan}, 2.0), objective)
    assert isinstance(diverged, Failure)
    assert (diverged.kind, diverged.cost) == ("diverged", 2.0)
    absent = checked(Evaluation({}), objective)
    assert isinstance(absent, Failure)
    assert absent.kind == "error"


def test_the_analytic_score_is_what_the_formula_says() -> None:
    space = load_space("trans101")
    evaluator = AnalyticEvaluator(space)
    dead = evaluator.evaluate(space.parse_arch("64-41414-0_00_000"))
    # Layer 0 and 5 convolve 3x3 (log2 10 each), layer 2 skips: one path of two convolutions.
    chain = evaluator.evaluate(space.parse_arch("64-41414-3_01_003"))
    assert isinstance(dead, Evaluation)
    assert isinstance(chain, Evaluation)
    from lapt_dsl.compiler.networks.network import measure

    params = measure(space, space.parse_arch("64-41414-3_01_003"))["params"]
    assert params is not None
    expected = math.log2(2) + 2 * math.log2(10) + 2 - math.log2(1 + params / 1e6)
    assert chain.metrics["analytic_score"] == pytest.approx(expected)
    assert dead.metrics["analytic_score"] < 0
    assert "not a measurement" in NOTICE


class Liar:
    """An evaluator that breaks one promise at a time."""

    def __init__(self, lie: str) -> None:
        self.lie = lie
        self.calls = 0

    @property
    def space(self) -> Space:
        return load_space("trans101")

    @property
    def objective(self) -> Objective:
        if self.lie == "sees the test split":
            return Objective("acc", "higher", "test")
        return Objective("acc", "sideways" if self.lie == "direction" else "higher")  # type: ignore[arg-type]

    def evaluate(self, arch: Architecture) -> Outcome:
        self.calls += 1
        if arch.space != self.space and self.lie != "foreign":
            return Failure("foreign", "another space")
        values = {
            "NaN": math.nan,
            "noise": float(self.calls),
            "integer": 1,
        }
        if self.lie == "silent failure":
            return Failure("error", "")
        if self.lie == "other metric":
            return Evaluation({"accuracy": 1.0})
        return Evaluation({"acc": values.get(self.lie, 1.0)}, -1.0 if self.lie == "cost" else None)

    def describe(self) -> Mapping[str, object]:
        if self.lie == "no JSON":
            return {"kind": "liar", "space": self.space}
        if self.lie == "nameless":
            return {}
        return {"kind": "liar", "calls": self.calls if self.lie == "changing" else 0}

    @property
    def fingerprint(self) -> str:
        return "0" * 64 if self.lie == "hash" else fingerprint_of(self.describe())


def test_who_keeps_every_promise_conforms() -> None:
    check_evaluator(Liar("none"))


@pytest.mark.parametrize(
    "lie",
    [
        "sees the test split",
        "direction",
        "foreign",
        "NaN",
        "noise",
        "integer",
        "silent failure",
        "other metric",
        "cost",
        "no JSON",
        "nameless",
        "changing",
        "hash",
    ],
)
def test_the_conformance_suite_finds_every_broken_promise(lie: str) -> None:
    with pytest.raises(AssertionError):
        check_evaluator(Liar(lie))


def test_no_value_is_printed_as_minus_zero() -> None:
    objective = Objective("loss", "lower")
    assert str(objective.value(objective.score(Evaluation({"loss": 0.0})))) == "0.0"
    assert str(objective.value(0.0)) == "0.0"
