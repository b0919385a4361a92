"""The right to write to a run store: one process at a time.

The lock is an operating-system lock on `STORE.lock`. The system drops it when the process ends, however it ends, so
there are no stale locks to remove; a forked child does not have it. The file holds the owner's process id for the
message to a second process.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress

from filelock import FileLock, Timeout

from lapt_dsl.search.store.errors import guarded, store_error

_NOTE_AT = 1
"""Where the owner's process id is in the file. Windows locks the first byte, which nothing else can read then."""

_NOTE = re.compile(rb"process (\d{1,19})")


class StoreLock:
    """The right to write to the store at `path`, from `acquire` to `release`."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._file = f"{os.path.realpath(path)}.lock"
        # Any thread may close a store. A lock that a file's existence stands for would outlive a killed process.
        self._lock = FileLock(self._file, timeout=0, thread_local=False, fallback_to_soft=False)
        self._owner: int | None = None

    def acquire(self) -> None:
        """Take the lock.

        Raises:
            LaptError: E801, another process or another part of this one has it; E807, the lock file cannot be made.
        """
        with guarded(self._path):
            # filelock would make missing folders.
            os.stat(os.path.dirname(self._file))
            try:
                self._lock.acquire()
            except Timeout as error:
                # filelock reports a file that the system refuses to make as a lock that another process holds.
                os.close(os.open(self._file, os.O_RDWR | os.O_CREAT, 0o666))
                raise self._in_use(_owner(self._file)) from error
            self._owner = os.getpid()
            _note_owner(self._file)

    def release(self) -> None:
        """Give the lock back; nothing happens where it is not held."""
        if not self.mine:
            return
        # On Windows a locked file cannot be removed; there the lock removes it. Elsewhere a process that waits for
        # the removed file notices and begins again.
        with suppress(OSError):
            os.unlink(self._file)
        self._lock.release()
        self._owner = None

    @property
    def mine(self) -> bool:
        """Whether this very process holds the lock; a forked child does not."""
        return self._owner == os.getpid()

    def _in_use(self, owner: int | None) -> Exception:
        who = f"process {owner}" if owner is not None else "another process"
        message = f"the store `{self._path}` is in use: {who} is writing to it"
        return store_error("E801", self._path, message, "wait until it ends, or store this run in another file")


def _note_owner(path: str) -> None:
    # A full disk keeps the number out of the file; the lock itself holds all the same.
    with suppress(OSError), open(path, "r+b", buffering=0) as file:
        file.seek(_NOTE_AT)
        file.write(f"process {os.getpid():<19}\n".encode())


def _owner(path: str) -> int | None:
    with suppress(OSError), open(path, "rb", buffering=0) as file:
        file.seek(_NOTE_AT)
        if found := _NOTE.match(file.read(64)):
            return int(found[1])
    return None
