"""`lapt search --evaluator supernet`, and the file that `lapt compile --supernet` writes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="supernets are PyTorch modules")

from lapt_dsl.commands.main import run
from lapt_dsl.compiler.building.library import load_space
from lapt_dsl.evaluate.supernet.evaluator import refined_by

pytestmark = pytest.mark.slow

RULES = "principles p for nas201;\n\nprinciple a {\n  layers: never absent;\n  layer 5: only conv3x3, skip;\n}\n"
SEARCH = ["search", "--space", "nas201", "--evaluator", "supernet", "--epochs", "1", "--channels", "2", "--budget", "6"]


@pytest.fixture
def rules(tmp_path: Path) -> str:
    file = tmp_path / "p.lp"
    file.write_text(RULES)
    return str(file)


def found(captured: Any) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(captured.out)
    return value


def test_a_search_stays_inside_its_supernet(rules: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = str(tmp_path / "run.db")
    options = [*SEARCH, "--principles", rules, "--store", store, "--json"]
    assert run(options) == 0
    captured = capsys.readouterr()
    assert "the principles are kept" in captured.err
    assert "accelerator-hours" in captured.err
    first = found(captured)
    refined = refined_by(rules, load_space("nas201"))
    archs = [refined.space.parse_arch(step["architecture"]) for step in first["evaluations"]]
    assert len(archs) == 6
    assert all(arch in refined for arch in archs)
    assert all(step["score"] is not None for step in first["evaluations"])
    assert set(first["final"]["metrics"]) == {"test_acc", "train_loss", "params"}
    assert run([*options, "--resume"]) == 0
    assert found(capsys.readouterr())["evaluations"] == first["evaluations"]


def test_workers_share_the_trained_supernet(rules: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = [*SEARCH, "--principles", rules, "--no-test", "--json"]
    assert run([*options, "--workers", "1"]) == 2
    assert "name it with --checkpoints" in capsys.readouterr().err
    kept = ["--checkpoints", str(tmp_path / "kept"), "--window", "1"]
    assert run([*options, *kept]) == 0
    here = found(capsys.readouterr())
    assert run([*options, *kept, "--workers", "1"]) == 0
    assert found(capsys.readouterr())["evaluations"] == here["evaluations"]


def test_nobody_is_asked_for_principles_that_it_does_not_hold(
    rules: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = [*SEARCH, "--principles", rules, "--proposer", "manual", "--store", str(tmp_path / "run.db")]
    assert run(options) == 2
    assert "holds no other" in capsys.readouterr().err


def test_a_supernet_that_cannot_be_trained_costs_no_budget(
    rules: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = tmp_path / "run.db"
    assert run([*SEARCH, "--principles", rules, "--time-limit", "1e-9", "--store", str(store)]) == 2
    assert "E783" in capsys.readouterr().err
    assert not store.exists()


def test_compile_writes_the_supernet(rules: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["compile", rules, "--supernet", "-o", str(tmp_path / "out")]) == 0
    assert "supernet.py" in capsys.readouterr().err
    done = subprocess.run(
        [sys.executable, tmp_path / "out" / "supernet.py"], capture_output=True, text=True, check=True
    )
    assert done.stdout.endswith(" parameters\n")
