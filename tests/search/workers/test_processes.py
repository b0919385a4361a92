"""Worker processes that misbehave: each evaluation comes back once, as a value or as a failure that says why."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lapt_dsl.compiler.building.library import load_space
from lapt_dsl.compiler.refined.refined_space import full
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.evaluate.analytic.evaluator import AnalyticEvaluator
from lapt_dsl.evaluate.evaluator import Evaluation, Failure, Outcome
from lapt_dsl.evaluate.spec import EvaluatorOptions, EvaluatorSpec
from lapt_dsl.search.workers.conformance import check_executor
from lapt_dsl.search.workers.executor import Executor, FinishedEvaluation
from lapt_dsl.search.workers.in_process import InProcess
from lapt_dsl.search.workers.pool import Pool, PoolLimits, Report
from lapt_dsl.search.workers.process_host import ProcessHost
from tests.search.small_tables import made_up
from tests.search.workers.odd_evaluators import KIND, WAIT, odd, tiny, wait_for

Make = Callable[..., Pool]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Pools over `Odd` evaluators of the test's folder, closed at its end."""
    pools: list[Pool] = []

    def made(
        what: dict[str, str], workers: int = 2, limits: PoolLimits | None = None, memory: int | None = None
    ) -> Pool:
        spec = odd(tmp_path, **what)
        fingerprint = odd(tmp_path).build().fingerprint
        pools.append(Pool(ProcessHost(spec, memory), workers, fingerprint, limits, lambda message: None))
        return pools[-1]

    yield made
    for pool in pools:
        pool.close()


def outcomes(pool: Executor, ranks: list[int]) -> dict[int, Outcome]:
    space = full(tiny())
    for rank in ranks:
        pool.submit(rank, space.unrank(rank))
    found = [pool.next_finished() for _ in ranks]
    assert sorted(each.number for each in found) == sorted(ranks)
    return {each.number: each.outcome for each in found}


def bill(folder: Path) -> list[int]:
    return [int(line) for line in (folder / "bill").read_text(encoding="ascii").split()]


def value(rank: int) -> Evaluation:
    return Evaluation({"made_up": made_up(full(tiny()).unrank(rank).encoding)}, 1.0)


def test_executors_conform() -> None:
    evaluator = AnalyticEvaluator(load_space("nas201"))
    check_executor(lambda: InProcess(evaluator), evaluator)
    spec = EvaluatorSpec("analytic", space="nas201")
    check_executor(lambda: Pool(ProcessHost(spec), 2, evaluator.fingerprint), evaluator)


def test_conformance_can_refuse() -> None:
    evaluator = AnalyticEvaluator(load_space("nas201"))

    class Twice(InProcess):
        def next_finished(self) -> FinishedEvaluation:
            found = super().next_finished()
            return FinishedEvaluation(found.number % 3, found.outcome)

    with pytest.raises(AssertionError, match="comes back twice"):
        check_executor(lambda: Twice(evaluator), evaluator)


def test_a_death_is_tried_again_and_costs_the_others_nothing(make: Make, tmp_path: Path) -> None:
    pool = make({"3": "kill once", "4": "segfault once", "5": "exit once"})
    found = outcomes(pool, list(range(9)))
    assert found == {rank: value(rank) for rank in range(9)}
    assert sorted(bill(tmp_path)) == sorted([*range(9), 3, 4, 5])


def test_what_dies_each_time_fails_after_its_retries(make: Make, tmp_path: Path) -> None:
    pool = make({"3": "kill", "5": "exit"}, limits=PoolLimits(retries=1))
    found = outcomes(pool, list(range(8)))
    assert found[3] == Failure("error", "its workers died 2 times: it was ended by SIGKILL")
    assert found[5] == Failure("error", "its workers died 2 times: it ended with exit code 7")
    assert all(found[rank] == value(rank) for rank in (0, 1, 2, 4, 6, 7))
    assert bill(tmp_path).count(3) == bill(tmp_path).count(5) == 2


def test_a_time_limit_ends_a_worker_and_what_it_started(make: Make, tmp_path: Path) -> None:
    pool = make({"2": "hang"}, workers=1, limits=PoolLimits(time_limit=3.0))
    found = outcomes(pool, [0, 2, 3])
    assert found == {0: value(0), 2: Failure("timeout", "stopped after 3 s", 3.0), 3: value(3)}
    assert ended(int((tmp_path / "child-2").read_text(encoding="ascii")))
    assert bill(tmp_path).count(2) == 1


def test_memory_and_exceptions_are_failures_and_the_worker_goes_on(make: Make, tmp_path: Path) -> None:
    pool = make({"1": "grow", "2": "memory", "3": "raise", "4": "nan"}, workers=1, memory=400)
    found = outcomes(pool, [1, 2, 3, 4, 5])
    assert found[1] == found[2] == Failure("memory", "MemoryError: ")
    message = found[3].message if isinstance(found[3], Failure) else ""
    assert message.startswith("RuntimeError: no \\x1b[31mgood\\nxxx")
    assert len(message) == 1000
    assert found[4] == Failure("diverged", "`made_up` is nan", 1.0)
    assert found[5] == value(5)


def test_what_workers_print_is_not_among_the_results(make: Make, capfd: pytest.CaptureFixture[str]) -> None:
    assert outcomes(make({"1": "print"}, workers=1), [1]) == {1: value(1)}
    printed = capfd.readouterr()
    assert printed.out == ""
    assert printed.err == "printed by an evaluator\n"


@pytest.mark.parametrize(
    ("what", "code", "said"),
    [
        ({"build": "raise"}, "E873", "ImportError: no module named nonesuch"),
        ({"build": "exit"}, "E870", "exit code 3"),
        ({"version": "another"}, "E874", "differs"),
    ],
)
def test_workers_that_cannot_evaluate_end_the_search(make: Make, what: dict[str, str], code: str, said: str) -> None:
    pool = make(what)
    pool.submit(0, full(tiny()).unrank(0))
    with pytest.raises(LaptError, match=said) as caught:
        pool.next_finished()
    assert caught.value.diagnostics[0].code == code


def test_no_worker_in_time() -> None:
    class Silent:
        def start(self) -> int:
            return 0

        def give(self, worker: int, labels: tuple[int, ...]) -> None:
            raise AssertionError("no worker was ready")

        def wait(self, seconds: float) -> list[Report]:
            return []

        def stop(self, worker: int) -> None:
            raise AssertionError("nothing runs")

        def close(self) -> None:
            """Nothing runs."""

    pool = Pool(Silent(), 1, "", PoolLimits(start_seconds=0.01))
    pool.submit(0, full(tiny()).unrank(0))
    with pytest.raises(LaptError) as caught:
        pool.next_finished()
    assert caught.value.diagnostics[0].code == "E876"


def test_closing_ends_what_is_under_way(make: Make, tmp_path: Path) -> None:
    pool = make({"all": "hang"}, workers=1)
    pool.wait_until_ready()
    pool.submit(0, full(tiny()).unrank(0))
    wait_for(tmp_path / "child-0")
    pool.close()
    pool.close()
    assert ended(int((tmp_path / "child-0").read_text(encoding="ascii")))
    with pytest.raises(ValueError, match="closed"):
        pool.submit(1, full(tiny()).unrank(1))


def test_a_worker_sees_the_threads_it_may_use(monkeypatch: pytest.MonkeyPatch) -> None:
    from lapt_dsl.search.workers.process_host import _environment

    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setenv("MKL_NUM_THREADS", "4")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2,5")
    made = [_environment(slot) for slot in range(3)]
    assert [each["CUDA_VISIBLE_DEVICES"] for each in made] == ["2", "5", "2"]
    assert (made[0]["OMP_NUM_THREADS"], made[0]["MKL_NUM_THREADS"]) == ("1", "4")


def test_specs_are_plain_text(tmp_path: Path) -> None:
    spec = odd(tmp_path, **{"1": "kill"})
    assert EvaluatorSpec.from_json(spec.to_json()) == spec
    assert spec.kind == KIND
    with pytest.raises(ValueError, match="not an evaluator spec"):
        EvaluatorSpec.from_json("[1]")
    with pytest.raises(LaptError):
        EvaluatorSpec("analytic", space="space nonsense {").build()
    with pytest.raises(ValueError, match="needs a space"):
        EvaluatorSpec("analytic").build()
    with pytest.raises(ValueError, match="no option `colour`"):
        EvaluatorSpec.from_json('{"kind": "train", "options": {"colour": 1}, "space": "nas201"}')


def test_a_portable_spec_names_its_files_by_absolute_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here").mkdir()
    table = EvaluatorSpec("table", EvaluatorOptions(argument="here", task="val_acc")).portable("nas201")
    assert (table.options.argument, table.options.task, table.space) == (str(tmp_path / "here"), "val_acc", "nas201")
    train = EvaluatorSpec("train", EvaluatorOptions(data="digits", checkpoints="here")).portable("nas201")
    assert (train.options.data, train.options.checkpoints) == ("digits", str(tmp_path / "here"))
    assert EvaluatorSpec("exec", EvaluatorOptions(argument="here")).portable("nas201").options.argument == "here"


def ended(process: int) -> bool:
    """Whether a process is gone, or about to be: it was killed when the call before returned."""
    until = time.monotonic() + WAIT
    while time.monotonic() < until:
        try:
            os.kill(process, 0)
            state = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
        except (ProcessLookupError, FileNotFoundError):
            return True
        if state in "ZX":
            return True
    os.kill(process, signal.SIGKILL)
    return False
