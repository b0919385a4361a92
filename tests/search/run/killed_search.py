"""A whole search as a process to be killed, and the checks of what is left of it.

    python -m tests.search.run.killed_search STORE BILL

prints `begin`, runs LAPT on NAS-Bench-201 with a made-up score, and writes a line to BILL for every evaluation paid.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from lapt_dsl.compiler.building.library import load_space
from lapt_dsl.compiler.refined.refined_space import full
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.propose.archive import Archive
from lapt_dsl.search.run.session import Search, run_search
from lapt_dsl.search.settings import Settings
from lapt_dsl.search.store.run_store import RunStore
from tests.places import ROOT
from tests.search.small_tables import Counting, made_up
from tests.search.trivial_proposer import Trivial

SETTINGS = Settings(archive=50, keep=5, iterations=4, population=5, tournament=2, budget=60)


def search(bill: Path) -> Search:
    space = load_space("nas201")
    archs = [full(space).unrank(rank) for rank in range(0, 15_625, 97)]
    archive = Archive(space, "made up", [(arch, made_up(arch.encoding, 1)) for arch in archs]).top(50)
    proposer = Trivial(space)
    text = proposer.learn(archive)
    return Search(Counting(space, bill), full(space), "lapt", SETTINGS, 11, text, proposer, "trivial", archive)


class Reference:
    """The run that nothing interrupted: its store's digest, its evaluations, its best, and how long it took."""

    def __init__(self, folder: Path) -> None:
        store = folder / "whole.db"
        start = time.perf_counter()
        _, result = run_search(search(folder / "whole.bill"), store, resume=False)
        self.seconds = time.perf_counter() - start
        self.best = result.best
        self.digest, self.archs = stored(store)
        assert lines(folder / "whole.bill") == self.archs
        assert len(self.archs) == SETTINGS.budget


def stored(path: Path) -> tuple[str, list[str]]:
    with RunStore.open(path, read_only=True) as store:
        return store.digest(), [evaluation.arch for evaluation in store.evaluations()]


def lines(path: Path) -> list[str]:
    """What was paid for; the last line may be cut where its process was killed within it."""
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def kill_after(seconds: float, store: Path, bill: Path) -> bool:
    """Start or continue the search in a process and kill it so long after it began; whether it was still running."""
    command = [sys.executable, "-m", "tests.search.run.killed_search", str(store), str(bill)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "begin\n"
        try:
            child.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            child.kill()
            return True
    return False


def check_resumed(store: Path, bill: Path, reference: Reference) -> int:
    """Continue a killed search here: the same to the byte, and nothing that was stored is paid for again.

    Returns how many evaluations were stored when it was killed.
    """
    try:
        kept = stored(store)[1]
    except LaptError as error:
        if error.diagnostics[0].code != "E808":
            raise
        # Killed before the run was stored: it begins anew.
        kept = []
    paid = lines(bill)
    assert kept == reference.archs[: len(kept)]
    # What was paid for is stored, but for the one evaluation that the kill met between paying and storing.
    assert len(paid) <= len(kept) + 1
    _, result = run_search(search(bill), store, resume=True)
    assert result.best == reference.best
    assert stored(store) == (reference.digest, reference.archs)
    assert lines(bill)[len(paid) :] == reference.archs[len(kept) :]
    return len(kept)


if __name__ == "__main__":
    print("begin", flush=True)
    run_search(search(Path(sys.argv[2])), sys.argv[1], resume=True)
