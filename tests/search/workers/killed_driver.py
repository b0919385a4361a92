"""A whole search with workers as a process to be killed, and the checks of what is left of it.

    python -m tests.search.workers.killed_driver STORE FOLDER ORDER WORKERS [RAY ADDRESS]

prints `begin` when its workers are ready and runs evolution on the tiny space; every evaluation leaves a line in
FOLDER/bill when it starts.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

from lapt_dsl.compiler.refined.refined_space import full
from lapt_dsl.search.run.loop import Result
from lapt_dsl.search.run.session import Search, run_search
from lapt_dsl.search.schedule import Order, Schedule
from lapt_dsl.search.settings import Settings
from lapt_dsl.search.store.run_store import RunStore
from lapt_dsl.search.workers.build import Workers, executor_for
from lapt_dsl.search.workers.pool import Pool
from tests.places import ROOT
from tests.search.workers.odd_evaluators import odd, tiny

SETTINGS = Settings(archive=5, keep=3, iterations=3, population=4, tournament=2, budget=24)
WINDOW = 5
ORDERS: dict[str, Order] = {"asked": "asked", "finished": "finished"}


def search(folder: Path, order: str) -> Search:
    evaluator = odd(folder).build()
    return Search(evaluator, full(tiny()), "evolution", SETTINGS, 3, schedule=Schedule(ORDERS[order], WINDOW))


def play(store: Path, folder: Path, order: str, workers: Workers, say: bool = False) -> Result:
    """Run the search, or go on with it."""
    one = search(folder, order)
    with executor_for(workers, one.evaluator, odd(folder, all="sleep 0.03")) as executor:
        if say:
            assert isinstance(executor, Pool)
            executor.wait_until_ready()
            print("begin", flush=True)
        return run_search(one, store, store.exists(), executor=executor)[1]


def kill_after(steps: int, store: Path, folder: Path, order: str, *workers: str) -> None:
    """Run the search in a process and kill that as soon as so many evaluations have started."""
    command = [sys.executable, "-m", "tests.search.workers.killed_driver", str(store), str(folder), order, *workers]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "begin\n"
        while len(bill(folder)) < steps and child.poll() is None:
            continue
        child.kill()


def bill(folder: Path) -> list[int]:
    path = folder / "bill"
    return [int(line) for line in path.read_text(encoding="ascii").split()] if path.exists() else []


def stored(path: Path) -> dict[int, int]:
    """What a store holds: the architecture's number among all by its step."""
    space = tiny()
    with RunStore.open(path, read_only=True) as store:
        return {each.step: full(space).rank(space.parse_arch(each.arch)) for each in store.evaluations()}


def completions(path: Path) -> list[int]:
    """The steps in the order told, where that is recorded."""
    with RunStore.open(path, read_only=True) as store:
        return [event.step for event in store.events() if event.kind == "arrived"]


def digest(path: Path) -> str:
    with RunStore.open(path, read_only=True) as store:
        return store.digest()


def check_resumed(store: Path, folder: Path, order: str, workers: Workers) -> None:
    """Go on with a killed search: all of the budget is stored once, and what was stored is not evaluated again."""
    kept, told, paid = stored(store), completions(store), Counter(bill(folder))
    play(store, folder, order, workers)
    after = stored(store)
    assert len(after) == len(set(after.values())) == SETTINGS.budget
    assert {step: after[step] for step in kept} == kept
    assert completions(store)[: len(told)] == told
    bills = Counter(bill(folder))
    assert set(bills) == set(after.values()) | set(paid)
    assert all(bills[rank] == paid[rank] for rank in kept.values())
    # Only what was under way when the driver died was paid for again.
    assert sum(bills.values()) <= SETTINGS.budget + WINDOW


if __name__ == "__main__":
    where, folder_, order_, count, *address = sys.argv[1:]
    play(Path(where), Path(folder_), order_, Workers(int(count), address[0] if address else None), say=True)
