"""Who may write to a run store: one process at a time, told by a lock that ends with the process.

The lock is a POSIX record lock on `STORE.lock`. The kernel drops it when the process ends, however it ends, so there
are no stale locks to clean up; children of the process do not inherit it. The file holds the owner's process id for
the message to whoever comes second.
"""

from __future__ import annotations

import fcntl
import os

from lapt_dsl.search.store.errors import guarded, store_error

_held: dict[str, int] = {}
"""Stores locked here, with the process that locked them: record locks do not keep a process from itself."""


class StoreLock:
    """The right to write to the store at `path`, from `acquire` to `release`."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._key = os.path.realpath(path)
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock.

        Raises:
            LaptError: E801, another process or another part of this one has it; E807, the lock file cannot be made.
        """
        if _held.get(self._key) == os.getpid():
            raise self._in_use(os.getpid())
        with guarded(self._path):
            while self._descriptor is None:
                descriptor = os.open(f"{self._key}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
                try:
                    fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except (BlockingIOError, PermissionError) as error:
                    owner = _owner(descriptor)
                    os.close(descriptor)
                    raise self._in_use(owner) from error
                if self._is_current(descriptor):
                    self._descriptor = descriptor
                else:
                    # The owner before removed the file between our opening and locking it.
                    os.close(descriptor)
            try:
                os.ftruncate(self._descriptor, 0)
                os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)
            except OSError:
                # A full disk keeps the number out of the file; the lock itself holds all the same.
                pass
        _held[self._key] = os.getpid()

    def release(self) -> None:
        """Give the lock back; nothing happens where it is not held."""
        if self._descriptor is None or _held.get(self._key) != os.getpid():
            return
        if os.path.exists(f"{self._key}.lock"):
            os.unlink(f"{self._key}.lock")
        os.close(self._descriptor)
        self._descriptor = None
        del _held[self._key]

    @property
    def mine(self) -> bool:
        """Whether this very process holds the lock; a forked child does not."""
        return self._descriptor is not None and _held.get(self._key) == os.getpid()

    def _is_current(self, descriptor: int) -> bool:
        try:
            return os.path.samestat(os.fstat(descriptor), os.stat(f"{self._key}.lock"))
        except FileNotFoundError:
            return False

    def _in_use(self, owner: int | None) -> Exception:
        who = f"process {owner}" if owner is not None else "another process"
        message = f"the store `{self._path}` is in use: {who} is writing to it"
        return store_error("E801", self._path, message, "wait until it ends, or store this run in another file")


def _owner(descriptor: int) -> int | None:
    text = os.pread(descriptor, 32, 0).strip()
    return int(text) if text.isdigit() else None
