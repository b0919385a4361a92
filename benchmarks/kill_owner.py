"""Kill the owner of a program or function at random moments of its start, and count what is left.

    python -m benchmarks.kill_owner [--times 100] [--seed 0]

Each owner evaluates an architecture with a command (`exec:`) or with a function under a time limit (`python:`) that
never ends. It is killed by SIGKILL between the beginning of the evaluation and the moment at which the command runs.
No process and no temporary folder may be left. Linux only: processes are looked up in /proc.
"""

from __future__ import annotations

import argparse
import sys

from tests.evaluate.external.killed_owner import kill_owners


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    clean = True
    for kind in ("exec", "python"):
        for moments in ("random", "lines"):
            left = kill_owners(kind, moments, given.times, given.seed)
            of = "random moments" if moments == "random" else f"moments spread over {left['lines']} lines"
            print(
                f"{kind + ':':8} {left['kills']} kills at {of}, {left['running']} of them with the program running: "
                f"{left['processes']} processes and {left['folders']} folders left",
                flush=True,
            )
            clean = clean and left["processes"] == left["folders"] == 0
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main())
