"""A real Ray cluster of several nodes on this machine: workers, nodes and drivers that are killed lose nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lapt_dsl.compiler.building.library import load_space
from lapt_dsl.compiler.refined.refined_space import full
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.evaluate.analytic.evaluator import AnalyticEvaluator
from lapt_dsl.evaluate.evaluator import Failure, Outcome
from lapt_dsl.evaluate.spec import EvaluatorSpec
from lapt_dsl.search.run.session import run_search
from lapt_dsl.search.workers.build import Workers, executor_for
from lapt_dsl.search.workers.conformance import check_executor
from lapt_dsl.search.workers.pool import PoolLimits
from lapt_dsl.search.workers.ray_host import connect
from tests.search.workers.killed_driver import ROOT, bill, check_resumed, digest, kill_after, search
from tests.search.workers.odd_evaluators import odd, tiny
from tests.search.workers.test_processes import value

ray = pytest.importorskip("ray", reason="Ray is not installed: pip install 'lapt-dsl[ray]'")

# One cluster for the whole run, started by the one worker that runs these tests.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("ray cluster")]

STORE_BYTES = 100 * 1024 * 1024


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A head of two logical cores, which this process has joined, and room for more nodes."""
    from ray.cluster_utils import Cluster

    path = os.environ.get("PYTHONPATH")
    # What nodes import, they find where this process does.
    os.environ["PYTHONPATH"] = str(ROOT) + (os.pathsep + path if path else "")
    head = {"num_cpus": 2, "object_store_memory": STORE_BYTES, "include_dashboard": False}
    made = Cluster(initialize_head=True, head_node_args=head)
    try:
        ray.init(address=made.address, log_to_driver=False, logging_level="error")
        yield made
    finally:
        ray.shutdown()
        made.shutdown()
        if path is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = path


def pool(
    folder: Path,
    what: dict[str, str],
    workers: int = 2,
    limits: PoolLimits | None = None,
    notice: Callable[[str], None] = lambda message: None,
) -> Any:
    given = Workers(workers, "auto", limits or PoolLimits())
    return executor_for(given, odd(folder).build(), odd(folder, **what), notice)


def outcomes(executor: Any, ranks: list[int]) -> dict[int, Outcome]:
    for rank in ranks:
        executor.submit(rank, full(tiny()).unrank(rank))
    return landed(executor, ranks)


def landed(executor: Any, ranks: list[int]) -> dict[int, Outcome]:
    found = [executor.next_finished() for _ in ranks]
    assert sorted(each.number for each in found) == sorted(ranks)
    return {each.number: each.outcome for each in found}


def test_it_conforms(cluster: Any) -> None:
    evaluator = AnalyticEvaluator(load_space("nas201"))
    with executor_for(Workers(2, "auto"), evaluator, EvaluatorSpec("analytic", space="nas201")) as executor:
        check_executor(lambda: executor, evaluator)


def test_workers_that_die_or_hang(cluster: Any, tmp_path: Path) -> None:
    odd_ones = {"1": "kill once", "2": "kill", "3": "raise", "4": "memory", "5": "hang"}
    with pool(tmp_path, odd_ones, limits=PoolLimits(retries=1, time_limit=10.0)) as executor:
        found = outcomes(executor, list(range(8)))
    assert {rank: found[rank] for rank in (0, 1, 6, 7)} == {rank: value(rank) for rank in (0, 1, 6, 7)}
    assert found[2] == Failure("error", "its workers died 2 times: its process ended unexpectedly")
    assert isinstance(found[3], Failure)
    assert found[3].message.startswith("RuntimeError: no \\x1b[31mgood")
    assert found[4] == Failure("memory", "MemoryError: ")
    assert found[5] == Failure("timeout", "stopped after 10 s", 10.0)
    assert (bill(tmp_path).count(1), bill(tmp_path).count(2)) == (2, 2)


def test_workers_that_cannot_evaluate(cluster: Any, tmp_path: Path) -> None:
    with pool(tmp_path, {"build": "raise"}) as executor:
        executor.submit(0, full(tiny()).unrank(0))
        with pytest.raises(LaptError, match="no module named nonesuch") as caught:
            executor.next_finished()
    assert caught.value.diagnostics[0].code == "E873"


def test_a_node_that_is_lost_costs_only_time(cluster: Any, tmp_path: Path) -> None:
    """Four workers on two nodes; the second node goes while all four evaluate, and its work is done elsewhere."""
    node = cluster.add_node(num_cpus=2, object_store_memory=STORE_BYTES)
    cluster.wait_for_nodes()
    lost: list[str] = []

    def notice(message: str) -> None:
        lost.append(message)
        if len(lost) == 2:
            (tmp_path / "go").touch()

    with pool(tmp_path, {"all": "wait"}, workers=4, notice=notice) as executor:
        executor.wait_until_ready()
        for rank in range(6):
            executor.submit(rank, full(tiny()).unrank(rank))
        while len(bill(tmp_path)) < 4:
            continue
        cluster.remove_node(node, allow_graceful=False)
        found = landed(executor, list(range(6)))
    assert found == {rank: value(rank) for rank in range(6)}
    # Two were under way on the lost node and started again.
    assert len(lost) == 2
    assert all("which is tried again" in message for message in lost)
    assert len(bill(tmp_path)) == 8


def test_a_killed_driver_is_resumed(cluster: Any, tmp_path: Path) -> None:
    store = tmp_path / "run.db"
    kill_after(10, store, tmp_path, "asked", "2", cluster.address)
    # Resumed without Ray, because what is stored does not depend on who evaluated it.
    check_resumed(store, tmp_path, "asked", Workers(2))
    run_search(search(tmp_path, "asked"), tmp_path / "whole.db", False)
    assert digest(store) == digest(tmp_path / "whole.db")


@pytest.mark.parametrize("address", ["127.0.0.1:1", "ray://127.0.0.1:1", "127.0.0.1:99999"])
def test_no_cluster_at_an_address(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    with pytest.raises(LaptError, match="answers at") as caught:
        connect(address)
    assert caught.value.diagnostics[0].code == "E875"
