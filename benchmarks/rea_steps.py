"""A million steps of regularized evolution on a table, beside the same loop over plain Python lists.

Both draw the initial population at random, take the best of a tournament, change one layer, look the child up, and let
the oldest member go; children may come again (15,625 architectures cannot give a million different ones). The plain
loop knows one box of choices and nothing of constraints; the other loop goes through the compiled space.

    python benchmarks/rea_steps.py [TABLE] [--steps 1000000] [--space nas201]

Without a table the values are made up; that changes the numbers found, not the time.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import deque
from collections.abc import Callable

from lapt_dsl.compiler.building.library import load_space
from lapt_dsl.compiler.lowering.constraints import CountConstraint
from lapt_dsl.compiler.refined.encoded_set import Encoding
from lapt_dsl.compiler.refined.refined_space import RefinedSpace, full
from lapt_dsl.compiler.targets.evolution import RegularizedEvolution
from lapt_dsl.evaluate.tables.read_table import read_table

POPULATION, TOURNAMENT = 100, 10
MOST = 3.0
"""How many times the plain loop's time the compiled space may take."""


def values_of(path: str | None, name: str) -> tuple[RefinedSpace, dict[Encoding, float]]:
    if path is None:
        whole = full(load_space(name))
        rng = random.Random(0)
        return whole, {word: rng.random() for word in whole.encoded}
    table = read_table(path)
    column = table.values(table.metrics()[0])
    return full(table.space), {word: column[row] for word, row in table.index.items()}


def compiled(refined: RefinedSpace, values: dict[Encoding, float], steps: int) -> float:
    evolution = RegularizedEvolution(refined.encoded, POPULATION, TOURNAMENT, seed=0, unique=False)
    ask, tell = evolution.ask, evolution.tell
    for _ in range(steps):
        word = ask()
        if word is None:
            break
        tell(word, values[word])
    return evolution.best[1] if evolution.best is not None else 0.0


def plain(refined: RefinedSpace, values: dict[Encoding, float], steps: int) -> float:
    choices = [list(range(len(layer.choices))) for layer in refined.space.layers]
    others = [[[other for other in row if other != label] for label in row] for row in choices]
    rng = random.Random(0)
    population: deque[tuple[list[int], float]] = deque()
    best = 0.0
    for step in range(steps):
        if step < POPULATION:
            child = [rng.choice(row) for row in choices]
        else:
            parent = max(rng.sample(population, TOURNAMENT), key=lambda member: member[1])[0]
            child = list(parent)
            level = rng.randrange(len(child))
            child[level] = rng.choice(others[level][child[level]])
        score = values[tuple(child)]
        population.append((child, score))
        if len(population) > POPULATION:
            population.popleft()
        if score > best:
            best = score
    return best


Loop = Callable[[RefinedSpace, dict[Encoding, float], int], float]


def timed(loop: Loop, refined: RefinedSpace, values: dict[Encoding, float], steps: int) -> tuple[float, float]:
    start = time.process_time()
    best = loop(refined, values, steps)
    return time.process_time() - start, best


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("table", nargs="?")
    parser.add_argument("--steps", type=int, default=1_000_000)
    parser.add_argument("--space", default="nas201")
    given = parser.parse_args()
    refined, values = values_of(given.table, given.space)
    rows = [("plain Python lists", plain, refined), ("compiled, full space", compiled, refined)]
    few = refined.restrict(
        CountConstraint(tuple((layer.decision, frozenset({0, 1})) for layer in refined.space.layers), 0, 2)
    )
    rows.append((f"compiled, {few.size:,} left of {refined.size:,}", compiled, few))
    base = 0.0
    worst = 0.0
    print(f"{given.steps:,} steps, population {POPULATION}, tournament {TOURNAMENT}")
    for name, loop, space in rows:
        seconds, best = timed(loop, space, values, given.steps)
        base = base or seconds
        worst = max(worst, seconds / base)
        speed = f"{given.steps / seconds:>10,.0f} steps/s"
        print(f"  {name:<34} {seconds:7.2f} s  {speed}  {seconds / base:4.2f} x  best {best:.4f}", flush=True)
    print(f"overhead {worst:.2f} x, limit {MOST:.0f} x")
    return 0 if worst < MOST else 1


if __name__ == "__main__":
    sys.exit(main())
