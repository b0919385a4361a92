"""A search that a signal interrupts ends its processes, reports how to continue, and continues."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lapt_dsl.search.run.interruption import Interrupted, exit_code_of, interruptible
from lapt_dsl.search.store.run_store import RunStore
from tests.search.workers.killed_driver import ROOT
from tests.search.workers.test_processes import ended

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has neither these signals nor named pipes")

CODES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}
SECONDS = 60.0
"""Seconds after which a search that does not reach its fourth evaluation fails the test."""

SCRIPT = """#!/bin/sh
cd "$(dirname "$0")"
echo called >> calls
if [ "$(wc -l < calls)" -gt 3 ] && [ ! -e go ]; then
    echo $$ > started
    exec sleep 600
fi
echo 0.5
"""
"""An evaluator that blocks in its fourth call, after it wrote its process to a pipe."""

# What runs in the background of a shell ignores SIGINT, and so would its children.
HEARD = "import signal; [signal.signal(each, signal.SIG_DFL) for each in (signal.SIGTERM, signal.SIGHUP)]"
HEARD += "; signal.signal(signal.SIGINT, signal.default_int_handler)"


def lapt(folder: Path, *arguments: str) -> list[str]:
    space = ["--space", str(ROOT / "tests/search/workers/tiny.space"), "--strategy", "evolution", "--budget", "12"]
    run = f"{HEARD}; from lapt_dsl.commands.main import main; main()"
    return [sys.executable, "-c", run, "search", *space, "--evaluator", f"exec:{folder / 'slow.sh'}", *arguments]


def started(pipe: int) -> int:
    """The process of the evaluator that blocks, as soon as it does."""
    assert select.select([pipe], [], [], SECONDS)[0], "no evaluator reached its fourth call"
    return int(os.read(pipe, 100).split()[0])


@pytest.mark.parametrize("workers", [(), ("--workers", "2")])
@pytest.mark.parametrize("number", list(CODES), ids=lambda number: number.name)
def test_a_signal_ends_a_search_and_all_its_processes(
    number: signal.Signals, workers: tuple[str, ...], tmp_path: Path
) -> None:
    script, store = tmp_path / "slow.sh", tmp_path / "run.db"
    script.write_text(SCRIPT, encoding="ascii")
    script.chmod(0o755)
    os.mkfifo(tmp_path / "started")
    pipe = os.open(tmp_path / "started", os.O_RDWR)
    arguments = lapt(tmp_path, *workers, "--store", str(store), "--json")
    output = subprocess.PIPE
    try:
        with subprocess.Popen(arguments, cwd=ROOT, stdout=output, stderr=output, text=True) as child:
            blocked = started(pipe)
            child.send_signal(number)
            out, err = child.communicate()
    finally:
        os.close(pipe)
    assert child.returncode == CODES[number], err
    assert ended(blocked)
    values = json.loads(out)
    assert (values["ended"], values["signal"], values["store"]) == ("interrupted", number.name, str(store))
    assert f"interrupted ({number.name}) after {values['evaluated']} of 12 evaluations" in err
    assert f"the run is recorded in {store}: continue with --resume" in err
    assert "Traceback" not in err
    with RunStore.open(store, read_only=True) as kept:
        before = {each.step: each.arch for each in kept.evaluations()}
    assert 1 <= len(before) < 12
    (tmp_path / "go").touch()
    command = lapt(tmp_path, "--store", str(store), "--resume")
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "ended after 12 evaluations: the budget is reached" in done.stdout
    with RunStore.open(store, read_only=True) as kept:
        after = {each.step: each.arch for each in kept.evaluations()}
    assert len(after) == 12
    assert before.items() <= after.items()


def test_the_exit_code_of_an_interrupt_is_that_of_its_signal() -> None:
    error = RuntimeError()
    error.__cause__ = Interrupted(signal.SIGTERM)
    assert exit_code_of(error) == 143
    assert exit_code_of(KeyboardInterrupt()) == 130


def test_ignored_signals_stay_ignored_and_handlers_come_back() -> None:
    former = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    before = signal.getsignal(signal.SIGTERM)
    try:
        with interruptible():
            os.kill(os.getpid(), signal.SIGHUP)
            with pytest.raises(Interrupted, match="SIGTERM"):
                os.kill(os.getpid(), signal.SIGTERM)
            # A second one does not interrupt the clean-up.
            os.kill(os.getpid(), signal.SIGTERM)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        assert signal.getsignal(signal.SIGTERM) is before
    finally:
        signal.signal(signal.SIGHUP, former)
