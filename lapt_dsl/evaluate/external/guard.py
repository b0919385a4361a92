"""Ending what this process started where it is killed and can end nothing itself.

A guard is a shell process in a session of its own. It reads a pipe of which only this process holds the other end, so
the pipe ends when this process does. A guard is started before anything that it guards exists: it knows the name of
a temporary folder before the folder is made, and the id of a process before the process runs code of the user's.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

_SCRIPT = """
group=
while read -r word value; do
    case $word in
        group) group=$value ;;
        end) exit 0 ;;
    esac
done
if [ -n "$group" ]; then kill -s KILL -- "-$group"; fi
if [ -n "$1" ]; then
    # A killed process may still be making its last file.
    rm -rf -- "$1" || { sleep 1; rm -rf -- "$1"; }
fi
"""


class Guard:
    """Kills one process group and removes one folder when this process dies before the end of a `with` block.

    On systems other than POSIX it does nothing but make and remove the folder.
    """

    def __init__(self, folder: Path | None = None) -> None:
        """Start the guard.

        Args:
            folder: A folder that the `with` block makes and removes; it must not exist yet.

        Raises:
            OSError: No process can be started.
        """
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        if os.name == "posix":
            self._process = subprocess.Popen(
                ("/bin/sh", "-c", _SCRIPT, "sh", str(folder or "")),
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )

    def __enter__(self) -> Self:
        """Make the folder. Raises OSError where it cannot be made."""
        if self._folder is not None:
            try:
                self._folder.mkdir(mode=0o700)
            except OSError:
                self._close()
                raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove the folder and end the guard."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._close()

    def watch(self, group: int) -> None:
        """Name the process group to kill. It must wait for permission from this process before it does anything."""
        self._send(f"group {group}\n")

    def end_group(self, group: int) -> None:
        """Kill a group, and have the guard forget it: the id may be another group's later."""
        kill_group(group)
        self._send("group\n")

    def _send(self, line: str) -> None:
        # The guard itself may have been killed.
        if self._process is not None and self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.write(line.encode())

    def _close(self) -> None:
        self._send("end\n")
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            self._process.wait()


def kill_group(group: int) -> None:
    """Kill a process group, where the system has groups; one may outlive its leader."""
    if not hasattr(os, "killpg"):
        return
    # The group is gone, or (on some systems) holds only what has ended.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def new_folder_path() -> Path:
    """A path for a temporary folder that does not exist yet and that no other process will make."""
    return Path(tempfile.gettempdir(), f"lapt-{secrets.token_hex(12)}")
