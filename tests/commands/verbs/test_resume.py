"""`lapt search --store FILE --resume` needs no other option, refuses what differs, and takes a larger budget."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from lapt_dsl.commands.main import run
from lapt_dsl.search.store.digests import seal
from lapt_dsl.search.store.records import to_json
from lapt_dsl.search.store.run_store import RunStore
from tests.search.small_tables import TINY, small_space, write_table

Said = Callable[..., tuple[str, str]]

SEARCH = ["search", "--space", "tiny.space", "--table", "table.csv", "--task", "task1", "--maximize"]
SEARCH += ["--principles", "mine.lp", "--seed", "3"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("tiny.space").write_text(TINY, encoding="utf-8")
    write_table(Path("table.csv"), small_space(TINY), (0, 1, 2))
    Path("mine.lp").write_text("principles mine for tiny;\nprinciple few { layer 2: never none; }\n", encoding="utf-8")
    return tmp_path


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Said:
    def call(*arguments: str, code: int = 0) -> tuple[str, str]:
        assert run(arguments) == code
        out, err = capsys.readouterr()
        return out, err

    return call


def digest(path: str) -> str:
    with RunStore.open(path, read_only=True) as store:
        return store.digest()


def cut(path: str, steps: int) -> None:
    """Leave the first evaluations of a run, as if the process had been killed after them."""
    with RunStore.open(path) as store, store._transaction() as connection:
        for table in ("evaluations", "states", "events"):
            connection.execute(f"DELETE FROM {table} WHERE step >= ?", (steps,))
            left = f"SELECT {'id' if table == 'events' else 'step'} FROM {table}"
            connection.execute(f"DELETE FROM digests WHERE record = ? AND key NOT IN ({left})", (table,))


@pytest.mark.parametrize(
    "options",
    [
        ["--strategy", "evolution"],
        ["--strategy", "random", "--no-test"],
        ["--fixed"],
        ["--strategy", "evolution", "--window", "3", "--workers", "1"],
        ["--strategy", "box", "--source", "table.csv", "--source-task", "task2"],
    ],
)
def test_the_store_and_resume_are_all_a_run_needs(
    options: list[str], folder: Path, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = said(*SEARCH, *options, "--budget", "12", "--store", "whole.db", "--json")[0]
    said(*SEARCH, *options, "--budget", "12", "--store", "run.db")
    cut("run.db", 5)
    (folder / "elsewhere").mkdir()
    monkeypatch.chdir(folder / "elsewhere")
    assert said("search", "--store", "../run.db", "--resume", "--json")[0] == whole
    assert digest("../run.db") == digest("../whole.db")


@pytest.mark.parametrize("options", [["--strategy", "evolution"], ["--fixed"], ["--strategy", "local"]])
def test_the_budget_may_grow(options: list[str], folder: Path, said: Said) -> None:
    said(*SEARCH, *options, "--budget", "12", "--store", "whole.db")
    said(*SEARCH, *options, "--budget", "5", "--store", "run.db")
    assert json.loads(said("search", "--store", "run.db", "--resume", "--budget", "12", "--json")[0])["evaluated"] == 12
    assert digest("run.db") == digest("whole.db")
    # The larger budget is that of the run from then on.
    assert json.loads(said("search", "--store", "run.db", "--resume", "--json")[0])["evaluated"] == 12
    err = said("search", "--store", "run.db", "--resume", "--budget", "6", code=2)[1]
    assert "error[E810]" in err
    assert "`budget` is 12 there, 6 here" in err


def test_a_manual_run_keeps_the_length_of_its_iterations_as_its_budget_grows(folder: Path, said: Said) -> None:
    pytest.importorskip("scipy", reason="needs SciPy: pip install 'lapt-dsl[learn]'")
    search = [*SEARCH, "--proposer", "manual", "--preset", "nas201", "--budget", "6", "--store", "run.db"]
    said(*search, code=4)
    assert "--budget 15 --resume" not in said("search", "--store", "run.db", "--resume", "--budget", "15", code=4)[1]
    with RunStore.open("run.db", read_only=True) as store:
        settings = store.info().settings
        assert (settings["budget"], settings["first_budget"], settings["interval"]) == (15, 6, 2)
        assert len(store.evaluations()) == 2
    said("search", "--store", "run.db", "--resume", code=4)
    said("prompt", "adapt", "--store", "run.db", "--space", "tiny.space", "-o", "prompt.md")


@pytest.mark.parametrize(
    ("given", "difference"),
    [
        (["--seed", "0"], "--seed is 3 there, 0 here"),
        (["--strategy", "random"], "--strategy is evolution there, random here"),
        (["--task", "task2"], "--task is task1 there, task2 here"),
        (["--fixed"], "--fixed is not given there, given here"),
        (["--minimize"], '`direction` is "higher" there, "lower" here'),
        (["--window", "4"], "`window` is null there, 4 here"),
        (["--preset", "darts"], "--preset is not given there"),
    ],
)
def test_what_is_given_and_differs_is_refused_by_name(
    given: list[str], difference: str, folder: Path, said: Said
) -> None:
    said(*SEARCH, "--strategy", "evolution", "--budget", "4", "--store", "run.db")
    err = said("search", "--store", "run.db", "--resume", *given, code=2)[1]
    assert "error[E810]" in err
    assert difference in err


def test_what_is_given_and_equal_is_accepted(folder: Path, said: Said) -> None:
    command = [*SEARCH, "--strategy", "evolution", "--budget", "4", "--store", "run.db"]
    first = said(*command)[0]
    assert said(*command, "--resume")[0] == first
    assert said("search", "--store", "run.db", "--resume", "--seed", "3", "--workers", "1")[0] == first


@pytest.mark.parametrize(
    ("name", "option"), [("table.csv", "--table"), ("mine.lp", "--principles"), ("tiny.space", "--space")]
)
def test_a_file_that_moved_or_changed_is_named(name: str, option: str, folder: Path, said: Said) -> None:
    said(*SEARCH, "--strategy", "evolution", "--budget", "4", "--store", "run.db")
    Path(name).rename("moved")
    err = said("search", "--store", "run.db", "--resume", code=2)[1]
    assert f"error[E810]: the run in `run.db` uses `{folder / name}` ({option}), which is not there" in err
    moved = {"table.csv": "moved.csv", "mine.lp": "moved.lp", "tiny.space": "moved.space"}[name]
    Path("moved").rename(moved)
    said("search", "--store", "run.db", "--resume", option, moved)
    said("search", "--store", "run.db", "--resume")
    text = Path(moved).read_text(encoding="utf-8")
    changed = {
        "table.csv": text.rpartition(",")[0] + ",1.5\n",
        "mine.lp": text.replace("never none", "never skip"),
        "tiny.space": text.replace("kernel=3", "kernel=5"),
    }[name]
    assert changed != text
    Path(moved).write_text(changed, encoding="utf-8")
    err = said("search", "--store", "run.db", "--resume", code=2)[1]
    assert "error[E810]" in err
    assert f"{folder / moved} ({option})" in err


def test_a_store_that_records_no_options_asks_for_them(folder: Path, said: Said) -> None:
    command = [*SEARCH, "--strategy", "evolution", "--budget", "4", "--store", "run.db"]
    first = said(*command)[0]
    with RunStore.open("run.db") as store:
        settings = dict(store.info().settings)
        del settings["command"]
        with store._transaction() as connection:
            connection.execute("UPDATE run SET settings = ?", (to_json(settings),))
            seal(connection, "run", 1)
    before = digest("run.db")
    err = said("search", "--store", "run.db", "--resume", "--space", "tiny.space", code=2)[1]
    assert "the store does not record the options of its run: repeat --table or --evaluator" in err
    assert said(*command, "--resume")[0] == first
    assert digest("run.db") == before
    assert said("search", "--store", "run.db", "--resume")[0] == first


def test_a_store_without_a_run_needs_the_options(folder: Path, said: Said) -> None:
    assert "error[E808]" in said("search", "--store", "none.db", "--resume", code=2)[1]
    said(*SEARCH, "--strategy", "evolution", "--budget", "4", "--store", "none.db", "--resume")
