"""All runs of an experiment in several processes. Records and their order do not depend on the number of processes."""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor

from lapt_dsl.experiments.single import RunRecord, run_one, start
from lapt_dsl.experiments.study import ExperimentPlan, Study

BATCH = 5
"""Seeds per task: a compromise between overhead and even distribution."""

Task = tuple[str, str, tuple[int, ...]]

_loaded: list[Study] = []
"""The study of this worker process."""


def run_all(
    study: Study, seeds: int, workers: int = 1, watch: Callable[[str, str, int, int], None] = lambda *_: None
) -> list[RunRecord]:
    """Run every method on every target with seeds 0 to `seeds` - 1.

    Args:
        study: The experiment.
        seeds: Number of seeds.
        workers: Number of processes; 1 runs in this process.
        watch: Called after each batch with method, target, number of finished runs and of all runs.

    Returns:
        Records by target, method and seed, in that order.
    """
    tasks = list(_tasks(study, seeds))
    total = sum(len(task[2]) for task in tasks)
    records: list[RunRecord] = []
    for task, batch in zip(tasks, _batches(study, tasks, workers), strict=True):
        records += batch
        watch(task[1], task[0], len(records), total)
    return records


def _tasks(study: Study, seeds: int) -> Iterator[Task]:
    for target in study.targets:
        for method in study.plan.methods:
            for first in range(0, seeds, BATCH):
                yield target.name, method.name, tuple(range(first, min(first + BATCH, seeds)))


def _batches(study: Study, tasks: list[Task], workers: int) -> Iterator[list[RunRecord]]:
    if workers <= 1 or len(tasks) <= 1:
        yield from (_run(study, task) for task in tasks)
        return
    # On Linux a fork is safe, since no other thread runs yet, and it shares the loaded tables and models. System
    # libraries of macOS fail after a fork.
    context = multiprocessing.get_context("fork" if sys.platform.startswith("linux") else "spawn")
    _warm(study)
    _loaded[:] = [study]
    with ProcessPoolExecutor(min(workers, len(tasks)), context, _load, (study.plan,)) as pool:
        yield from pool.map(_in_worker, tasks)
    _loaded.clear()


def _warm(study: Study) -> None:
    """Start every LAPT method once, so that shared models are computed before workers are forked."""
    for method in study.plan.methods:
        if method.strategy == "lapt":
            start(study, method, study.targets[0], 0)


def _load(plan: ExperimentPlan) -> None:
    if not _loaded:
        _loaded[:] = [Study(plan)]


def _in_worker(task: Task) -> list[RunRecord]:
    return _run(_loaded[0], task)


def _run(study: Study, task: Task) -> list[RunRecord]:
    target, method, seeds = study.target(task[0]), study.method(task[1]), task[2]
    return [run_one(study, method, target, seed) for seed in seeds]
