"""`lapt search`, `lapt history` and `lapt reproduce` as a person runs them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lapt_dsl.commands.main import run
from tests.search.small_tables import TINY, small_evaluator, small_space, write_table
from tests.search.trivial_proposer import Trivial

pytest.importorskip("scipy", reason="needs SciPy: pip install 'lapt-dsl[learn]'")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("tiny.space").write_text(TINY, encoding="utf-8")
    write_table(Path("table.csv"), small_space(TINY), (0, 1, 2))
    Path("base.lp").write_text("principles base for tiny;\nprinciple few { layer 2: never none; }\n", encoding="utf-8")
    Path("mine.lp").write_text(
        'principles mine for tiny;\nextends "base.lp";\nprinciple first { layer 0: never none; }\n', encoding="utf-8"
    )
    return tmp_path


SEARCH = ["search", "--space", "tiny.space", "--table", "table.csv", "--task", "task1", "--budget", "8", "--fixed"]


def said(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> tuple[str, str]:
    assert run(arguments) == code
    out, err = capsys.readouterr()
    return out, err


def values(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    return json.loads(said(capsys, *arguments, "--json")[0])


def test_a_search_stays_inside_the_principles_it_is_given(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = values(capsys, *SEARCH, "--principles", "mine.lp")
    assert found["evaluated"] == 8
    assert found["principles"] == [{"name": "00-learn.lp", "kind": "learn", "step": 0, "size": "12"}]
    space = small_space(TINY)
    for evaluation in found["evaluations"]:
        labels = space.parse_arch(evaluation["architecture"]).encoding
        assert labels[0] != 0
        assert labels[2] != 0
    assert found["best"]["metrics"]["task1"] == max(each["score"] for each in found["evaluations"])


def test_progress_is_plain_lines_on_standard_error(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, err = said(capsys, *SEARCH, "--principles", "mine.lp")
    assert out.startswith("best of 8, evaluation ")
    assert "principles 00-learn.lp, 12 architectures" in err
    assert "task1" in err
    assert "\x1b" not in err


@pytest.mark.parametrize("strategy", ["evolution", "random", "local", "replay", "box"])
def test_every_strategy_is_a_command(strategy: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [*SEARCH, "--strategy", strategy, "--source", "table.csv", "--source-task", "task2"]
    found = values(capsys, *arguments)
    assert found["strategy"] == strategy
    assert found["evaluated"] == 8
    assert values(capsys, *arguments) == found


def test_a_store_is_continued_and_read(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = values(capsys, *SEARCH, "--principles", "mine.lp", "--store", "run.db")
    _, err = said(capsys, *SEARCH, "--principles", "mine.lp", "--store", "run.db", code=2)
    assert "E802" in err
    again = values(capsys, *SEARCH, "--principles", "mine.lp", "--store", "run.db", "--resume")
    assert again == first
    _, err = said(capsys, *SEARCH, "--seed", "1", "--store", "run.db", "--resume", code=2)
    assert "E810" in err
    history = values(capsys, "history", "run.db", "--space", "tiny.space")
    assert [(file["name"], file["size"], file["gone"], file["new"]) for file in history["files"]] == [
        ("00-learn.lp", "12", "15", "0")
    ]
    assert {change["principle"] for change in history["files"][0]["changes"]} == {"few", "first"}


def test_history_reads_as_a_diff(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from lapt_dsl.compiler.refined.refined_space import full
    from lapt_dsl.propose.archive import Archive
    from lapt_dsl.search.run.session import Search, run_search
    from lapt_dsl.search.settings import Settings

    space = small_space(TINY)
    archive = Archive(space, "made up", [(arch, float(sum(arch.encoding))) for arch in full(space)]).top(6)
    proposer = Trivial(space)
    chosen = Settings(archive=6, keep=3, iterations=3, population=3, tournament=2, budget=18)
    text = proposer.learn(archive)
    search = Search(small_evaluator(space), full(space), "lapt", chosen, 0, text, proposer, "trivial", archive)
    run_search(search, "run.db", resume=False)
    out, _ = said(capsys, "history", "run.db", "--space", "tiny.space")
    assert "00-learn.lp: learned after 0 architectures" in out
    assert "+ principle layer_0 {" in out
    assert ".lp: adapted after" in out or ".lp: opened after" in out
    sizes = values(capsys, "history", "run.db", "--space", "tiny.space")["files"]
    before = 27
    for file in sizes:
        assert int(file["size"]) == before - int(file["gone"]) + int(file["new"])
        before = int(file["size"])
    assert sum(file["evaluated"] for file in sizes) == 18


def test_what_is_wrong_is_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "--store" in said(capsys, *SEARCH, "--resume", code=2)[1]
    assert "--source" in said(capsys, *SEARCH, "--strategy", "box", code=2)[1]
    assert "--space" in said(capsys, "search", code=2)[1]
    assert "E712" in said(capsys, "search", "--space", "tiny.space", "--table", "table.csv", "--task", "tsk", code=1)[1]
    assert "E808" in said(capsys, "history", "nothing.db", code=2)[1]
    arguments = ["reproduce", "trans101", "--table", "table.csv", "--space", "tiny.space", "--source", "task0"]
    assert "E830" in said(capsys, *arguments, "--methods", "magic", code=2)[1]


def test_the_analytic_score_is_labelled(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, err = said(capsys, "search", "--space", "nas201", "--budget", "5", "--fixed", "--evaluator", "analytic")
    assert "not a measurement" in err
    assert "analytic_score" in out
    found = values(capsys, "search", "--space", "nas201", "--budget", "5", "--fixed", "--evaluator", "analytic")
    assert "not a measurement" in found["notice"]


@pytest.mark.slow
def test_an_experiment_is_a_command_a_table_and_figures(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("matplotlib")
    arguments = ["reproduce", "trans101", "--table", "table.csv", "--space", "tiny.space", "--source", "task0"]
    arguments += ["--methods", "box,replay,evolution,random", "--seeds", "3", "--budget", "6", "-o", "out"]
    found = values(capsys, *arguments, "--workers", "1")
    assert found == values(capsys, *arguments, "--workers", "2")
    for result in found["results"]:
        for key in ("evaluations_to_top_0.1_percent", "rank", "reported"):
            assert {"mean", "median", "interval"} <= set(result[key])
    assert {path.name for path in (folder / "out").iterdir()} == {
        "results.json",
        "box.lp",
        "search_curves.png",
        "error_edf.png",
        "ranks.png",
    }
    out, err = said(capsys, *arguments)
    assert "rank over all targets" in out
    assert "runs" in err


def test_files_are_targets_too(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["reproduce", "nas201", "--source", "table.csv", "--source-task", "task0", "--target", "table.csv"]
    arguments += ["--task", "task1", "--space", "tiny.space", "--methods", "box,evolution", "--seeds", "2"]
    found = values(capsys, *arguments, "--budget", "5", "--workers", "1")
    assert [target["name"] for target in found["targets"]] == ["task1"]
    assert found["source"]["task"] == "task0"
