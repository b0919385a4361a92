"""A search killed by SIGKILL at random moments continues to the same content; `benchmarks/kill_resume.py` tries 100."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.search.run.session import run_search
from tests.search.run.killed_search import Reference, check_resumed, kill_after, lines, search, stored

MOMENTS = 5


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    return Reference(tmp_path_factory.mktemp("whole"))


@pytest.mark.parametrize("moment", range(MOMENTS))
def test_a_search_killed_at_a_random_moment_ends_as_if_it_had_not(
    moment: int, reference: Reference, tmp_path: Path
) -> None:
    seconds = reference.seconds * (moment + random.Random(moment).random()) / MOMENTS
    store, bill = tmp_path / "run.db", tmp_path / "bill"
    kill_after(seconds, store, bill)
    check_resumed(store, bill, reference)


def test_a_finished_run_is_continued_for_nothing(reference: Reference, tmp_path: Path) -> None:
    store, bill = tmp_path / "run.db", tmp_path / "bill"
    run_search(search(bill), store, resume=False)
    _, result = run_search(search(bill), store, resume=True)
    assert result.best == reference.best
    assert lines(bill) == reference.archs
    assert stored(store)[0] == reference.digest


def test_a_store_is_not_begun_twice(tmp_path: Path) -> None:
    store, bill = tmp_path / "run.db", tmp_path / "bill"
    run_search(search(bill), store, resume=False)
    with pytest.raises(LaptError) as caught:
        run_search(search(bill), store, resume=False)
    assert caught.value.diagnostics[0].code == "E802"
