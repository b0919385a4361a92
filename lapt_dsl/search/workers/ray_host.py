"""Workers as actors of a Ray cluster, on one machine or many (extra `[ray]`, imported when a host is created).

An actor holds its evaluator. Ray starts each actor on a node with free resources, and an actor that cannot be placed
waits, so a cluster may grow and shrink during a search. Ray's own retries are off: the pool decides how often an
evaluation is repeated, for every kind of worker alike.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from typing import Any

from lapt_dsl.compiler.refined.encoded_set import Encoding
from lapt_dsl.evaluate.spec import EvaluatorSpec
from lapt_dsl.search.workers.errors import worker_error
from lapt_dsl.search.workers.evaluation import readable
from lapt_dsl.search.workers.pool import Died, Done, Ready, Report, Unfit
from lapt_dsl.search.workers.ray_worker import RayWorker
from lapt_dsl.search.workers.serialization import outcome_of_text

LOCAL = "local"
"""The address that starts a cluster on this machine alone, for the time of the search."""

STORE_BYTES = 100 * 1024 * 1024
"""Size of the object store of such a cluster: architectures and outcomes are a few hundred bytes."""


REACH_SECONDS = 5.0
"""Seconds within which a cluster must answer at its address."""


class RayHost:
    """Actors of a cluster that build their evaluator from a spec."""

    def __init__(self, spec: EvaluatorSpec, cpus: float = 1.0, gpus: float = 0.0) -> None:
        """For a cluster that this process is connected to (see `connect`).

        Args:
            spec: How a worker builds its evaluator.
            cpus: Cores of one worker.
            gpus: GPUs of one worker; with a fraction, workers share a GPU.
        """
        import ray

        self._ray = ray
        self._spec = spec.to_json()
        self._actor_class = ray.remote(RayWorker).options(
            num_cpus=cpus, num_gpus=gpus, max_restarts=0, max_task_retries=0
        )
        self._actors: dict[int, Any] = {}
        self._refs: dict[Any, int] = {}
        self._ready: set[int] = set()
        self._started = 0

    def start(self) -> int:
        """Request an actor."""
        number = self._started
        self._started += 1
        actor: Any = self._actor_class.remote(self._spec)
        self._actors[number] = actor
        self._refs[actor.ready.remote()] = number
        return number

    def give(self, worker: int, encoding: Encoding) -> None:
        """Call the actor with the encoding of an architecture."""
        self._refs[self._actors[worker].evaluate.remote(list(encoding))] = worker

    def wait(self, seconds: float) -> list[Report]:
        """Results of finished calls, and calls that failed because their actor or its node is gone."""
        if not self._refs:
            return []
        found, _ = self._ray.wait(list(self._refs), num_returns=1, timeout=seconds)
        if found and len(self._refs) > 1:
            # Also take every other finished call, so that one check serves a whole cluster.
            found, _ = self._ray.wait(list(self._refs), num_returns=len(self._refs), timeout=0)
        return [self._read(ref) for ref in found]

    def _read(self, ref: Any) -> Report:
        worker = self._refs.pop(ref)
        errors = self._ray.exceptions
        try:
            value = self._ray.get(ref)
            if worker not in self._ready:
                fit, text = value
                self._ready.add(worker)
                return Ready(worker, text) if fit else Unfit(worker, text)
            return Done(worker, outcome_of_text(value))
        except (errors.RayError, ValueError, TypeError) as error:
            self.stop(worker)
            return _died(worker, error)

    def stop(self, worker: int) -> None:
        """Kill an actor's process."""
        actor = self._actors.pop(worker)
        self._ready.discard(worker)
        for ref in [ref for ref, number in self._refs.items() if number == worker]:
            del self._refs[ref]
        with suppress(self._ray.exceptions.RayError):
            self._ray.kill(actor, no_restart=True)

    def close(self) -> None:
        """Kill every actor; the cluster stays."""
        for worker in list(self._actors):
            self.stop(worker)


def _died(worker: int, error: Exception) -> Died:
    """Why an actor is gone, without the numbers of Ray's message, so that equal runs store equal messages."""
    text = " ".join(str(error).split())
    if type(error).__name__ == "OutOfMemoryError" or "running low on memory" in text:
        return Died(worker, "Ray killed it because its node ran out of memory", "memory")
    if "node" in text and ("node has died" in text or "node died" in text or "node was terminated" in text):
        return Died(worker, "its node was lost")
    if type(error).__name__ in ("ActorDiedError", "RayActorError"):
        return Died(worker, "its process ended unexpectedly")
    return Died(worker, readable(f"{type(error).__name__}: {text[:300]}"))


class Connection:
    """A connection of this process to a cluster, from `connect` to `close`."""

    def __init__(self, mine: bool) -> None:
        self._mine = mine

    def cores(self) -> int:
        """Number of CPUs of the cluster."""
        import ray

        resources: Any = ray.cluster_resources  # untyped in Ray
        return int(resources().get("CPU", 1))

    def close(self) -> None:
        """Leave the cluster, and end it where it was started for this search."""
        if self._mine:
            import ray

            ray.shutdown()


def connect(address: str, cpus: int | None = None) -> Connection:
    """Join the Ray cluster at an address.

    Args:
        address: `auto`, `HOST:PORT`, `ray://HOST:PORT`, or `local` to start one here.
        cpus: Number of cores of a cluster that is started here; None for those of the machine.

    Raises:
        LaptError: E875, there is no cluster.
        ImportError: Ray is not installed.
    """
    # Ray reads this once, when it is imported.
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    import ray

    if ray.is_initialized():
        return Connection(mine=False)
    _reach(address)
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "error"}
    try:
        if address == LOCAL:
            ray.init(address=LOCAL, num_cpus=cpus, include_dashboard=False, object_store_memory=STORE_BYTES, **quiet)
        else:
            ray.init(address=address, **quiet)
    except (ConnectionError, RuntimeError, ValueError, TimeoutError) as error:
        message = f"cannot join the Ray cluster at `{address}`: {readable(' '.join(str(error).split())[:300])}"
        raise worker_error("E875", message) from error
    return Connection(mine=True)


def _reach(address: str) -> None:
    """Raise E875 where nothing answers at an address: Ray would wait a minute and then end this process."""
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if not colon or not port.isdigit():
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), REACH_SECONDS).close()
    except (OSError, OverflowError) as error:
        reason = readable(str(error))
        raise worker_error("E875", f"no Ray cluster answers at `{readable(address)}`: {reason}") from error
