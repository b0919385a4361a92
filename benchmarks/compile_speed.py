"""Time to compile DARTS under five global rules, each compile in a fresh process, so that nothing is remembered."""

from __future__ import annotations

import statistics
import subprocess
import sys

from darts_rules import FIVE_GLOBAL_RULES, plain_environment, verdict

CHILD = """
import sys, time
import lapt_dsl as lapt
text = sys.stdin.read()
# Load every module with another space; of darts nothing but the space itself is known when the clock starts.
lapt.compile(lapt.parse("principles p for nas201; principle a { network: params <= 1M; some path: only skip; }"))
space = lapt.load_space("darts")
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
        command = [sys.executable, "-c", CHILD]
        child = subprocess.run(
            command, input=FIVE_GLOBAL_RULES, capture_output=True, text=True, check=True, env=plain_environment()
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
