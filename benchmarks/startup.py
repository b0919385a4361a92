"""`lapt lint` on a small file beside `python -c "import lark"`, whole processes in interleaved pairs."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

from darts_rules import plain_environment, verdict

ROOT = Path(__file__).parent.parent
PAIRS = 21
ENVIRONMENT = plain_environment()


def process(command: list[str]) -> float:
    """Wall-clock seconds of a whole process that must succeed."""
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT, env=ENVIRONMENT)
    return time.perf_counter() - start


def main() -> None:
    lapt = Path(sys.executable).parent / "lapt"
    lint = [str(lapt), "lint", str(ROOT / "examples" / "nas201_imagenet.lp")]
    lark = [sys.executable, "-c", "import lark"]
    process(lint)
    process(lark)
    pairs = [(process(lint), process(lark)) for _ in range(PAIRS)]
    ratio = statistics.median(ours / theirs for ours, theirs in pairs)
    print(f"lapt lint    median {statistics.median(ours for ours, _ in pairs):.3f} s of {PAIRS} processes")
    print(f"import lark  median {statistics.median(theirs for _, theirs in pairs):.3f} s of {PAIRS} processes")
    print(f"median ratio of the pairs: {ratio:.2f}; target, at most 3: {verdict(ratio <= 3)}")


if __name__ == "__main__":
    main()
