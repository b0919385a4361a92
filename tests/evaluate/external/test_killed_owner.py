"""A program or function under evaluation ends with the process that asked, even where that was killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

WAIT = 30.0

OWNER = """
import sys
from dataclasses import replace
from lapt_dsl.compiler.building.library import load_space
from lapt_dsl.compiler.refined.refined_space import full
from lapt_dsl.evaluate.spec import EvaluatorOptions, EvaluatorSpec

if __name__ == "__main__":
    space = load_space("nas201")
    options = EvaluatorOptions(argument=sys.argv[2], time_limit=600.0)
    EvaluatorSpec(sys.argv[1], options).build(space).evaluate(full(space).unrank(777))
"""
PROGRAM = """#!/bin/sh
sleep 600 &
echo "$! $$ $LAPT_FILES" > running.part
mv running.part running
wait
"""
FUNCTION = """
import os, time

def score(arch):
    with open("running.part", "w") as file:
        file.write(f"{os.getpid()}")
    os.replace("running.part", "running")
    time.sleep(600)
"""


def wait_until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + WAIT
    while not true():
        assert time.monotonic() < until
        threading.Event().wait(0.02)


def alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="looks processes up in /proc")
@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize(("kind", "argument"), [("exec", "./program.sh"), ("python", "function_of_mine:score")])
def test_it_ends_with_its_owner(kind: str, argument: str, sign: signal.Signals, tmp_path: Path) -> None:
    (tmp_path / "owner.py").write_text(OWNER)
    (tmp_path / "program.sh").write_text(PROGRAM)
    (tmp_path / "program.sh").chmod(0o755)
    (tmp_path / "function_of_mine.py").write_text(FUNCTION)
    running = tmp_path / "running"
    owner = subprocess.Popen([sys.executable, "owner.py", kind, argument], cwd=tmp_path)
    try:
        wait_until(running.exists)
        words = running.read_text().split()
        processes = [int(word) for word in words[:2]]
        assert all(alive(process) for process in processes)
    finally:
        owner.send_signal(sign)
        owner.wait()
    wait_until(lambda: not any(alive(process) for process in processes))
    for folder in words[2:]:
        wait_until(lambda folder=folder: not os.path.exists(folder))


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="looks processes up in /proc")
@pytest.mark.slow
@pytest.mark.parametrize(("kind", "kills"), [("exec", 30), ("python", 10)])
def test_nothing_is_left_of_owners_killed_while_the_program_starts(kind: str, kills: int) -> None:
    command = [sys.executable, "-m", "tests.evaluate.external.killed_owner", kind, "lines", str(kills), "0"]
    done = subprocess.run(command, cwd=Path(__file__).parents[3], stdout=subprocess.PIPE, check=True)
    left = json.loads(done.stdout)
    assert (left["kills"], left["processes"], left["folders"]) == (kills, 0, 0)
