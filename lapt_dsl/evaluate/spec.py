"""Evaluators by the names that the command line gives them, each imported when it is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass

from lapt_dsl.compiler.space.model import Space
from lapt_dsl.evaluate.evaluator import Evaluator


@dataclass(frozen=True, slots=True)
class EvaluatorOptions:
    """What an evaluator may be told; each takes what concerns it and refuses the rest.

    `argument`: what follows the colon of a kind, as in `proxy:synflow`; `data`: a data set by name or path; `recipe`:
    a named training recipe; `epochs`, `channels` (initial) and `depth` (cells per stage) in place of the recipe's;
    `device`: `cpu`, `cuda` or `auto`; `seed` of weights and batches; `checkpoints`: a directory to resume training
    from; `principles`: the principle file a supernet is made for; `time_limit` in seconds and `memory_limit` in MiB,
    for one evaluation; `threads` of the CPU for one training; `metric` of a program of the user's that is searched on,
    and whether `lower` is better.
    """

    argument: str = ""
    data: str | None = None
    recipe: str | None = None
    epochs: int | None = None
    channels: int | None = None
    depth: int | None = None
    device: str = "auto"
    seed: int = 0
    checkpoints: str | None = None
    principles: str | None = None
    time_limit: float | None = None
    memory_limit: int | None = None
    threads: int = 1
    metric: str = "score"
    lower: bool = False


Builder = Callable[[Space, EvaluatorOptions], Evaluator]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of evaluator: where its builder is, what it measures, and which options it takes."""

    module: str
    builder: str
    summary: str
    takes: frozenset[str] = frozenset()


_TRAINING = frozenset({"data", "recipe", "epochs", "channels", "depth", "device", "seed"})

_OWN = frozenset({"argument", "time_limit", "memory_limit", "metric", "lower"})

KINDS: dict[str, Kind] = {
    "analytic": Kind("lapt_dsl.evaluate.analytic.evaluator", "build", "a formula of the architecture, no measurement"),
    "train": Kind(
        "lapt_dsl.evaluate.training.evaluator",
        "build",
        "trains the network on images",
        _TRAINING | {"checkpoints", "time_limit", "threads"},
    ),
    "proxy": Kind(
        "lapt_dsl.evaluate.proxies.evaluator",
        "build",
        "zero-cost proxies: proxy:synflow, proxy:naswot+synflow for their mean rank",
        frozenset({"argument", "data", "channels", "depth", "device", "seed"}),
    ),
    "surrogate": Kind(
        "lapt_dsl.evaluate.surrogate.evaluator",
        "build",
        "a surrogate model in ONNX: surrogate:FILE",
        frozenset({"argument"}),
    ),
    "supernet": Kind(
        "lapt_dsl.evaluate.supernet.evaluator",
        "build",
        "shares the weights of one network that holds all that is left",
        _TRAINING | {"checkpoints", "principles", "time_limit", "threads"},
    ),
    "exec": Kind(
        "lapt_dsl.evaluate.external.command",
        "build",
        "a command of yours: exec:./train.sh",
        _OWN,
    ),
    "python": Kind(
        "lapt_dsl.evaluate.external.callable",
        "build",
        "a function of yours: python:package.module:function",
        _OWN,
    ),
}
"""Every kind but tables, which bring their space along."""


def evaluator_named(kind: str, space: Space, options: EvaluatorOptions) -> Evaluator:
    """A new evaluator. KeyError for a kind that does not exist.

    Raises:
        LaptError: It cannot be made of these options.
        ImportError: It needs a package that is not installed.
    """
    found = KINDS[kind]
    builder: Builder = getattr(importlib.import_module(found.module), found.builder)
    return builder(space, options)
