"""An executor whose workers may die: queue, deadlines, retries and replacements for every kind of worker.

A host starts workers, sends them architectures and reports events. All decisions are made by the pool, so that local
processes and the workers of a cluster behave alike.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, Protocol, TypeAlias

from lapt_dsl.compiler.refined.encoded_set import Encoding
from lapt_dsl.compiler.space.model import Architecture
from lapt_dsl.evaluate.evaluator import Failure, FailureKind, Outcome
from lapt_dsl.search.workers.errors import worker_error
from lapt_dsl.search.workers.evaluation import readable
from lapt_dsl.search.workers.executor import FinishedEvaluation

MAX_STARTS = 3
"""Number of workers in a row that may end before they are ready."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A worker has built its evaluator, which has this fingerprint, and is idle."""

    worker: int
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Done:
    """A worker has evaluated its architecture."""

    worker: int
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Died:
    """A worker is gone. `kind`: `memory` where that is known to be the reason, else `error`."""

    worker: int
    reason: str
    kind: Literal["error", "memory"] = "error"


@dataclass(frozen=True, slots=True)
class Unfit:
    """A worker cannot build its evaluator, so no other worker could."""

    worker: int
    reason: str


Report: TypeAlias = Ready | Done | Died | Unfit


class Host(Protocol):
    """Starts and stops workers and exchanges messages with them."""

    def start(self) -> int:
        """Start a worker and return its number at once; `wait` reports when it is ready."""
        ...

    def give(self, worker: int, encoding: Encoding) -> None:
        """Let an idle worker evaluate an architecture. `wait` reports a worker that is gone."""
        ...

    def wait(self, seconds: float) -> list[Report]:
        """The events since the last call; waits at most `seconds` for the first one."""
        ...

    def stop(self, worker: int) -> None:
        """Kill a worker and its child processes at once; no later report mentions it."""
        ...

    def close(self) -> None:
        """Kill every worker."""
        ...


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """`retries`: how often an evaluation is repeated after its worker died; `time_limit` of one evaluation in seconds,
    None for no limit; `start_seconds`: how long to wait for the first worker, or for any worker after all were lost.
    """

    retries: int = 2
    time_limit: float | None = None
    start_seconds: float = 300.0


@dataclass(frozen=True, slots=True)
class _Task:
    number: int
    encoding: Encoding
    deaths: int = 0


class Pool:
    """Distributes submissions to workers; every submission gets an outcome even if its worker dies."""

    def __init__(
        self,
        host: Host,
        workers: int,
        fingerprint: str,
        limits: PoolLimits | None = None,
        notice: Callable[[str], None] = lambda message: None,
    ) -> None:
        """Start the workers.

        Args:
            host: Starts the workers; it is closed with the pool.
            workers: Number of workers.
            fingerprint: That of the driver's evaluator; a worker with another one is an error.
            limits: Limits of an evaluation.
            notice: Called with a sentence when a worker is lost.
        """
        self._host, self._workers, self._fingerprint = host, workers, fingerprint
        self._limits, self._notice = limits or PoolLimits(), notice
        self._queue: deque[_Task] = deque()
        self._finished: deque[FinishedEvaluation] = deque()
        self._pending: set[int] = set()
        self._idle: deque[int] = deque()
        self._busy: dict[int, tuple[_Task, float]] = {}
        self._failed_starts = 0
        self._without_since: float | None = None
        self._closed = False
        for _ in range(workers):
            host.start()

    @property
    def workers(self) -> int:
        """Number of evaluations that run at a time."""
        return self._workers

    @property
    def ready(self) -> int:
        """Number of workers that have built their evaluator."""
        return len(self._idle) + len(self._busy)

    def wait_until_ready(self) -> None:
        """Wait until every worker is ready, for benchmarks. Errors as for `next_finished`."""
        while self.ready < self._workers:
            self._turn()

    def submit(self, number: int, arch: Architecture) -> None:
        """Evaluate an architecture. ValueError where its number is pending, or after `close`."""
        if self._closed:
            raise ValueError("the workers have been closed")
        if number in self._pending:
            raise ValueError(f"evaluation {number} is pending already")
        self._pending.add(number)
        self._queue.append(_Task(number, arch.encoding))
        self._give()

    def next_finished(self) -> FinishedEvaluation:
        """Wait for one evaluation to finish.

        Raises:
            ValueError: No evaluation is pending.
            LaptError: E870, workers end before they are ready; E873, they cannot build the evaluator; E874, their
                evaluator is another one; E876, no worker is ready in time.
        """
        if not self._pending:
            raise ValueError("no evaluation is pending")
        if self._finished and self._queue:
            # Other evaluations may have finished while the caller was busy: give their workers new ones first.
            self._turn(0.0)
        while not self._finished:
            self._turn()
        finished = self._finished.popleft()
        self._pending.discard(finished.number)
        return finished

    def close(self) -> None:
        """Kill every worker at once."""
        if not self._closed:
            self._closed = True
            self._host.close()

    def _turn(self, seconds: float | None = None) -> None:
        """Wait for events, at most `seconds`, and handle them."""
        for report in self._host.wait(self._patience() if seconds is None else seconds):
            match report:
                case Ready(worker, fingerprint):
                    self._welcome(worker, fingerprint)
                case Done(worker, outcome):
                    task, _ = self._busy.pop(worker)
                    self._idle.append(worker)
                    self._finished.append(FinishedEvaluation(task.number, outcome))
                case Died(worker, reason, kind):
                    self._replace(worker, reason, kind)
                case Unfit(_, reason):
                    raise worker_error("E873", f"a worker cannot build the evaluator: {readable(reason)}")
        self._expire()
        self._give()

    def _welcome(self, worker: int, fingerprint: str) -> None:
        if fingerprint != self._fingerprint:
            raise worker_error("E874", "a worker's evaluator differs from the one of this process")
        self._failed_starts = 0
        self._idle.append(worker)

    def _replace(self, worker: int, reason: str, kind: FailureKind) -> None:
        reason = readable(reason)
        if worker in self._busy:
            task = replace(self._busy[worker][0], deaths=self._busy.pop(worker)[0].deaths + 1)
            again = task.deaths <= self._limits.retries
            if again:
                self._queue.appendleft(task)
            else:
                times = "its worker died" if task.deaths == 1 else f"its workers died {task.deaths} times"
                self._finished.append(FinishedEvaluation(task.number, Failure(kind, f"{times}: {reason}")))
            what = f"evaluation {task.number}, {'which is tried again' if again else 'which has failed'}"
            self._notice(f"lost a worker with {what}: {reason}")
        elif worker in self._idle:
            self._idle.remove(worker)
            self._notice(f"lost an idle worker: {reason}")
        else:
            self._failed_starts += 1
            if self._failed_starts >= MAX_STARTS:
                raise worker_error("E870", f"{MAX_STARTS} workers in a row ended before they were ready: {reason}")
        self._host.start()

    def _expire(self) -> None:
        """Stop evaluations after their deadline; E876 where no worker has been ready for too long."""
        now = time.monotonic()
        for worker in [worker for worker, (_, deadline) in self._busy.items() if deadline <= now]:
            task, _ = self._busy.pop(worker)
            self._host.stop(worker)
            self._host.start()
            message = f"stopped after {self._limits.time_limit:g} s"
            self._finished.append(FinishedEvaluation(task.number, Failure("timeout", message, self._limits.time_limit)))
        if self.ready:
            self._without_since = None
        elif self._without_since is None:
            self._without_since = now
        elif now - self._without_since > self._limits.start_seconds:
            raise worker_error("E876", f"no worker was ready within {self._limits.start_seconds:g} s")

    def _give(self) -> None:
        limit = self._limits.time_limit
        while self._queue and self._idle:
            worker, task = self._idle.popleft(), self._queue.popleft()
            self._busy[worker] = (task, float("inf") if limit is None else time.monotonic() + limit)
            self._host.give(worker, task.encoding)

    def _patience(self) -> float:
        """Seconds to wait for events: until the next deadline, at most one second."""
        if self._limits.time_limit is None:
            return 1.0
        nearest = min((deadline for _, deadline in self._busy.values()), default=float("inf"))
        return max(0.0, min(1.0, nearest - time.monotonic()))
