"""A reader of standard error that goes away, as `head` does, ends the progress and not the search."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from lapt_dsl.search.store.run_store import RunStore
from tests.places import ROOT


def test_a_search_goes_on_where_nobody_reads_its_progress(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    store = tmp_path / "run.db"
    command = [
        sys.executable,
        "-c",
        "from lapt_dsl.commands.main import main; main()",
        "search",
        "--strategy",
        "random",
    ]
    done = subprocess.run(
        [*command, "--space", "nas201", "--budget", "12", "--store", str(store)],
        cwd=ROOT,
        stdout=writing,
        stderr=writing,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    os.close(writing)
    assert done.returncode == 0
    with RunStore.open(store, read_only=True) as stored:
        assert len(stored.evaluations()) == 12
