"""How well many workers are used, with evaluators that sleep, and what a step costs the driver.

    python -m benchmarks.workers [--workers 32] [--mean 0.5] [--steps 960] [--repeats 3] [--without-ray]

Evolution on NAS-Bench-201 with a store on disk. A share of the ideal is the time slept by all evaluations, divided by
workers times the seconds the search took, from ready workers to the last result: starting is left out, the end, when
workers run dry, is not. Then the same with evaluations that take no time: the most steps a second that one driver
takes, with everything that a step costs it.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.sleeping import KIND, Sleeping
from lapt_dsl.compiler.building.library import load_space
from lapt_dsl.compiler.refined.refined_space import full
from lapt_dsl.compiler.space.model import Architecture
from lapt_dsl.evaluate.spec import EvaluatorOptions, EvaluatorSpec
from lapt_dsl.search.run.loop import Result
from lapt_dsl.search.run.session import Search, run_search
from lapt_dsl.search.schedule import Order, Schedule
from lapt_dsl.search.settings import Settings
from lapt_dsl.search.workers.build import Workers, executor_for, schedule_for
from lapt_dsl.search.workers.executor import Executor, FinishedEvaluation
from lapt_dsl.search.workers.pool import Pool

SPACE = "nas201"
LEAST = 0.9
"""The share of the ideal that is asked for, in the order finished."""


class Instant:
    """An executor whose evaluations are over when they are submitted: what is left is the driver's own work."""

    workers = 1

    def __init__(self, evaluator: Sleeping) -> None:
        self._evaluator = evaluator
        self._waiting: list[tuple[int, Architecture]] = []

    def submit(self, number: int, arch: Architecture) -> None:
        self._waiting.append((number, arch))

    def next_finished(self) -> FinishedEvaluation:
        number, arch = self._waiting.pop(0)
        return FinishedEvaluation(number, self._evaluator.evaluate(arch))

    def close(self) -> None:
        self._waiting.clear()


def play(executor: Executor, mean: float, steps: int, schedule: Schedule) -> tuple[float, Result]:
    """Seconds of one search, and what it found."""
    settings = Settings(archive=5, keep=5, iterations=1, population=100, tournament=10, budget=steps)
    space = load_space(SPACE)
    search = Search(Sleeping(space, mean), full(space), "evolution", settings, 0, schedule=schedule)
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        _, result = run_search(search, Path(folder) / "run.db", False, executor=executor)
        return time.perf_counter() - start, result


def share(executor: Executor, mean: float, steps: int, schedule: Schedule) -> float:
    seconds, result = play(executor, mean, steps, schedule)
    slept = sum(step.outcome.cost or 0.0 for step in result.steps)
    return slept / (executor.workers * seconds)


def median(measure: Callable[[], float], repeats: int) -> tuple[float, list[float]]:
    found = [measure() for _ in range(repeats)]
    return statistics.median(found), found


def shares(workers: Workers, mean: float, steps: int, repeats: int, name: str) -> float:
    """Print the shares of both orders and return that of the order finished."""
    spec = EvaluatorSpec(KIND, EvaluatorOptions(argument=str(mean)), SPACE)
    start = time.perf_counter()
    with executor_for(workers, Sleeping(load_space(SPACE), mean), spec, print) as executor:
        assert isinstance(executor, Pool)
        executor.wait_until_ready()
        print(f"{name}: {executor.workers} workers ready after {time.perf_counter() - start:.1f} s", flush=True)
        best = 0.0
        orders: tuple[Order, ...] = ("finished", "asked")
        for order in orders:
            schedule = schedule_for(executor.workers, order)
            middle, each = median(lambda s=schedule: share(executor, mean, steps, s), repeats)
            best = middle if order == "finished" else best
            listed = ", ".join(f"{value:.1%}" for value in each)
            print(f"  order {order:<8} window {schedule.window:>3}: {middle:.1%} of the ideal  ({listed})", flush=True)
    return best


def ceiling(workers: Workers, steps: int, repeats: int, name: str) -> None:
    """Print the most steps a second, with evaluations that take no time."""
    spec = EvaluatorSpec(KIND, EvaluatorOptions(argument="0.0"), SPACE)
    with executor_for(workers, Sleeping(load_space(SPACE), 0.0), spec, print) as executor:
        assert isinstance(executor, Pool)
        executor.wait_until_ready()
        schedule = schedule_for(executor.workers, "finished")
        middle, _ = median(lambda: play(executor, 0.0, steps, schedule)[0] / steps, repeats)
    print(f"{name}: {1000 * middle:.2f} ms a step, {1 / middle:,.0f} steps a second at most", flush=True)


def own_cost(steps: int, repeats: int) -> None:
    evaluator = Sleeping(load_space(SPACE), 0.0)
    schedule = Schedule("finished", 32)
    middle, _ = median(lambda: play(Instant(evaluator), 0.0, steps, schedule)[0] / steps, repeats)
    print(f"driver alone (ask, commit, tell): {1000 * middle:.2f} ms a step", flush=True)


def waiting_cost(counts: tuple[int, ...] = (32, 1000)) -> None:
    """Print what one look at so many calls under way costs on Ray."""
    import ray

    class Idle:
        def nap(self, seconds: float) -> None:
            time.sleep(seconds)

    made = ray.remote(Idle).remote()
    for count in counts:
        refs = [made.nap.remote(60.0) for _ in range(count)]
        looks = []
        for _ in range(20):
            start = time.perf_counter()
            ray.wait(refs, num_returns=1, timeout=0.0)
            looks.append(time.perf_counter() - start)
        print(f"ray: a look at {count:>5} calls under way {1000 * statistics.median(looks):.2f} ms", flush=True)
    ray.kill(made)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--workers", type=int, default=32)
    parser.add_argument("--mean", type=float, default=0.5, help="seconds of an evaluation")
    parser.add_argument("--steps", type=int, default=960)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--without-ray", action="store_true")
    given = parser.parse_args()
    # What Ray's workers import, they find where this process does.
    os.environ["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    own_cost(given.steps, given.repeats)
    local = Workers(given.workers)
    found = [shares(local, given.mean, given.steps, given.repeats, "processes")]
    ceiling(local, given.steps, given.repeats, "processes")
    if not given.without_ray:
        from lapt_dsl.search.workers.ray_host import connect

        connection = connect("local", given.workers)
        try:
            cluster = Workers(given.workers, "local")
            found.append(shares(cluster, given.mean, given.steps, given.repeats, "ray"))
            ceiling(cluster, given.steps, given.repeats, "ray")
            waiting_cost()
        finally:
            connection.close()
    print(f"least {min(found):.1%} in the order finished, limit {LEAST:.0%}")
    return 0 if min(found) >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
