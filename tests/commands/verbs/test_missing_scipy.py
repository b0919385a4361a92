"""Commands that need SciPy name its extra before they do any work. These run in a bare environment too."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from lapt_dsl.commands.main import run
from tests.search.small_tables import TINY, small_space, write_table

EXPERIMENT = "reproduce nas201 --source TABLE --target TABLE --methods random"


@pytest.fixture(autouse=True)
def _without_scipy(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None if name == "scipy" else find(name, *rest))


def assert_names_the_extra(said: str) -> None:
    assert "E832" in said
    assert "pip install 'lapt-dsl[learn]'" in said


@pytest.mark.parametrize("arguments", ["learn TABLE", "search --table TABLE", "prompt learn TABLE", EXPERIMENT])
def test_without_scipy_a_command_names_the_extra(
    arguments: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    space = tmp_path / "tiny.space"
    space.write_text(TINY, encoding="utf-8")
    table = write_table(tmp_path / "table.csv", small_space(TINY), (0,))
    assert run([*arguments.replace("TABLE", table).split(), "--space", str(space)]) == 2
    assert_names_the_extra(capsys.readouterr().err)


@pytest.mark.parametrize("proposer", ["induction", "llm"])
def test_no_sample_is_evaluated_before_the_extra_is_named(
    proposer: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = tmp_path / "run.db"
    arguments = ["learn", "--space", "nas201", "--evaluator", "analytic", "--samples", "4", "--proposer", proposer]
    assert run([*arguments, "--store", str(store)]) == 2
    shown = capsys.readouterr()
    assert_names_the_extra(shown.err)
    assert "analytic_score" not in shown.out + shown.err
    assert not store.exists()


def test_a_search_that_learns_nothing_needs_no_extra(capsys: pytest.CaptureFixture[str]) -> None:
    search = ["search", "--space", "nas201", "--evaluator", "analytic", "--budget", "3"]
    assert run([*search, "--fixed"]) == 0
    assert run([*search, "--strategy", "random"]) == 0
    assert run(search) == 2
    assert_names_the_extra(capsys.readouterr().err)


def test_no_surrogate_is_loaded_before_the_extra_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["reproduce", "darts", "--surrogate", "missing.onnx"]) == 2
    assert_names_the_extra(capsys.readouterr().err)
