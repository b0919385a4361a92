"""A supernet of what principles leave beside the supernet of the whole DARTS space, in one run on one thread.

    python benchmarks/supernet.py [--epochs N] [--images N] [--channels N] [--depth N] [--archs N] [--principles FILE]

Without `--principles` they are learned by induction from the 100 best, by the NAS-Bench-301 surrogate, of 1,000
architectures drawn uniformly. It prints parameters, the bytes of one training step (weights with gradients and
momentum; activations kept for the backward pass, mean of 20 architectures), the most resident memory of a process that
trains, and processor seconds an epoch; then how the scores of `--archs` held-out architectures, drawn for this alone,
rank beside the surrogate's. Each supernet is trained in a process of its own, on `cifar10-subset`.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from lapt_dsl.api import load_space
from lapt_dsl.compiler.refined.refined_space import RefinedSpace, full
from lapt_dsl.compiler.space.model import Architecture
from lapt_dsl.evaluate.data.load import load_data
from lapt_dsl.evaluate.evaluator import Evaluation
from lapt_dsl.evaluate.supernet.evaluator import SupernetEvaluator, refined_by
from lapt_dsl.evaluate.supernet.recipes import SUPERNET_RECIPES
from lapt_dsl.evaluate.surrogate.evaluator import METRIC, SurrogateEvaluator

DATA = Path(os.environ.get("LAPT_DATA", Path(__file__).parents[2] / "shared" / "data"))
IMAGES = DATA / "cifar10-subset" / "cifar10_subset_4000train_1000test.npz"
SURROGATE = DATA / "darts" / "nb301_surrogate.onnx"
SAMPLED, BEST, ARCHIVE_SEED, HELD_OUT_SEED = 1000, 100, 11, 12
MEASURED = 20


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (("epochs", 12), ("images", 1000), ("channels", 4), ("depth", 1), ("archs", 24)):
        options.add_argument(f"--{name}", type=int, default=default, metavar="N")
    options.add_argument("--sampling", choices=("uniform", "fair"), default="uniform")
    options.add_argument("--principles", metavar="FILE.lp")
    options.add_argument("--one", help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.one is not None:
        print(json.dumps(measured(given)))
        return
    for file in (IMAGES, SURROGATE):
        if not file.is_file():
            sys.exit(f"nothing at {file}: set LAPT_DATA")
    if given.principles is None:
        given.principles = str(learned())
    rows = {name: apart(given, name) for name in ("whole", "refined")}
    show(given, rows)


def learned() -> Path:
    """A file of principles learned from the surrogate's best of a uniform sample."""
    from lapt_dsl.propose.archive import Archive
    from lapt_dsl.propose.registry import proposer_named

    space = load_space("darts")
    archive = Archive(space, "surrogate", scores(full(space), SAMPLED, ARCHIVE_SEED))
    text = proposer_named("induction", space, archive, BEST).learn(archive.top(BEST))
    file = Path("out") / "supernet_principles.lp"
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def scores(refined: RefinedSpace, count: int, seed: int) -> list[tuple[Architecture, float]]:
    """Architectures drawn uniformly that the surrogate knows, with its scores."""
    surrogate, rng = SurrogateEvaluator(refined.space, str(SURROGATE)), np.random.default_rng(seed)
    found: list[tuple[Architecture, float]] = []
    while len(found) < count:
        for arch in refined.sample(count, rng, uniform=True):
            outcome = surrogate.evaluate(arch)
            if isinstance(outcome, Evaluation) and len(found) < count:
                found.append((arch, outcome.metrics[METRIC]))
    return found


def apart(given: argparse.Namespace, name: str) -> dict[str, Any]:
    """Measure one supernet in a process of its own."""
    told = [f"--{key}={value}" for key, value in vars(given).items() if key != "one"]
    done = subprocess.run([sys.executable, __file__, *told, f"--one={name}"], check=True, stdout=subprocess.PIPE)
    row: dict[str, Any] = json.loads(done.stdout)
    return row


def measured(given: argparse.Namespace) -> dict[str, Any]:
    space = load_space("darts")
    refined = refined_by(given.principles, space)
    # Both are judged on the same held-out architectures, which the refined one can judge only inside its principles.
    held_out = {"inside": scores(refined, given.archs, HELD_OUT_SEED)}
    holds = refined
    if given.one == "whole":
        holds = full(space)
        held_out["anywhere"] = scores(holds, given.archs, HELD_OUT_SEED)
    preset = SUPERNET_RECIPES["supernet-quick"]
    training = replace(
        preset.training, epochs=given.epochs, limit=given.images, channels=given.channels, depth=given.depth
    )
    recipe = replace(preset, training=training, sampling=given.sampling)
    evaluator = SupernetEvaluator(holds, load_data(str(IMAGES)), recipe)
    start = time.process_time()
    evaluator.prepare()
    seconds = (time.process_time() - start) / given.epochs
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    weights, activations = step_bytes(evaluator, [arch for arch, _ in held_out["inside"][:MEASURED]])
    start = time.process_time()
    ranks = {where: correlation(evaluator, found) for where, found in held_out.items()}
    judged = (time.process_time() - start) / sum(map(len, held_out.values()))
    with_all = all_params(evaluator)
    return {
        "size": refined_size(holds), "params": with_all, "weights": weights, "activations": activations, "peak": peak,
        "epoch": seconds, "judged": judged, "ranks": ranks, "hours": evaluator.accelerator_hours,
    }  # fmt: skip


def refined_size(refined: RefinedSpace) -> str:
    return f"{refined.size:.2e}"


def all_params(evaluator: SupernetEvaluator) -> int:
    return sum(parameter.numel() for parameter in evaluator.job().network().parameters())


def step_bytes(evaluator: SupernetEvaluator, archs: list[Architecture]) -> tuple[int, float]:
    """Bytes of weights, gradients and momentum of the whole supernet, and of activations kept for a backward pass."""
    import torch

    module = evaluator.job().network()
    module.train()
    weights = 3 * sum(parameter.numel() * parameter.element_size() for parameter in module.parameters())
    known = {parameter.untyped_storage().data_ptr() for parameter in module.parameters()}
    images = torch.randn(evaluator.recipe.training.batch, 3, 32, 32)
    totals = []
    for arch in archs:
        kept: dict[int, int] = {}

        def pack(tensor: torch.Tensor, kept: dict[int, int] = kept) -> torch.Tensor:
            storage = tensor.untyped_storage()
            if storage.data_ptr() not in known:
                kept[storage.data_ptr()] = storage.nbytes()
            # Not the tensor itself: a node that keeps its own output so would keep itself alive.
            return tensor.detach()

        module.choose(arch)
        with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
            logits = module(images)
        totals.append(sum(kept.values()))
        del logits
    return weights, sum(totals) / len(totals)


def correlation(evaluator: SupernetEvaluator, held_out: list[tuple[Architecture, float]]) -> dict[str, float]:
    from scipy.stats import kendalltau, spearmanr

    found = []
    for arch, _ in held_out:
        outcome = evaluator.evaluate(arch)
        assert isinstance(outcome, Evaluation), outcome
        found.append(outcome.metrics["valid_acc"])
    published = [score for _, score in held_out]
    spearman, kendall = spearmanr(found, published).statistic, kendalltau(found, published).statistic
    return {"spearman": float(spearman), "kendall": float(kendall), "mean": float(np.mean(found))}


def show(given: argparse.Namespace, rows: dict[str, dict[str, Any]]) -> None:
    print(f"DARTS, {given.channels} channels, depth {given.depth}, {given.images} images, batch of 64, {given.epochs}")
    print(f"epochs, {given.sampling} sampling, one thread; {given.archs} held-out architectures; {given.principles}\n")
    whole, refined = rows["whole"], rows["refined"]
    print(f"{'':34}{'whole':>12}{'refined':>12}{'ratio':>8}")
    print(f"{'architectures':34}{whole['size']:>12}{refined['size']:>12}")
    mebi = 2.0**20
    lines = [
        ("parameters", "params", 1, ",.0f"),
        ("weights, gradients, momentum, MiB", "weights", mebi, ".2f"),
        ("activations of a step, MiB", "activations", mebi, ".2f"),
        ("most resident memory, MiB", "peak", 1, ".0f"),
        ("processor seconds an epoch", "epoch", 1, ".2f"),
        ("processor seconds an evaluation", "judged", 1, ".2f"),
        ("accelerator-hours (wall clock)", "hours", 1, ".4f"),
    ]
    for title, key, unit, form in lines:
        one, other = whole[key] / unit, refined[key] / unit
        print(f"{title:34}{one:>12{form}}{other:>12{form}}{other / one:>8.2f}")
    print("\nrank correlation with the surrogate  Spearman  Kendall  mean accuracy (%)")
    for name, row in rows.items():
        for where, ranks in row["ranks"].items():
            title = f"{name} supernet, held-out {where}"
            print(f"{title:36}{ranks['spearman']:>9.3f}{ranks['kendall']:>9.3f}{ranks['mean']:>12.1f}")


if __name__ == "__main__":
    main()
