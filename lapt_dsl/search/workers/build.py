"""Build the executor of a search: none, local worker processes, or the workers of a Ray cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from lapt_dsl.evaluate.evaluator import Evaluator
from lapt_dsl.evaluate.spec import EvaluatorSpec
from lapt_dsl.search.schedule import Order, Schedule
from lapt_dsl.search.workers.executor import Executor
from lapt_dsl.search.workers.in_process import InProcess
from lapt_dsl.search.workers.pool import Host, Pool, PoolLimits

WINDOW = 8
"""The default window in submission order: equal for 1 to 8 workers, so that these give the same run."""


@dataclass(frozen=True, slots=True)
class Workers:
    """The number and the kind of the workers.

    `count`: number of workers; None evaluates in this process or, with `ray`, takes as many as fit on the cluster;
    `ray`: address of a cluster; `limits` of an evaluation; `memory_limit` of a local worker in MiB; `cpus` and `gpus`
    of a worker on a cluster.
    """

    count: int | None = None
    ray: str | None = None
    limits: PoolLimits = field(default_factory=PoolLimits)
    memory_limit: int | None = None
    cpus: float = 1.0
    gpus: float = 0.0

    @property
    def apart(self) -> bool:
        """Whether evaluations run in processes other than the driver."""
        return self.count is not None or self.ray is not None


def schedule_for(workers: int | None, order: Order = "asked", window: int | None = None) -> Schedule:
    """The schedule for a number of workers; None evaluates in this process.

    The default window is 1 without workers, which is the sequential loop. In submission order it is WINDOW for up to
    WINDOW workers, and two evaluations per worker for more, so that a long evaluation does not leave the others idle.
    In completion order it is one evaluation per worker and an eighth more, so that a worker has its next evaluation
    while the driver stores the previous one.
    """
    if window is not None:
        return Schedule(order, window)
    if workers is None:
        return Schedule(order, 1)
    if order == "finished":
        return Schedule(order, workers + workers // 8)
    return Schedule(order, WINDOW if workers <= WINDOW else 2 * workers)


@contextmanager
def executor_for(
    workers: Workers,
    evaluator: Evaluator,
    spec: EvaluatorSpec | None,
    notice: Callable[[str], None] = lambda message: None,
) -> Iterator[Executor]:
    """An executor that is closed with the context; leaving the context kills the workers at once.

    Args:
        workers: The number and the kind of the workers.
        evaluator: This process's evaluator, used where there are no workers.
        spec: The spec from which workers build theirs; required with workers.
        notice: Called with a sentence when a worker is lost.

    Raises:
        LaptError: E875, there is no such cluster.
        ImportError: Ray is not installed.
        ValueError: There are workers and no spec.
    """
    if not workers.apart:
        yield InProcess(evaluator)
        return
    if spec is None:
        raise ValueError("workers need the spec of an evaluator")
    with _host(workers, spec) as (host, count):
        pool = Pool(host, count, evaluator.fingerprint, workers.limits, notice)
        try:
            yield pool
        finally:
            pool.close()


@contextmanager
def _host(workers: Workers, spec: EvaluatorSpec) -> Iterator[tuple[Host, int]]:
    if workers.ray is None:
        from lapt_dsl.search.workers.process_host import ProcessHost

        yield ProcessHost(spec, workers.memory_limit), workers.count or 1
        return
    from lapt_dsl.search.workers.ray_host import RayHost, connect

    connection = connect(workers.ray, workers.count)
    try:
        room = max(1, int(connection.cores() / workers.cpus)) if workers.cpus else 1
        yield RayHost(spec, workers.cpus, workers.gpus), workers.count or room
    finally:
        connection.close()
