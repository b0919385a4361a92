"""How well up to a thousand workers would be used: the driver and its workers as a simulation of events.

    python -m benchmarks.simulated_workers [--cost-ms X] [-o docs/workers.svg]

A driver is busy for so long with every step (recording it, telling it, asking for the next), one after another, and
only between steps does it see who has finished and hand out what waits. That cost is measured first, unless it is
given. Everything else is as in a real search: the default windows, evaluations that take between half and one and a
half times their mean, 30 of them per worker, and the end, when workers run dry.
"""

from __future__ import annotations

import argparse
import heapq
import random
import sys
from collections import deque
from pathlib import Path

from benchmarks.sleeping import Sleeping
from benchmarks.workers import SPACE, Instant, median, play
from lapt_dsl.compiler.building.library import load_space
from lapt_dsl.search.schedule import Order, Schedule
from lapt_dsl.search.workers.build import schedule_for

WORKERS = (1, 2, 4, 8, 16, 32, 64, 125, 250, 500, 1000)
MEANS = (0.1, 0.5, 1.0, 3.0, 60.0)
EACH = 30


class Simulation:
    """One search. `cost`: seconds of the driver for a step; `mean`: seconds of an evaluation."""

    def __init__(self, workers: int, mean: float, cost: float, schedule: Schedule, seed: int = 0) -> None:
        self.workers, self.cost, self.schedule = workers, cost, schedule
        rng = random.Random(seed)
        self.seconds = [mean * (0.5 + rng.random()) for _ in range(EACH * workers)]
        self.now = 0.0
        self.asked = 0
        self.idle = workers
        self.waiting: deque[int] = deque()
        self.running: list[tuple[float, int]] = []

    def share(self) -> float:
        """Run it; the share of the workers' time that was spent evaluating."""
        flying: dict[int, None] = {}
        done: deque[int] = deque()
        landed: set[int] = set()
        while self.asked < len(self.seconds) or flying:
            while self.asked < len(self.seconds) and len(flying) < self.schedule.window:
                flying[self.asked] = None
                self.waiting.append(self.asked)
                self.asked += 1
                self._give()
            while not self._told(flying, landed, done):
                self._turn(done)
                landed.add(done.popleft())
                # Recorded as soon as it is known, whenever it is told.
                self.now += self.cost
        return sum(self.seconds) / (self.workers * self.now)

    def _told(self, flying: dict[int, None], landed: set[int], done: deque[int]) -> bool:
        number = next(iter(flying)) if self.schedule.order == "asked" else next(iter(landed), -1)
        if number not in landed:
            return False
        landed.remove(number)
        del flying[number]
        return True

    def _turn(self, done: deque[int]) -> None:
        """The driver looks up: everything that is over by now has finished, and its workers get what waits."""
        if not done:
            self.now = max(self.now, self.running[0][0])
        while self.running and self.running[0][0] <= self.now:
            done.append(heapq.heappop(self.running)[1])
            self.idle += 1
        self._give()

    def _give(self) -> None:
        while self.idle and self.waiting:
            number = self.waiting.popleft()
            self.idle -= 1
            heapq.heappush(self.running, (self.now + self.seconds[number], number))


def measured_cost(repeats: int = 5) -> float:
    """Seconds of this machine's driver for a step."""
    evaluator = Sleeping(load_space(SPACE), 0.0)
    return median(lambda: play(Instant(evaluator), 0.0, 500, Schedule("finished", 32))[0] / 500, repeats)[0]


def draw(found: dict[tuple[Order, float], list[float]], cost: float, path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    # The same figure has the same bytes.
    matplotlib.rcParams["svg.hashsalt"] = "workers"
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(6.4, 3.6))
    for color, mean in enumerate(MEANS):
        for order, style in (("finished", "-"), ("asked", "--")):
            label = f"{mean:g} s" if order == "finished" else None
            axes.plot(WORKERS, found[order, mean], style, color=f"C{color}", label=label)
    axes.set(xscale="log", ylim=(0, 1.02), xlabel="workers", ylabel="share of the workers' time used")
    axes.set_xticks((1, 8, 32, 125, 1000), ("1", "8", "32", "125", "1,000"))
    axes.minorticks_off()
    axes.set_title(f"Simulated; {1000 * cost:.1f} ms of the driver a step; dashed: in the order asked", fontsize=9)
    axes.axhline(0.9, color="0.7", linewidth=0.8)
    axes.legend(title="an evaluation takes", fontsize=8, title_fontsize=8)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cost-ms", type=float, help="milliseconds of the driver for a step, instead of measuring")
    parser.add_argument("-o", "--output", type=Path, help="draw a figure, .svg or .png")
    given = parser.parse_args()
    cost = measured_cost() if given.cost_ms is None else given.cost_ms / 1000
    print(f"driver: {1000 * cost:.2f} ms a step, so {1 / cost:,.0f} steps a second at most")
    print(f"{'order':<9}{'evaluation':>11}  " + "".join(f"{count:>7}" for count in WORKERS) + "  workers")
    found: dict[tuple[Order, float], list[float]] = {}
    orders: tuple[Order, ...] = ("finished", "asked")
    for order in orders:
        for mean in MEANS:
            row = [Simulation(count, mean, cost, schedule_for(count, order)).share() for count in WORKERS]
            found[order, mean] = row
            print(f"{order:<9}{mean:>9g} s  " + "".join(f"{value:>7.1%}" for value in row), flush=True)
    if given.output is not None:
        draw(found, cost, given.output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
