"""From one task's table to the next, as a person does it: learn, search, read what changed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lapt_dsl.commands.main import run


@pytest.fixture
def tables(data_dir: Path) -> tuple[str, str]:
    return str(data_dir / "nas201" / "imagenet16-120.json"), str(data_dir / "nas201" / "cifar10.json")


@pytest.mark.slow
def test_learned_principles_make_the_next_task_cheap(
    tables: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source, target = tables
    monkeypatch.chdir(tmp_path)
    assert run(["learn", source, "--top", "50", "-o", "general.lp"]) == 0
    assert "learned from the 50 best on val_acc_200" in capsys.readouterr().err
    first = Path("general.lp").read_text(encoding="utf-8")
    assert "evidence" in first
    assert run(["learn", source, "--space", "nas201", "--task", "val_acc_200"]) == 0
    assert capsys.readouterr().out == first
    assert run(["lint", "general.lp"]) in (0, 1)
    capsys.readouterr()
    search = ["search", "--table", target, "--principles", "general.lp", "--source", source, "--budget", "12"]
    assert run([*search, "--store", "run.db", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["evaluated"] == 12
    # The top 0.1 % of NAS-Bench-201 on CIFAR-10 starts at 91.418.
    assert found["best"]["metrics"]["val_acc_200"] >= 91.41
    assert run([*search, "--store", "run.db", "--resume", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == found
    assert run(["history", "run.db", "--json"]) == 0
    history = json.loads(capsys.readouterr().out)
    assert [file["name"] for file in history["files"]] == [file["name"] for file in found["principles"]]
    assert [file["size"] for file in history["files"]] == [file["size"] for file in found["principles"]]
