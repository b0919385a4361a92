"""Running a program of the user's: bounded in time and output, with all that it started ended when it is over."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO

from lapt_dsl.evaluate.external import launcher
from lapt_dsl.evaluate.external.guard import Guard

MAX_OUTPUT = 1 << 20
"""Bytes of standard output and of standard error that are kept; the last ones."""

_CHUNK = 1 << 16

_LAUNCHER = launcher.__file__

_DRAIN_SECONDS = 2.0
"""How long what a program started may hold its output open after it has ended."""


@dataclass(frozen=True, slots=True)
class FinishedProcess:
    """How a program ended: `code` as the system gives it, negative for a signal; None where its time was up."""

    code: int | None
    output: str
    errors: str
    seconds: float


def run_program(
    guard: Guard,
    command: Sequence[str],
    environment: Mapping[str, str],
    time_limit: float | None = None,
    memory_limit: int | None = None,
) -> FinishedProcess:
    """Run a program without a shell, wait for it, and kill every process that it leaves.

    Args:
        guard: What kills the program where this process dies first.
        command: The program and its arguments.
        environment: Variables in addition to those of this process.
        time_limit: Seconds after which the program and every process it started are killed; None for no limit.
        memory_limit: MiB that each process of the program may hold; None for no limit.

    Raises:
        OSError: The program cannot be started.
    """
    process, report = _launcher(command, environment, memory_limit)
    try:
        assert process.stdout is not None
        assert process.stderr is not None
        output, errors = _Tail(process.stdout), _Tail(process.stderr)
        guard.watch(process.pid)
        _release(process, report)
        start = time.monotonic()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(time_limit)
        code = process.returncode
    finally:
        os.close(report)
        guard.end_group(process.pid)
        process.wait()
    seconds = time.monotonic() - start
    return FinishedProcess(code, output.text(), errors.text(), seconds)


def _launcher(
    command: Sequence[str], environment: Mapping[str, str], memory_limit: int | None
) -> tuple[subprocess.Popen[bytes], int]:
    """Start the process that will become the program, and the descriptor that it reports a failed start to."""
    report, writer = os.pipe()
    try:
        process = subprocess.Popen(
            (sys.executable, "-I", "-S", _LAUNCHER, str(memory_limit or 0), str(writer), *command),
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **environment},
            start_new_session=True,
            pass_fds=(writer,),
        )
    except OSError:
        os.close(report)
        raise
    finally:
        os.close(writer)
    return process, report


def _release(process: subprocess.Popen[bytes], report: int) -> None:
    """Let the launcher become the program. Raises OSError where it cannot."""
    assert process.stdin is not None
    # A launcher that was killed reads nothing; its exit status says so.
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(b"!")
    process.stdin.close()
    if reason := os.read(report, _CHUNK):
        raise OSError(int(reason), os.strerror(int(reason)))


class _Tail:
    """Reads a stream to its end in a thread, so that the writer never blocks, and keeps its last bytes."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._kept: deque[bytes] = deque()
        self._size = 0
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        while chunk := os.read(self._stream.fileno(), _CHUNK):
            self._kept.append(chunk)
            self._size += len(chunk)
            while self._size - len(self._kept[0]) >= MAX_OUTPUT:
                self._size -= len(self._kept.popleft())

    def text(self) -> str:
        self._thread.join(_DRAIN_SECONDS)
        if not self._thread.is_alive():
            self._stream.close()
        return b"".join(list(self._kept))[-MAX_OUTPUT:].decode("utf-8", errors="replace")
