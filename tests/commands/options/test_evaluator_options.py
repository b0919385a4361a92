from __future__ import annotations

import json
from pathlib import Path

import click
import pytest

from lapt_dsl.commands.main import run
from lapt_dsl.commands.options.evaluators import EvaluatorSelection, evaluator_spec
from lapt_dsl.evaluate.spec import KINDS


def test_kinds_and_their_arguments_are_told_apart() -> None:
    spec = evaluator_spec(EvaluatorSelection(kind="exec:./train.sh a:b"))
    assert (spec.kind, spec.options.argument) == ("exec", "./train.sh a:b")
    assert evaluator_spec(EvaluatorSelection()).kind == "analytic"
    table = evaluator_spec(EvaluatorSelection(task="val_acc"), "t.csv")
    assert (table.kind, table.options.argument, table.options.task) == ("table", "t.csv", "val_acc")
    assert table == evaluator_spec(EvaluatorSelection(kind="table:t.csv", task="val_acc"))
    for kind, file in (("table", None), ("table:t.csv", "t.csv"), ("analytic:x", None)):
        with pytest.raises(click.UsageError):
            evaluator_spec(EvaluatorSelection(kind=kind), file)


def test_principles_go_to_those_made_for_them() -> None:
    assert evaluator_spec(EvaluatorSelection(kind="supernet"), principles="p.lp").options.principles == "p.lp"
    assert evaluator_spec(EvaluatorSelection(kind="train"), principles="p.lp").options.principles is None


@pytest.mark.parametrize("kind", KINDS)
def test_every_option_is_taken_or_refused(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    takes = KINDS[kind].takes
    for option, value, field in (
        ("--recipe", "quick", "recipe"),
        ("--epochs", "3", "epochs"),
        ("--checkpoints", "here", "checkpoints"),
        ("--time-limit", "5", "time_limit"),
        ("--metric", "score", "metric"),
    ):
        if field in takes:
            continue
        table = ["--table", "none.csv"] if kind == "table" else []
        assert run(["search", "--space", "nas201", "--evaluator", kind, *table, option, value]) == 2
        assert f"{option} does not apply to --evaluator {kind}" in capsys.readouterr().err


@pytest.mark.slow
def test_a_search_that_trains_is_recorded_tested_once_and_learned_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    store = str(tmp_path / "run.db")
    trains = ["--space", "nas201", "--evaluator", "train", "--epochs", "1", "--channels", "2"]
    options = ["search", *trains, "--budget", "4", "--strategy", "random", "--store", store, "--json"]
    assert run(options) == 0
    first = json.loads(capsys.readouterr().out)
    assert set(first["final"]["metrics"]) == {"test_acc", "train_loss", "params"}
    assert first["objective"]["metric"] == "valid_acc"
    assert run([*options, "--resume"]) == 0
    assert json.loads(capsys.readouterr().out) == first
    assert run(["learn", store, "--top", "2"]) == 0
    assert "principles nas201_valid_acc for nas201" in capsys.readouterr().out
    assert run([*options[:-1], "--resume", "--epochs", "2"]) == 2
    assert "E810" in capsys.readouterr().err


def test_learning_measures_a_sample_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("scipy", reason="needs SciPy: pip install 'lapt-dsl[learn]'")
    out = tmp_path / "learned.lp"
    arguments = ["learn", "--space", "nas201", "--evaluator", "analytic", "--samples", "40", "-o", str(out)]
    assert run(arguments) == 0
    assert "learned from the 10 best on analytic_score" in capsys.readouterr().err
    first = out.read_bytes()
    assert run([*arguments, "--store", str(tmp_path / "a.db")]) == 0
    assert out.read_bytes() == first
    capsys.readouterr()
    for wrong in (
        ["learn"],
        ["learn", "table.csv", "--evaluator", "train"],
        ["learn", "--evaluator", "train", "--space", "nas201"],
        ["learn", "table.csv", "--samples", "3"],
        ["learn", "--evaluator", "analytic", "--space", "nas201", "--samples", "3", "--resume"],
    ):
        assert run(wrong) == 2
        assert "Error:" in capsys.readouterr().err
