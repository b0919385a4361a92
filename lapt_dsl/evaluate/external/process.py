"""Running a program of the user's: bounded in time and output, with all that it started ended when it is over."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO

MAX_OUTPUT = 1 << 20
"""Bytes of standard output and of standard error that are kept; the last ones."""

_CHUNK = 1 << 16

_DRAIN_SECONDS = 2.0
"""How long what a program started may hold its output open after it has ended."""


@dataclass(frozen=True, slots=True)
class Finished:
    """How a program ended: `code` as the system gives it, negative for a signal; None where its time was up."""

    code: int | None
    output: str
    errors: str
    seconds: float


def run_program(command: Sequence[str], environment: Mapping[str, str], time_limit: float | None) -> Finished:
    """Run a program without a shell and wait for it.

    Args:
        command: The program and its arguments.
        environment: Variables beside those of this process.
        time_limit: Seconds after which it and every process it started are killed; None waits for it.

    Raises:
        OSError: It cannot be started.
    """
    start = time.monotonic()
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **environment},
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    output, errors = _Tail(process.stdout), _Tail(process.stderr)
    code: int | None = None
    try:
        code = process.wait(time_limit)
    except subprocess.TimeoutExpired:
        code = None
    finally:
        _end(process)
    seconds = time.monotonic() - start
    return Finished(code, output.text(), errors.text(), seconds)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the program's group; the group outlives the program where it left something running."""
    # The group is gone, or (on some systems) holds only what has ended.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


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
