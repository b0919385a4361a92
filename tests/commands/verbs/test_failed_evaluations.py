"""What a person sees of evaluations that fail: the reason, how many, and an exit code that a script can act on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lapt_dsl.commands.main import run

SEARCH = ["search", "--space", "nas201", "--strategy", "random", "--metric", "score"]


def module(folder: Path, name: str, body: str) -> str:
    (folder / f"{name}.py").write_text(f"calls = []\n\n\ndef score(arch):\n    calls.append(arch)\n    {body}\n")
    return f"python:{name}:score"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def test_a_run_that_measured_nothing_says_why_and_fails(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kind = module(here, "always_fails", "raise OSError('no such\\x1b[2J file')")
    assert run([*SEARCH, "--evaluator", kind, "--budget", "3"]) == 2
    said = capsys.readouterr()
    assert said.out == "no evaluation succeeded\nended after 3 evaluations: the budget is reached\n"
    assert "     1  failed (error): OSError: no such?[2J file\n" in said.err
    assert "note: 3 of 3 evaluations failed (3 error), the last: OSError: no such?[2J file\n" in said.err
    assert said.err.count("  failed (") == 1


def test_learning_from_nothing_says_why(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("scipy", reason="needs SciPy: pip install 'lapt-dsl[learn]'")
    kind = module(here, "never_learned", "return None")
    assert run(["learn", "--space", "nas201", "--evaluator", kind, "--samples", "2"]) == 2
    assert "2 of 2 evaluations failed (2 error), the last: a number or named numbers" in capsys.readouterr().err


def test_some_failures_are_counted_beside_the_best(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kind = module(here, "fails_at_times", "return 1.0 if len(calls) % 2 else float('nan')")
    assert run([*SEARCH, "--evaluator", kind, "--budget", "4", "--json"]) == 0
    said = capsys.readouterr()
    assert "note: 2 of 4 evaluations failed (2 diverged), the last: `score` is nan" in said.err
    found = json.loads(said.out)
    assert found["failed"] == {"diverged": 2}
    entry = found["evaluations"][1]
    assert (entry["score"], entry["failure"], entry["message"]) == (None, "diverged", "`score` is nan")
    assert set(found["evaluations"][0]) == {"architecture", "score"}


def test_a_resumed_run_reports_the_same_bytes(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kind = module(here, "two_metrics", "return {'score': len(str(arch)), 'a': 1.0}")
    options = [*SEARCH, "--evaluator", kind, "--budget", "3", "--store", str(here / "run.db"), "--json"]
    assert run(options) == 0
    first = capsys.readouterr().out
    assert run([*options, "--resume"]) == 0
    assert capsys.readouterr().out == first


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--evaluator", "exec:./no-such-program"], "E790"),
        (["--evaluator", "python:no_such_module:score"], "E791"),
        (["--evaluator", "proxy:synflo"], "E775"),
        (["--evaluator", "train", "--data", "no-such-set"], "E750"),
        (["--evaluator", "train", "--recipe", "nas202"], "E760"),
        (["--evaluator", "train", "--time-limit", "0"], "E765"),
    ],
)
def test_an_option_that_names_nothing_is_wrong_usage(
    options: list[str], code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("torch", reason="proxies and training need torch")
    assert run(["search", "--space", "nas201", *options]) == 2
    assert code in capsys.readouterr().err


def test_a_missing_metric_lists_those_that_were_returned(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kind = module(here, "other_metrics", "return {'acc': 1.0, 'loss': 2.0}")
    search = ["search", "--space", "nas201", "--strategy", "random", "--evaluator", kind, "--budget", "2"]
    assert run([*search, "--metric", "val_acc"]) == 2
    assert "the evaluation has no metric `val_acc`; it returned acc, loss\n" in capsys.readouterr().err


def test_an_evaluator_that_fails_again_and_again_ends_the_run(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kind = module(here, "broken", "raise OSError('no disk')")
    store = str(here / "run.db")
    assert run([*SEARCH, "--evaluator", kind, "--budget", "30", "--store", store, "--json"]) == 2
    said = capsys.readouterr()
    ended = {"ended": "evaluator failing", "code": "E821", "evaluated": 10, "store": store}
    assert json.loads(said.out) == ended
    assert f"evaluator failing after 10 of 30 evaluations; the run is recorded in {store}" in said.err


def test_a_run_that_exhausts_its_space_says_so(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "small.lp").write_text(
        "principles small for nas201;\nprinciple few { layers 0, 1, 2, 3, 4: only skip; layer 5: never none; }\n"
    )
    search = ["search", "--space", "nas201", "--evaluator", "analytic", "--principles", "small.lp"]
    for strategy in (["--strategy", "random"], ["--strategy", "evolution"], ["--fixed"]):
        assert run([*search, *strategy, "--budget", "20"]) == 0
        assert "ended after 4 of 20 evaluations: the space is exhausted, every" in capsys.readouterr().out
    assert run([*search, "--fixed", "--budget", "20", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["ended"] == "space exhausted"
