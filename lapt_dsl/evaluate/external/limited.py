"""`python -m lapt_dsl.evaluate.external.limited MIB COMMAND ...`: become a command that can hold so much memory.

The limit is set in a process of its own which then turns into the command, because setting it between fork and exec of
a parent with threads is not safe. It bounds the data segment (RLIMIT_DATA: the heap and private writable mappings),
not the address space, of which CUDA reserves far more than it uses. Every process the command starts has it anew.
"""

from __future__ import annotations

import os
import sys

NOT_STARTED = 127
"""The exit code for a command that cannot be started, as a shell has it."""


def limit_memory(mebibytes: int) -> None:
    """Let this process, and those it starts, hold at most so much. Nothing where the system has no such limit."""
    try:
        import resource
    except ImportError:
        return
    soft = mebibytes * 1024 * 1024
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if hard != resource.RLIM_INFINITY:
        soft = min(soft, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def main() -> None:
    """Set the limit and become the command."""
    limit_memory(int(sys.argv[1]))
    try:
        os.execvp(sys.argv[2], sys.argv[2:])
    except OSError as error:
        print(f"{sys.argv[2]}: {error.strerror}", file=sys.stderr)
        sys.exit(NOT_STARTED)


if __name__ == "__main__":
    main()
