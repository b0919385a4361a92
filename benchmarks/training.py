"""How well seconds of training on digits rank architectures, and what channels last saves on a CPU.

    python benchmarks/training.py [--archs 40] [--table nas201/cifar10.json]

Prints Spearman's correlation of two seeds with each other and, where the published table is given, of the first with
the published accuracies of CIFAR-10 after 200 epochs; and the time of a training step in both memory formats.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from statistics import median

import numpy as np
import torch
from scipy.stats import spearmanr

from lapt_dsl.api import load_space
from lapt_dsl.compiler.refined.refined_space import full
from lapt_dsl.compiler.targets.code.build import build_module
from lapt_dsl.evaluate.data.load import load_data
from lapt_dsl.evaluate.evaluator import Evaluation
from lapt_dsl.evaluate.tables.read_table import read_table
from lapt_dsl.evaluate.training.evaluator import TrainEvaluator
from lapt_dsl.evaluate.training.image_evaluator import TrainingSetup
from lapt_dsl.evaluate.training.recipes import RECIPES

SPACE = load_space("nas201")


def ranks(archs: list, table: str | None) -> None:
    base = RECIPES["digits-quick"]
    for name, recipe in (("digits-quick", base), ("4 channels, 4 epochs", replace(base, channels=4, epochs=4))):
        start = time.process_time()
        found = []
        for seed in (0, 1):
            evaluator = TrainEvaluator(SPACE, load_data("digits"), recipe, TrainingSetup(seed=seed))
            outcomes = [evaluator.evaluate(arch) for arch in archs]
            found.append([each.metrics["valid_acc"] for each in outcomes if isinstance(each, Evaluation)])
        seconds = (time.process_time() - start) / (2 * len(archs))
        line = f"{name:<22} {seconds:5.2f} s each, two seeds {spearmanr(*found).statistic:.3f}"
        if table is not None:
            published = read_table(table, SPACE)
            values = dict(published.top(len(published), published.test_metric("val_acc_200") or "val_acc_200"))
            line += f", published {spearmanr(found[0], [values[arch] for arch in archs]).statistic:.3f}"
        print(line, flush=True)


def formats() -> None:
    arch = next(iter(full(SPACE).sample(1, np.random.default_rng(3))))
    for channels, depth, size, batch in ((8, 1, 8, 64), (8, 1, 28, 64), (16, 5, 32, 64)):
        times = {}
        for layout in (torch.contiguous_format, torch.channels_last):
            network = build_module(SPACE, arch, 10, channels, depth).to(memory_format=layout)
            images = torch.randn(batch, 3, size, size).contiguous(memory_format=layout)
            labels = torch.randint(0, 10, (batch,))
            steps = []
            for _ in range(7):
                start = time.process_time()
                torch.nn.functional.cross_entropy(network(images), labels).backward()
                steps.append(time.process_time() - start)
            times[layout] = median(steps[2:])
        saved = 1 - times[torch.channels_last] / times[torch.contiguous_format]
        print(f"{channels} channels, depth {depth}, {size} x {size}: channels last takes {saved:.0%} less")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--archs", type=int, default=40)
    parser.add_argument("--table")
    options = parser.parse_args()
    torch.set_num_threads(1)
    formats()
    ranks(list(full(SPACE).sample(options.archs, np.random.default_rng(5))), options.table)
