"""Workers as processes of this machine, each with its own pipe.

No queue is shared, so a process that is killed at any moment loses only its own evaluation. A worker leads a process
group: killing the group also kills the processes that its evaluator started.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait

from lapt_dsl.compiler.refined.encoded_set import Encoding
from lapt_dsl.evaluate.spec import EvaluatorSpec
from lapt_dsl.search.workers.pool import Died, Done, Ready, Report, Unfit
from lapt_dsl.search.workers.serialization import MAX_BYTES, outcome_of_text

THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
"""Set to 1 in a worker unless they are set: workers share the cores, and the number of threads may change the last
digits of a sum, so it must not depend on the number of workers."""

LOOK = 0.5
"""Seconds between checks for processes that have ended while a child process holds their pipe open."""


class _Process:
    """One worker: its process and the driver's end of the pipe."""

    def __init__(self, spec: EvaluatorSpec, memory_limit: int | None, slot: int) -> None:
        self.slot = slot
        self.connection, other = Pipe()
        with other:
            command = [sys.executable, "-m", "lapt_dsl.search.workers.process_worker", str(other.fileno())]
            # Output of a worker must not mix with the results on this process's standard output.
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=2,
                pass_fds=(other.fileno(),),
                start_new_session=True,
                env=_environment(slot),
            )
        task = {"evaluator": spec.to_json(), "path": sys.path, "memory_limit": memory_limit}
        self.send(json.dumps(task))

    def send(self, text: str) -> None:
        try:
            self.connection.send_bytes(text.encode())
        except OSError:
            # The process has ended; `ProcessHost.wait` reports it.
            return

    def end(self) -> int:
        """Kill the process group and return the exit status."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            # The whole group is gone already; some systems report this as a PermissionError.
            self.process.kill()
        self.connection.close()
        return self.process.wait()


class ProcessHost:
    """Local processes that build their evaluator from a spec."""

    def __init__(self, spec: EvaluatorSpec, memory_limit: int | None = None) -> None:
        """`memory_limit` of one worker in MiB, None for no limit."""
        self._spec, self._memory_limit = spec, memory_limit
        self._processes: dict[int, _Process] = {}
        self._started = 0
        self._oom_kills = _oom_kills()

    def start(self) -> int:
        """Start a process."""
        number = self._started
        self._started += 1
        taken = {each.slot for each in self._processes.values()}
        slot = next(slot for slot in range(len(taken) + 1) if slot not in taken)
        self._processes[number] = _Process(self._spec, self._memory_limit, slot)
        return number

    def give(self, worker: int, encoding: Encoding) -> None:
        """Send the encoding of an architecture."""
        self._processes[worker].send(json.dumps(encoding))

    def wait(self, seconds: float) -> list[Report]:
        """Messages of workers, and workers that have ended."""
        ends = {each.connection: number for number, each in self._processes.items()}
        until = time.monotonic() + seconds
        reports: list[Report] = []
        while not reports:
            left = until - time.monotonic()
            for end in wait(list(ends), max(0.0, min(left, LOOK))):
                if isinstance(end, Connection):
                    reports.append(self._read(ends[end]))
            reported = {report.worker for report in reports}
            for number, each in list(self._processes.items()):
                if number not in reported and each.process.poll() is not None and not each.connection.poll():
                    reports.append(self._bury(number))
            if left <= 0:
                break
        return reports

    def _read(self, worker: int) -> Report:
        try:
            text = self._processes[worker].connection.recv_bytes(MAX_BYTES).decode()
            return _report(worker, text)
        except (EOFError, OSError):
            return self._bury(worker)
        except (ValueError, KeyError) as error:
            self.stop(worker)
            return Died(worker, f"it sent a message that cannot be read: {error}")

    def _bury(self, worker: int) -> Died:
        process = self._processes.pop(worker)
        # The pipe closes shortly before the process has an exit status; killing it at once would replace the status.
        with suppress(subprocess.TimeoutExpired):
            process.process.wait(LOOK)
        status = process.end()
        kills = _oom_kills()
        killed_for_memory = status == -signal.SIGKILL and kills > self._oom_kills
        self._oom_kills = kills
        if killed_for_memory:
            return Died(worker, "the system killed it because memory ran out", "memory")
        return Died(worker, _ended(status))

    def stop(self, worker: int) -> None:
        """Kill a process and its children."""
        self._processes.pop(worker).end()

    def close(self) -> None:
        """Kill every process."""
        for worker in list(self._processes):
            self.stop(worker)


def _report(worker: int, text: str) -> Report:
    message = json.loads(text)
    if "ready" in message:
        return Ready(worker, str(message["ready"]))
    if "unfit" in message:
        return Unfit(worker, str(message["unfit"]))
    return Done(worker, outcome_of_text(message["outcome"]))


def _ended(status: int) -> str:
    if status >= 0:
        return f"it ended with exit code {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    return f"it was ended by {name}"


def _environment(slot: int) -> dict[str, str]:
    """A worker's environment; several visible GPUs are assigned to workers in turn."""
    environment = {**dict.fromkeys(THREADS, "1"), **os.environ}
    devices = [each for each in environment.get("CUDA_VISIBLE_DEVICES", "").split(",") if each]
    if len(devices) > 1:
        environment["CUDA_VISIBLE_DEVICES"] = devices[slot % len(devices)]
    return environment


def _oom_kills() -> int:
    """Number of processes that this machine has killed because memory ran out, 0 where it is unknown."""
    try:
        with open("/proc/vmstat", encoding="ascii") as file:
            return next((int(line.split()[1]) for line in file if line.startswith("oom_kill ")), 0)
    except (OSError, ValueError):
        return 0
