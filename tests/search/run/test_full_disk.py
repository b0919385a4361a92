"""A file system that fills up during a search stops it; with space again the run resumes and ends as a whole one."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lapt_dsl.commands.main import run
from lapt_dsl.search.store.run_store import RunStore

MOUNT = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs"]

SEARCH = ["search", "--space", "nas201", "--evaluator", "analytic", "--strategy", "evolution", "--budget", "60"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 8 MiB: room for the run and its write-ahead log."""
    if sys.platform != "linux":
        pytest.skip("only Linux has tmpfs")
    folder = tmp_path / "disk"
    folder.mkdir()
    done = subprocess.run([*MOUNT, str(folder)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"mounting is not permitted: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_run_goes_on_after_its_disk_was_full(small_disk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store, whole = small_disk / "run.db", small_disk.parent / "whole.db"
    assert run([*SEARCH, "--store", str(whole), "--json"]) == 0
    out = capsys.readouterr().out
    # The first run makes its store; then another program takes the space but for a few pages.
    assert run([*SEARCH[:-1], "2", "--store", str(store)]) == 0
    filler = small_disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            pass
        file.truncate(filler.stat().st_size - 64 * 1024)
    capsys.readouterr()
    resume = ["search", "--store", str(store), "--resume", "--budget", "60", "--json"]
    assert run(resume) == 2
    said = capsys.readouterr()
    assert "error[E806]" in said.err or "error[E807]" in said.err
    with RunStore.open(store, read_only=True) as kept:
        before = kept.evaluations()
    assert 2 <= len(before) < 60
    assert json.loads(said.out)["ended"] == "stopped by an error"
    filler.unlink()
    assert run(resume) == 0
    assert capsys.readouterr().out == out
    with RunStore.open(store, read_only=True) as kept, RunStore.open(whole, read_only=True) as other:
        assert kept.evaluations()[: len(before)] == before
        assert kept.digest() == other.digest()
