"""How zero-cost proxies rank 725 DARTS genotypes, beside the published scores of the same proxies.

The table is NASLib's for NAS-Bench-Suite-Zero (`darts/nb301_cifar10_725.csv`). The recipe is read off it: 32 initial
channels and 8 cells give its parameter counts but for a constant (asserted), and the size of its NASWOT scores speaks
for 32 images. Weights and images are not the published ones, so scores differ and ranks are compared (Spearman).

    python benchmarks/proxies.py [--every N] [--proxies synflow,naswot,...]

The images are the first of `cifar10-subset`. It prints a line for each proxy; with one thread, synflow and NASWOT on
all genotypes take some ten minutes, GraSP alone some hours, so `--every 20` is what to start with.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
import time
from pathlib import Path

from scipy.stats import spearmanr

from lapt_dsl.api import load_space
from lapt_dsl.evaluate.data.load import load_data
from lapt_dsl.evaluate.evaluator import Evaluation
from lapt_dsl.evaluate.proxies.evaluator import ProxyEvaluator
from lapt_dsl.evaluate.proxies.measures import MEASURES

DATA = Path(os.environ.get("LAPT_DATA", Path(__file__).parents[2] / "shared" / "data"))
CHANNELS, DEPTH = 32, 2
COLUMNS = {name: name for name in MEASURES} | {"naswot": "nwot"}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--every", type=int, default=1, metavar="N", help="take every N-th genotype")
    options.add_argument("--proxies", default="synflow,naswot,params,flops", metavar="A,B")
    given = options.parse_args()
    table = DATA / "darts" / "nb301_cifar10_725.csv"
    if not table.is_file():
        sys.exit(f"no table at {table}: set LAPT_DATA")
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))[:: given.every]
    space = load_space("darts")
    archs = [space.parse_arch(row["genotype"]) for row in rows]
    images = load_data(str(DATA / "cifar10-subset" / "cifar10_subset_4000train_1000test.npz"))
    accuracies = [float(row["val_accuracy"]) for row in rows]
    print(f"{len(rows)} genotypes, {CHANNELS} channels, 8 cells, batch of 32, one thread")
    print("proxy      Spearman with the published scores   with the surrogate's accuracy (published scores)   s each")
    for name in given.proxies.split(","):
        evaluator = ProxyEvaluator(space, [name], images, channels=CHANNELS, depth=DEPTH)
        start = time.perf_counter()
        values = []
        for arch in archs:
            outcome = evaluator.evaluate(arch)
            assert isinstance(outcome, Evaluation), outcome
            values.append(outcome.metrics[name])
        seconds = (time.perf_counter() - start) / len(rows)
        published = [float(row[COLUMNS[name]]) for row in rows]
        if name == "params":
            # A few affine batch norms more on our side: the published operators have none.
            assert max(abs(ours / theirs - 1) for ours, theirs in zip(values, published, strict=True)) < 0.03
        ours, theirs = (spearmanr(scores, accuracies).statistic for scores in (values, published))
        same = spearmanr(values, published).statistic
        print(f"{name:10} {same:8.4f} {ours:40.3f} ({theirs:.3f}) {seconds:32.2f}", flush=True)


if __name__ == "__main__":
    main()
