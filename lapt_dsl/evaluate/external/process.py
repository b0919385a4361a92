"""Running a program of the user's: bounded in time and output, with all that it started ended when it is over."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO

MAX_OUTPUT = 1 << 20
"""Bytes of standard output and of standard error that are kept; the last ones."""

_CHUNK = 1 << 16

_GUARD = 'read -r ended || { kill -s KILL -- "-$1"; if [ -n "$2" ]; then rm -rf -- "$2"; fi; }'
"""What ends a program whose owner was killed: the pipe that only the owner holds comes to its end without a line."""

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
    command: Sequence[str], environment: Mapping[str, str], time_limit: float | None, folder: str = ""
) -> FinishedProcess:
    """Run a program without a shell and wait for it. When this process dies first, however, the program is killed too.

    Args:
        command: The program and its arguments.
        environment: Variables beside those of this process.
        time_limit: Seconds after which it and every process it started are killed; None waits for it.
        folder: A directory that is removed where this process dies first and cannot do it; empty for none.

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
        with _guarded(process, folder):
            code = process.wait(time_limit)
    except subprocess.TimeoutExpired:
        code = None
    finally:
        _end(process)
    seconds = time.monotonic() - start
    return FinishedProcess(code, output.text(), errors.text(), seconds)


@contextlib.contextmanager
def _guarded(process: subprocess.Popen[bytes], folder: str) -> Iterator[None]:
    """Have a shell wait for the end of this process, which may be killed and then ends nothing itself."""
    # In a session of its own, so that what ends a worker and its group does not end the guard with it.
    guard = subprocess.Popen(
        ("/bin/sh", "-c", _GUARD, "sh", str(process.pid), folder),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        # The guard itself may have been killed.
        with contextlib.suppress(BrokenPipeError):
            guard.communicate(b"ended\n")


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
