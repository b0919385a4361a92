"""Training that gives the same numbers in every process: seeds of its own, a fixed number of threads, exact kernels."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def reproducible(seed: int, threads: int, device: str) -> Iterator[None]:
    """Everything inside depends on the seed alone; the caller's random state and settings are given back.

    Sums are split among threads, so another number of them gives other last digits: it is fixed and part of what an
    evaluator says of itself. On a GPU torch's deterministic kernels are taken where there are any, and what has none
    runs as it is: there the same seed gives the same numbers nearly always, which is not promised.
    """
    strict = torch.are_deterministic_algorithms_enabled()
    lenient = torch.is_deterministic_algorithms_warn_only_enabled()
    before, benchmark = torch.get_num_threads(), torch.backends.cudnn.benchmark
    cuda = device.startswith("cuda")
    if cuda:
        # What cuBLAS asks for before it sums in a fixed order; read when the device is first used.
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(True, warn_only=cuda)
    torch.backends.cudnn.benchmark = False
    torch.set_num_threads(threads)
    try:
        with torch.random.fork_rng(devices=range(torch.cuda.device_count()) if cuda else ()):
            torch.manual_seed(seed)
            yield
    finally:
        torch.set_num_threads(before)
        torch.backends.cudnn.benchmark = benchmark
        torch.use_deterministic_algorithms(strict, warn_only=lenient)


def derived_seed(*parts: object) -> int:
    """A seed of 63 bits that depends on all parts: the same in every process, unlike Python's own hash."""
    content = "\0".join(str(part) for part in parts).encode("utf-8")
    return int.from_bytes(hashlib.sha256(content).digest()[:8], "big") >> 1


def draws(seed: int, *parts: object) -> torch.Generator:
    """A source of random numbers on the CPU for one purpose, such as one epoch."""
    return torch.Generator().manual_seed(derived_seed(seed, *parts))
