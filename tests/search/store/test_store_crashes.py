from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.search.store.run_store import RunStore
from tests.places import ROOT
from tests.search.store.store_samples import INFO, outcome, play

STEPS = 60


def player(path: Path, steps: int = STEPS) -> subprocess.Popen[str]:
    """The run of `store_samples` as a process of its own."""
    command = [sys.executable, "-m", "tests.search.store.store_samples", str(path), str(steps)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def uninterrupted(folder: Path, steps: int) -> str:
    """The digest of a run that nothing interrupted."""
    with RunStore.create(folder / "whole.db", INFO) as store:
        play(store, steps)
        return store.digest()


def test_a_run_killed_at_any_moment_continues_to_the_same_end(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    rng = random.Random(4)
    for _ in range(6):
        child = player(path, 100_000)
        assert child.stdout is not None
        for _ in range(rng.randrange(1, 30)):
            assert child.stdout.readline()
        # It runs on while the signal is on its way, so the step it dies in is a different one each time.
        child.kill()
        child.communicate()
        with RunStore.open(path) as store:
            kept = store.evaluations()
            assert [found.step for found in kept] == list(range(len(kept)))
            assert [found.outcome for found in kept] == [outcome(number) for number in range(len(kept))]
            state = store.state()
            assert (state[0] if state else -1) == len(kept) - 1
    with RunStore.open(path) as store:
        play(store, len(kept) + 10)
        assert store.digest() == uninterrupted(tmp_path, len(kept) + 10)


@pytest.mark.parametrize("statements", range(1, 40, 3))
def test_a_process_that_ends_within_a_transaction_leaves_whole_steps(tmp_path: Path, statements: int) -> None:
    """Ends the process by `os._exit` at a statement of SQLite's, so every place in a step is met."""
    path = tmp_path / "run.db"
    child = os.fork()
    if child == 0:
        store = RunStore.create(path, INFO)
        left = [statements]

        def count(_: str) -> None:
            left[0] -= 1
            if left[0] == 0:
                os._exit(0)

        store._connection.set_trace_callback(count)
        play(store, 20)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    with RunStore.resume(path, INFO) as store:
        kept = store.evaluations()
        state = store.state()
        assert [found.step for found in kept] == list(range(len(kept)))
        assert (state[0] if state else -1) == len(kept) - 1
        play(store, 20)
        assert len(store.evaluations()) == 20


def test_a_run_whose_making_was_interrupted_can_be_made_again(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    child = os.fork()
    if child == 0:
        import lapt_dsl.search.store.run_store as module

        module.make_tables = lambda connection: os._exit(0)
        RunStore.create(path, INFO)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    with pytest.raises(LaptError) as caught:
        RunStore.open(path)
    assert caught.value.diagnostics[0].code == "E808"
    RunStore.create(path, INFO).close()


def test_a_second_process_is_refused_and_told_who_is_there(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    with RunStore.create(path, INFO):
        second = player(path)
        _, errors = second.communicate()
        assert second.returncode == 1
        assert "E801" in errors
        assert f"process {os.getpid()} is writing" in errors
        with pytest.raises(LaptError, match=f"process {os.getpid()}") as caught:
            RunStore.open(path)
        assert caught.value.diagnostics[0].code == "E801"
    third = player(path)
    third.communicate()
    assert third.returncode == 0


def test_a_lock_ends_with_its_process(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    child = player(path, 100_000)
    assert child.stdout is not None
    assert child.stdout.readline() == "open\n"
    with pytest.raises(LaptError, match=f"process {child.pid} ") as caught:
        RunStore.open(path)
    assert caught.value.diagnostics[0].code == "E801"
    child.send_signal(signal.SIGKILL)
    child.communicate()
    RunStore.open(path).close()
    assert [file.name for file in tmp_path.iterdir()] == ["run.db"]


def test_a_forked_child_neither_writes_nor_unlocks(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    with RunStore.create(path, INFO) as store:
        child = os.fork()
        if child == 0:
            code = 1
            try:
                store.commit_state(0, 0)
            except LaptError as error:
                code = 0 if error.diagnostics[0].code == "E801" else 2
            store.close()
            os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        second = player(path)
        second.communicate()
        assert second.returncode == 1
        play(store, 3)


def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    with RunStore.create(path, INFO) as store:
        play(store, 5)
        pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
        store._connection.execute(f"PRAGMA max_page_count = {pages + 2}")
        with pytest.raises(LaptError) as caught:
            play(store, STEPS)
        assert caught.value.diagnostics[0].code == "E806"
        kept = store.evaluations()
        assert 5 <= len(kept) < STEPS
        store._connection.execute("PRAGMA max_page_count = 1000000")
    with RunStore.resume(path, INFO) as store:
        assert store.evaluations() == kept
        play(store, STEPS)
        assert store.digest() == uninterrupted(tmp_path, STEPS)


def test_writes_that_the_system_refuses_lose_nothing(tmp_path: Path) -> None:
    """A limit on file sizes makes the system refuse writes, as a quota or a full disk does."""
    path = tmp_path / "run.db"
    child = os.fork()
    if child == 0:
        code = 1
        store = RunStore.create(path, INFO)
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))
        try:
            play(store, 1000)
        except LaptError as error:
            code = 0 if error.diagnostics[0].code in ("E806", "E807") else 2
        os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    with RunStore.resume(path, INFO) as store:
        kept = store.evaluations()
        assert len(kept) > 0
        play(store, len(kept) + 5)
        assert [found.step for found in store.evaluations()] == list(range(len(kept) + 5))
