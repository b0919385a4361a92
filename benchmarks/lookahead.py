"""What looking ahead costs a search: evaluations until one of the best 0.1 % was found, by the window.

    python -m benchmarks.lookahead TARGET [--source TABLE] [--seeds 40] [--budget 200]

With a source, LAPT also learns from its 50 best first. Results are told in the order asked, as they
would be with as many workers as one likes. A run that did not arrive counts with its whole budget.
"""

from __future__ import annotations

import argparse
import math
import statistics
import sys
from dataclasses import replace
from typing import NamedTuple

from lapt_dsl.compiler.refined.refined_space import full
from lapt_dsl.evaluate.tables.evaluator import TableEvaluator
from lapt_dsl.evaluate.tables.read_table import read_table
from lapt_dsl.propose.archive import Archive
from lapt_dsl.propose.proposer import Proposer
from lapt_dsl.propose.registry import proposer_named
from lapt_dsl.search.run.archives import archive_of
from lapt_dsl.search.run.loop import run, score_of
from lapt_dsl.search.run_log import MemoryRunLog
from lapt_dsl.search.schedule import Schedule
from lapt_dsl.search.settings import OFTEN, PRESETS
from lapt_dsl.search.strategies.build import STRATEGIES, StrategyContext, without_transfer


class Method(NamedTuple):
    """A strategy with what it starts from."""

    strategy: str
    principles: str | None
    proposer: Proposer | None
    archive: Archive | None


WINDOWS = (1, 2, 4, 8, 16, 32, 64)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("target")
    parser.add_argument("--source")
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--budget", type=int, default=200)
    given = parser.parse_args()
    evaluator = TableEvaluator(read_table(given.target))
    whole = full(evaluator.space)
    scores = sorted((score_of(evaluator, evaluator.evaluate(arch)) or -math.inf for arch in whole), reverse=True)
    arrived = scores[math.ceil(0.001 * len(scores)) - 1]
    settings = replace(PRESETS["nas201"], budget=given.budget, interval=OFTEN)
    cold = proposer_named("induction", evaluator.space, None, settings.archive)
    nothing = without_transfer(whole)
    methods = {
        "evolution": Method("evolution", None, None, None),
        "lapt, told nothing": Method("lapt", nothing, cold, None),
    }
    if given.source:
        archive = archive_of(read_table(given.source, evaluator.space), None)
        proposer = proposer_named("induction", evaluator.space, archive, settings.archive)
        text = proposer.learn(archive.top(settings.archive))
        methods["lapt, from a source"] = Method("lapt", text, proposer, archive)
    print(f"{'':<20}" + "".join(f"{window:>8}" for window in WINDOWS) + "  window")
    for name, method in methods.items():
        means = []
        for window in WINDOWS:
            needed = []
            for seed in range(given.seeds):
                made = STRATEGIES[method.strategy](StrategyContext(whole, settings, seed, MemoryRunLog(), *method[1:]))
                result = run(
                    made,
                    evaluator,
                    given.budget,
                    MemoryRunLog(),
                    enough=lambda step: (score_of(evaluator, step.outcome) or -math.inf) >= arrived,
                    schedule=Schedule("asked", window),
                )
                needed.append(result.first_at_least(evaluator, arrived) or given.budget)
            means.append(statistics.fmean(needed))
        print(f"{name:<20}" + "".join(f"{mean:>8.1f}" for mean in means), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
