"""An executor from what a person asks for: so many processes here, or a cluster's workers."""

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
"""The look-ahead where nothing else is said: the same for 1 to 8 workers, so that those give the same run."""


@dataclass(frozen=True, slots=True)
class Workers:
    """Who evaluates.

    `count`: how many workers, None for none but this process, or with `ray` for as many as the cluster has room for;
    `ray`: a cluster's address; `limits` of an evaluation; `memory_limit`: MiB that a local worker may hold; `cpus` and
    `gpus` that a cluster's worker takes.
    """

    count: int | None = None
    ray: str | None = None
    limits: PoolLimits = field(default_factory=PoolLimits)
    memory_limit: int | None = None
    cpus: float = 1.0
    gpus: float = 0.0

    @property
    def apart(self) -> bool:
        """Whether evaluations happen in other processes than the driver's."""
        return self.count is not None or self.ray is not None


def schedule_for(workers: int | None, order: Order = "asked", window: int | None = None) -> Schedule:
    """The schedule of so many workers, None for no worker but this process.

    Without a window: 1 without workers, which is the plain loop. In the order asked WINDOW for up to as many workers,
    and for more two evaluations per worker, so that a long one does not leave the others idle. In the order finished
    one evaluation per worker and an eighth to spare, so that a worker has its next while the driver stores the last.
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
    """An executor for as long as the context lasts; leaving it ends the workers at once, whatever the reason.

    Args:
        workers: Who evaluates.
        evaluator: This process's evaluator; without workers apart it evaluates.
        spec: How workers build theirs; needed where there are any.
        notice: Told in a sentence when a worker is lost.

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
