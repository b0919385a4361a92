"""Evaluators that misbehave as they are told, built by workers from a spec.

`Odd` measures `made_up` on the tiny space. Its `argument` is JSON: a folder, and by an architecture's number among all
what goes wrong with it. Every evaluation that starts leaves a line in the folder's `bill`, as a real one would cost.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from lapt_dsl.compiler.refined.refined_space import full
from lapt_dsl.compiler.space.model import Architecture, Space
from lapt_dsl.evaluate.evaluator import Description, Evaluation, Objective, Outcome, fingerprint_of
from lapt_dsl.evaluate.spec import EvaluatorOptions, EvaluatorSpec
from tests.search.small_tables import TINY, made_up, small_space

WAIT = 120.0
"""Seconds after which an evaluator that waits for a file gives up, so that no test hangs."""

KIND = "tests.search.workers.odd_evaluators:build"


class Odd:
    def __init__(self, space: Space, folder: Path, odd: dict[str, str]) -> None:
        self.folder, self.odd = folder, odd
        self._space, self._ranks = space, full(space)

    @property
    def space(self) -> Space:
        return self._space

    @property
    def objective(self) -> Objective:
        return Objective("made_up")

    def describe(self) -> Description:
        return {"kind": "odd", "space": self.space.digest, "odd": self.odd.get("version", "")}

    @property
    def fingerprint(self) -> str:
        return fingerprint_of(self.describe())

    def evaluate(self, arch: Architecture) -> Outcome:
        rank = self._ranks.rank(arch)
        with (self.folder / "bill").open("a", encoding="utf-8") as bill:
            bill.write(f"{rank}\n")
        what = self.odd.get(str(rank), self.odd.get("all", ""))
        once = self.folder / f"once-{rank}"
        if what.endswith(" once"):
            if once.exists():
                what = ""
            once.touch()
        self._misbehave(what.removesuffix(" once"), rank)
        value = float("nan") if what == "nan" else made_up(arch.encoding)
        return Evaluation({"made_up": value}, 1.0)

    def _misbehave(self, what: str, rank: int) -> None:
        if what == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        elif what == "segfault":
            ctypes.string_at(0)
        elif what == "exit":
            os._exit(7)
        elif what == "raise":
            raise RuntimeError("no \x1b[31mgood\n" + "x" * 5000)
        elif what == "memory":
            bytearray(1 << 40)
        elif what == "grow":
            kept = [bytearray(1 << 26) for _ in range(64)]
            raise RuntimeError(f"{len(kept)} blocks and no limit")
        elif what == "print":
            print("printed by an evaluator", flush=True)
        elif what == "hang":
            self._hang(rank)
        elif what == "wait":
            wait_for(self.folder / "go")
        elif what.startswith("sleep "):
            time.sleep(float(what.partition(" ")[2]))

    def _hang(self, rank: int) -> None:
        """With a child, so that a test can see whether that ends too."""
        child = subprocess.Popen([sys.executable, "-c", f"import time; time.sleep({WAIT})"])
        whole = self.folder / f"child-{rank}.part"
        whole.write_text(str(child.pid), encoding="ascii")
        whole.rename(self.folder / f"child-{rank}")
        time.sleep(WAIT)


def wait_for(path: Path) -> None:
    """Until a file is there. The file system is the only channel that every kind of worker has."""
    until = time.monotonic() + WAIT
    while not path.exists():
        if time.monotonic() > until:
            raise TimeoutError(path)
        time.sleep(0.01)


def odd(folder: Path, **what: str) -> EvaluatorSpec:
    """The spec of an Odd."""
    argument = json.dumps({"folder": str(folder), "odd": what})
    return EvaluatorSpec(KIND, EvaluatorOptions(argument=argument), TINY)


def build(space: Space, options: EvaluatorOptions) -> Odd:
    told = json.loads(options.argument)
    if told["odd"].get("build") == "raise":
        raise ImportError("no module named nonesuch")
    if told["odd"].get("build") == "exit":
        os._exit(3)
    return Odd(space, Path(told["folder"]), told["odd"])


def tiny() -> Space:
    return small_space(TINY)
