"""Workers as processes of this machine, each with a pipe of its own.

No queue is shared, so that a process killed at any moment takes nothing with it but its own evaluation. A worker is
the leader of a process group: ending it ends whatever its evaluator had started.
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

from lapt_dsl.compiler.refined.encoded_set import Word
from lapt_dsl.evaluate.spec import EvaluatorSpec
from lapt_dsl.search.workers.pool import Died, Done, Ready, Report, Unfit
from lapt_dsl.search.workers.serialization import MAX_BYTES, outcome_of_text

THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
"""Set to 1 in a worker unless they are set: workers share the cores, and the number of threads that add up a sum may
change its last digits, so it must not follow from how many workers there are."""

LOOK = 0.5
"""Seconds between looks at processes whose pipe is held open by something that outlived them."""


class _Process:
    """One worker: its process, its end of the pipe."""

    def __init__(self, spec: EvaluatorSpec, memory_limit: int | None, slot: int) -> None:
        self.slot = slot
        self.connection, other = Pipe()
        with other:
            command = [sys.executable, "-m", "lapt_dsl.search.workers.process_worker", str(other.fileno())]
            # What a worker prints must not get among the results that this process prints.
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
            # It is gone; `ProcessHost.wait` reports that.
            return

    def end(self) -> int:
        """Kill it with all it started and return its exit status."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            # The whole group is gone already; some systems say so by refusing.
            self.process.kill()
        self.connection.close()
        return self.process.wait()


class ProcessHost:
    """Local processes that build their evaluator from a spec."""

    def __init__(self, spec: EvaluatorSpec, memory_limit: int | None = None) -> None:
        """`memory_limit`: MiB that one worker may hold, None for no limit."""
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

    def give(self, worker: int, labels: Word) -> None:
        """Send an architecture's labels."""
        self._processes[worker].send(json.dumps(labels))

    def wait(self, seconds: float) -> list[Report]:
        """Messages and deaths."""
        ends = {each.connection: number for number, each in self._processes.items()}
        until = time.monotonic() + seconds
        reports: list[Report] = []
        while not reports:
            left = until - time.monotonic()
            for end in wait(list(ends), max(0.0, min(left, LOOK))):
                if isinstance(end, Connection):
                    reports.append(self._read(ends[end]))
            told = {report.worker for report in reports}
            for number, each in list(self._processes.items()):
                if number not in told and each.process.poll() is not None and not each.connection.poll():
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
            return Died(worker, f"it sent what cannot be read: {error}")

    def _bury(self, worker: int) -> Died:
        process = self._processes.pop(worker)
        # A closed pipe comes a moment before the exit status: without the wait, the kill would be the status.
        with suppress(subprocess.TimeoutExpired):
            process.process.wait(LOOK)
        status = process.end()
        kills = _oom_kills()
        killed_for_memory = status == -signal.SIGKILL and kills > self._oom_kills
        self._oom_kills = kills
        if killed_for_memory:
            return Died(worker, "the system killed it for want of memory", "memory")
        return Died(worker, _ended(status))

    def stop(self, worker: int) -> None:
        """Kill a process and all it started."""
        self._processes.pop(worker).end()

    def close(self) -> None:
        """Kill every process."""
        for worker in list(self._processes):
            self.stop(worker)


def _report(worker: int, text: str) -> Report:
    found = json.loads(text)
    if "ready" in found:
        return Ready(worker, str(found["ready"]))
    if "unfit" in found:
        return Unfit(worker, str(found["unfit"]))
    return Done(worker, outcome_of_text(found["outcome"]))


def _ended(status: int) -> str:
    if status >= 0:
        return f"it ended with exit code {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    return f"it was ended by {name}"


def _environment(slot: int) -> dict[str, str]:
    """A worker's environment; where several GPUs are named, workers take turns at them."""
    environment = {**dict.fromkeys(THREADS, "1"), **os.environ}
    devices = [each for each in environment.get("CUDA_VISIBLE_DEVICES", "").split(",") if each]
    if len(devices) > 1:
        environment["CUDA_VISIBLE_DEVICES"] = devices[slot % len(devices)]
    return environment


def _oom_kills() -> int:
    """How many processes this machine has killed for want of memory, 0 where it does not say."""
    try:
        with open("/proc/vmstat", encoding="ascii") as file:
            return next((int(line.split()[1]) for line in file if line.startswith("oom_kill ")), 0)
    except (OSError, ValueError):
        return 0
