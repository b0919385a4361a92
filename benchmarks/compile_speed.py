"""Time to compile DARTS under five global rules, each compile in a fresh process, so that nothing is remembered."""

from __future__ import annotations

import statistics
import subprocess
import sys

from darts_rules import FIVE_GLOBAL_RULES, verdict

CHILD = """
import sys, time
import lapt_dsl as lapt
from lapt_dsl.compiler.refined import full
text = sys.stdin.read()
space = lapt.load_space("darts")
full(space)  # loads the modules and the space; the rules are still unseen
start = time.perf_counter()
tree = lapt.parse(text)
parsed = time.perf_counter()
refined = lapt.compile(tree, space)
size = refined.size
done = time.perf_counter()
print(parsed - start, done - parsed, size, refined.nodes)
"""


def main() -> None:
    parses, compiles, size, nodes = [], [], 0, 0
    for _ in range(9):
        child = subprocess.run(
            [sys.executable, "-c", CHILD], input=FIVE_GLOBAL_RULES, capture_output=True, text=True, check=True
        )
        parse, build, *numbers = child.stdout.split()
        parses.append(float(parse))
        compiles.append(float(build))
        size, nodes = (int(number) for number in numbers)
    median = statistics.median(compiles)
    print(f"five global rules on darts: {size:,} architectures in {nodes:,} nodes")
    print(f"  parse    median {statistics.median(parses):.4f} s of 9 processes")
    print(f"  compile  median {median:.4f} s, least {min(compiles):.4f} s, most {max(compiles):.4f} s")
    print(f"  ratio to the target of 0.1 s: {median / 0.1:.2f} ({verdict(median <= 0.1)})")


if __name__ == "__main__":
    main()
