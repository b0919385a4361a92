"""Searches with workers that are killed, interrupted or out of room: what was stored stays, and the run goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.search.run.session import run_search
from lapt_dsl.search.store.run_store import RunInfo, RunStore
from lapt_dsl.search.workers.build import Workers, executor_for
from tests.search.workers.killed_driver import (
    ORDERS,
    ROOT,
    SETTINGS,
    bill,
    check_resumed,
    digest,
    kill_after,
    play,
    search,
    stored,
)
from tests.search.workers.odd_evaluators import odd, wait_for
from tests.search.workers.test_processes import ended

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The digest of a run in the order asked that nothing interrupted, without workers."""
    folder = tmp_path_factory.mktemp("whole")
    run_search(search(folder, "asked"), folder / "run.db", False)
    return digest(folder / "run.db")


@pytest.mark.parametrize("steps", [2, 15])
@pytest.mark.parametrize("order", ORDERS)
def test_a_driver_killed_at_any_moment_loses_nothing(order: str, steps: int, tmp_path: Path, whole: str) -> None:
    store = tmp_path / "run.db"
    kill_after(steps, store, tmp_path, order, "3")
    check_resumed(store, tmp_path, order, Workers(2))
    if order == "asked":
        assert digest(store) == whole


@pytest.mark.parametrize("workers", [None, 1, 2, 8])
def test_the_number_of_workers_changes_no_byte(workers: int | None, tmp_path: Path, whole: str) -> None:
    play(tmp_path / "run.db", tmp_path, "asked", Workers(workers))
    assert digest(tmp_path / "run.db") == whole


def test_a_full_disk_stops_the_search_and_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Failures whose messages fill pages.
    spec = odd(tmp_path, **{str(rank): "raise" for rank in range(0, 27, 3)})
    one = search(tmp_path, "asked")
    create = RunStore.create

    def small(path: str | os.PathLike[str], info: RunInfo) -> RunStore:
        made = create(path, info)
        pages = made._connection.execute("PRAGMA page_count").fetchone()[0]
        made._connection.execute(f"PRAGMA max_page_count = {pages + 1}")
        return made

    def run(name: str, resume: bool) -> str:
        with executor_for(Workers(2), one.evaluator, spec) as executor:
            run_search(one, tmp_path / name, resume, executor=executor)
        return digest(tmp_path / name)

    with monkeypatch.context() as patch:
        patch.setattr(RunStore, "create", small)
        with pytest.raises(LaptError) as caught:
            run("run.db", False)
    assert caught.value.diagnostics[0].code == "E806"
    kept = stored(tmp_path / "run.db")
    assert 0 < len(kept) < SETTINGS.budget
    paid = bill(tmp_path)
    assert run("run.db", True) == run("whole.db", False)
    # The run and the whole one beside it; nothing of what was stored before was evaluated a third time.
    bills = bill(tmp_path)
    assert all(bills.count(rank) == paid.count(rank) + 1 for rank in kept.values())


HANGING = """
import os, signal, sys
from pathlib import Path
from lapt_dsl.compiler.refined.refined_space import full
from lapt_dsl.search.workers.build import Workers, executor_for
from tests.search.workers.odd_evaluators import odd, tiny, wait_for
folder = Path(sys.argv[1])
with executor_for(Workers(1), odd(folder).build(), odd(folder, all="hang")) as executor:
    executor.wait_until_ready()
    executor.submit(0, full(tiny()).unrank(0))
    wait_for(folder / "child-0")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_workers_end_with_a_killed_driver_and_so_does_what_they_started(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", HANGING, str(tmp_path)], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    assert ended(int((tmp_path / "child-0").read_text(encoding="ascii")))


def lapt(*arguments: str) -> list[str]:
    space = ["--space", "tests/search/workers/tiny.space", "--strategy", "evolution", "--budget", "12"]
    # A shell starts what runs in the background with interrupts ignored, and children inherit that: a suite that runs
    # there would never interrupt anything.
    heard = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    command = [sys.executable, "-c", f"{heard}; from lapt_dsl.commands.main import main; main()", "search"]
    return [*command, *space, "--evaluator", "python:tests.search.workers.waiting:score", *arguments]


def test_an_interrupted_search_ends_its_workers_and_says_how_to_go_on(tmp_path: Path) -> None:
    store = tmp_path / "run.db"
    environment = {**os.environ, "WAITING": str(tmp_path)}
    arguments = lapt("--store", str(store), "--workers", "2", "--window", "3")
    pipe = subprocess.PIPE
    with subprocess.Popen(arguments, cwd=ROOT, env=environment, stdout=pipe, stderr=pipe, text=True) as child:
        wait_for(tmp_path / "waiting")
        child.send_signal(signal.SIGINT)
        out, err = child.communicate()
    assert child.returncode == 130
    assert out == ""
    assert f"the run is recorded in {store}: continue with --resume" in err
    assert "Traceback" not in err
    assert ended(int((tmp_path / "waiting").read_text(encoding="ascii")))
    before = stored_texts(store)
    assert 4 <= len(before) < 12
    (tmp_path / "go").touch()
    done = subprocess.run(
        lapt("--store", str(store), "--resume"), cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    after = stored_texts(store)
    assert len(after) == 12
    assert {step: after[step] for step in before} == before


def stored_texts(path: Path) -> dict[int, str]:
    with RunStore.open(path, read_only=True) as store:
        return {each.step: each.arch for each in store.evaluations()}
