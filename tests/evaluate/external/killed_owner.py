"""Evaluations whose process is killed while it starts a program, and a search for what is left of them.

    python -m tests.evaluate.external.killed_owner KIND MOMENTS COUNT SEED

prints a JSON object: the number of `kills`, in how many of them the program was `running`, and how many `processes`
and `folders` were left. KIND is `exec` or `python`. MOMENTS is `lines`: COUNT lines of Python, evenly spaced over those
that run before the program does; or `random`: COUNT random moments of the same time. Each owner is a fork of this
process, so that it starts at once.
"""

from __future__ import annotations

import json
import mmap
import os
import random
import secrets
import shutil
import signal
import struct
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from lapt_dsl.compiler.building.library import load_space
from lapt_dsl.compiler.refined.refined_space import full
from lapt_dsl.evaluate.evaluator import Evaluator
from lapt_dsl.evaluate.spec import EvaluatorOptions, EvaluatorSpec

WAIT = 60.0
"""Seconds after which a process or folder counts as left; nearly all are gone after a few milliseconds."""

TOKEN, RUNNING = "LAPT_KILLED_OWNER", "LAPT_KILLED_RUNNING"
TRACED = ("command.py", "process.py", "guard.py", "callable.py", "subprocess.py", "popen_spawn_posix.py", "util.py")
"""The files whose lines are moments: ours, and those of the standard library that start a process."""

PROGRAM = f"""#!/bin/sh
sleep 600 &
echo >"${RUNNING}"
wait
"""
FUNCTION = f"""
import os, time

def score(arch):
    open(os.environ[{RUNNING!r}], "w").close()
    time.sleep(600)
"""


class Trial:
    """One owner: a fork that evaluates one architecture, in a temporary folder and with a token of its own."""

    def __init__(self, evaluator: Evaluator, folder: Path) -> None:
        self.token = secrets.token_hex(8)
        self.running = folder / f"running-{self.token}"
        self.temporary = folder / f"tmp-{self.token}"
        self.temporary.mkdir()
        self._evaluator = evaluator
        self._lines = mmap.mmap(-1, 8)

    @property
    def lines(self) -> int:
        """How many lines of the traced files the owner has run."""
        return int(struct.unpack("q", self._lines[:8])[0])

    def start(self, last: int) -> int:
        """Fork the owner, which kills itself before its traced line number `last`; 0 for never."""
        owner = os.fork()
        if owner:
            return owner
        try:
            tempfile.tempdir = str(self.temporary)
            os.environ |= {TOKEN: self.token, RUNNING: str(self.running)}
            arch = full(self._evaluator.space).unrank(777)
            sys.settrace(self._tracer(last))
            self._evaluator.evaluate(arch)
        finally:
            os._exit(1)

    def _tracer(self, last: int) -> Callable[[FrameType, str, Any], Any]:
        done = 0

        def line(frame: FrameType, event: str, value: Any) -> Any:
            nonlocal done
            if event == "line":
                done += 1
                self._lines[:8] = struct.pack("q", done)
                if done == last:
                    os.kill(os.getpid(), signal.SIGKILL)
            return line

        def call(frame: FrameType, event: str, value: Any) -> Any:
            return line if os.path.basename(frame.f_code.co_filename) in TRACED else None

        return call

    def play(self, last: int = 0, seconds: float | None = None) -> float:
        """Run an owner until it kills itself, its program runs or so much time is over; then kill it.

        Returns how many seconds it lived.
        """
        start = time.monotonic()
        owner = self.start(last)
        while not self.running.exists() and os.waitid(os.P_PID, owner, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            lived = time.monotonic() - start
            assert lived < WAIT
            if seconds is not None and lived >= seconds:
                break
            threading.Event().wait(0.001)
        lived = time.monotonic() - start
        os.kill(owner, signal.SIGKILL)
        os.waitpid(owner, 0)
        return lived

    def left(self) -> tuple[list[int], list[str]]:
        """The processes and files that are left when all had time to end."""
        until = time.monotonic() + WAIT
        while (found := (self._processes(), os.listdir(self.temporary))) != ([], []) and time.monotonic() < until:
            threading.Event().wait(0.005)
        for process in found[0]:
            os.kill(process, signal.SIGKILL)
        return found

    def _processes(self) -> list[int]:
        mark = f"{TOKEN}={self.token}".encode()
        return [int(name) for name in os.listdir("/proc") if name.isdigit() and mark in _environment(name)]


def _environment(process: str) -> list[bytes]:
    try:
        return Path(f"/proc/{process}/environ").read_bytes().split(b"\0")
    except OSError:
        return []


def evaluator_of(kind: str, folder: Path) -> Evaluator:
    """An evaluator whose program or function never ends."""
    (folder / "program.sh").write_text(PROGRAM)
    (folder / "program.sh").chmod(0o755)
    (folder / "endless_function.py").write_text(FUNCTION)
    argument = {"exec": str(folder / "program.sh"), "python": "endless_function:score"}[kind]
    os.chdir(folder)
    return EvaluatorSpec(kind, EvaluatorOptions(argument=argument, time_limit=600.0)).build(load_space("nas201"))


def kill_owners(kind: str, moments: str, count: int, seed: int = 0) -> dict[str, int]:
    """Kill the given number of owners; see the module's text for the arguments and the result."""
    rng = random.Random(seed)
    found = {"kills": count, "running": 0, "processes": 0, "folders": 0}
    folder, before = Path(tempfile.mkdtemp()), os.getcwd()
    try:
        evaluator = evaluator_of(kind, folder)
        whole = Trial(evaluator, folder)
        seconds = whole.play()
        assert whole.left() == ([], [])
        for number in range(count):
            trial = Trial(evaluator, folder)
            if moments == "lines":
                trial.play(1 + (whole.lines - 1) * number // max(1, count - 1))
            else:
                trial.play(seconds=rng.random() * seconds)
            processes, folders = trial.left()
            found["processes"] += len(processes)
            found["folders"] += len(folders)
            found["running"] += trial.running.exists()
    finally:
        os.chdir(before)
        shutil.rmtree(folder)
    return {**found, "lines": whole.lines}


if __name__ == "__main__":
    print(json.dumps(kill_owners(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))))
