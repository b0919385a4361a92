"""`python launcher.py LIMIT REPORT COMMAND ...`: wait for permission on standard input, then become a command.

The owner starts this process, names it to a guard (`guard.py`) and only then sends a byte. If the owner dies first,
the input ends without a byte and nothing is started. LIMIT is the memory limit in MiB, 0 for none. REPORT is a file
descriptor that gets the number of the system error where the command cannot be started; it closes otherwise.

The memory limit is set here, because setting it between fork and exec of a process with threads is not safe.

The file is run by its path, not as a module, and imports nothing of this package: a start takes 20 ms.
"""

from __future__ import annotations

import os
import signal
import sys


def limit_memory(mebibytes: int) -> None:
    """Limit the memory of this process and, separately, of each process it starts.

    The limit is on the data segment (RLIMIT_DATA: the heap and private writable mappings), not on the address space,
    of which CUDA reserves far more than it uses. It has no effect where the system has no such limit.
    """
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
    """Wait, set the limit and become the command."""
    limit, report, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    os.set_inheritable(report, False)
    if not os.read(0, 1):
        sys.exit(1)
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    # Python ignores these signals, and a command would inherit that.
    for name in ("SIGPIPE", "SIGXFSZ"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
    if limit:
        limit_memory(limit)
    try:
        os.execvp(command[0], command)
    except OSError as error:
        os.write(report, str(error.errno).encode())
        sys.exit(1)


if __name__ == "__main__":
    main()
