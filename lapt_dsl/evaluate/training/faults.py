"""Errors of one training as the kinds of failure that a search knows."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import torch

from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.evaluate.evaluator import Evaluation, Failure, Outcome

_MEMORY = ("DefaultCPUAllocator", "can't allocate memory", "out of memory", "CUBLAS_STATUS_ALLOC_FAILED")


class Diverged(Exception):
    """The loss is not finite, or far above that of guessing."""


class OutOfTime(Exception):
    """The time limit of an evaluation was reached."""


def timed_outcome(measure: Callable[[], Mapping[str, float]], device: str) -> Outcome:
    """The metrics that a call returns, or the failure that it raises, at the cost of the seconds it took."""
    start = time.monotonic()
    try:
        metrics = measure()
    except Exception as error:
        # A network may be of the user's own modules, which can raise anything: it concerns this architecture alone.
        failure = failure_of(error, time.monotonic() - start)
    else:
        return Evaluation(metrics, time.monotonic() - start)
    if device == "cuda":
        # Only here is the error out of scope, and with it the frames that hold the network.
        torch.cuda.empty_cache()
    return failure


def failure_of(error: Exception, cost: float) -> Failure:
    """The failure that an error amounts to, `cost` seconds after the start."""
    if isinstance(error, Diverged):
        return Failure("diverged", str(error), cost)
    if isinstance(error, OutOfTime):
        return Failure("timeout", str(error), cost)
    first = str(error).strip().splitlines()[0][:300] if str(error).strip() else type(error).__name__
    short = isinstance(error, (MemoryError, torch.OutOfMemoryError))
    if short or (isinstance(error, RuntimeError) and any(sign in str(error) for sign in _MEMORY)):
        return Failure("memory", f"memory ran out: {first}", cost)
    if isinstance(error, LaptError):
        found = error.diagnostics[0]
        return Failure("error", f"{found.code}: {found.message}", cost)
    return Failure("error", f"{type(error).__name__}: {first}", cost)
