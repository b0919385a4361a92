"""Time to list every one-change neighbour of a DARTS architecture, in the whole space and under five global rules."""

from __future__ import annotations

import statistics
import time

import numpy as np
from darts_rules import FIVE_GLOBAL_RULES, principle_file, verdict

import lapt_dsl as lapt
from lapt_dsl.compiler.refined.refined_space import full


def main() -> None:
    space = lapt.load_space("darts")
    everything = full(space)
    for what, refined in (
        ("the whole space", everything),
        ("five global rules", lapt.compile(principle_file(FIVE_GLOBAL_RULES), space)),
    ):
        drawn = list(refined.sample(1000, np.random.default_rng(1)))
        refined.neighbours(drawn[0])
        times, counts = [], []
        for arch in drawn:
            start = time.perf_counter()
            found = refined.neighbours(arch)
            times.append(time.perf_counter() - start)
            counts.append(len(found))
        median = statistics.median(times) * 1000
        print(f"{what}: {statistics.mean(counts):.1f} neighbours in {median:.3f} ms (median of 1,000 architectures)")
        print(f"  ratio to the target of 1 ms: {median:.2f} ({verdict(median <= 1)})")


if __name__ == "__main__":
    main()
