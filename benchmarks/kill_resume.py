"""Kill a search by SIGKILL at random moments and continue it each time, as often as asked.

    python -m benchmarks.kill_resume [--times 100] [--seed 0]

Each time: a search in a process of its own is killed at a uniformly random moment, then continued. It has to end with
the same store to the byte, the same evaluations and the same best as one that nothing interrupted, and to pay for
nothing that was stored. A search that ended before its moment came is tried again.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.search.run.killed_search import SETTINGS, Reference, check_resumed, kill_after

MOST = 10
"""Tries for each kill, before giving up on a machine whose speed changes that much."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    rng = random.Random(given.seed)
    killed = tries = 0
    moments: Counter[int] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        reference = Reference(Path(folder))
        while killed < given.times and tries < MOST * given.times:
            place = Path(folder) / str(tries)
            place.mkdir()
            tries += 1
            store, bill = place / "run.db", place / "bill"
            running = kill_after(rng.random() * reference.seconds, store, bill)
            stored = check_resumed(store, bill, reference)
            if running:
                killed += 1
                moments[stored] += 1
    spread = ", ".join(f"{step}" + (f" ({times}x)" if times > 1 else "") for step, times in sorted(moments.items()))
    print(f"{killed} searches of {SETTINGS.budget} killed while running; all ended alike")
    print(f"stored evaluations at the kill: {spread}")
    return 0 if killed == given.times else 1


if __name__ == "__main__":
    sys.exit(main())
