"""Training with equal results in every process: derived seeds, a fixed number of threads, deterministic kernels."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def reproducible(seed: int, threads: int, device: str) -> Iterator[None]:
    """A context whose results depend on the seed alone. The caller's random state and settings are restored afterwards.

    The number of threads changes the order of sums and with it the last digits. Therefore it is fixed, and part of the
    description of an evaluator. On a GPU, operations without a deterministic kernel run with the ordinary one, so equal
    results for equal seeds are likely but not guaranteed.

    Args:
        seed: Seed of torch's random state.
        threads: Number of CPU threads.
        device: The device, such as `cpu` or `cuda:0`.
    """
    strict = torch.are_deterministic_algorithms_enabled()
    lenient = torch.is_deterministic_algorithms_warn_only_enabled()
    before, benchmark = torch.get_num_threads(), torch.backends.cudnn.benchmark
    cuda = device.startswith("cuda")
    if cuda:
        # cuBLAS needs this setting for a fixed order of sums, and reads it when the device is first used.
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
    """A seed of 63 bits from all parts. It is the same in every process, unlike `hash`."""
    content = "\0".join(str(part) for part in parts).encode("utf-8")
    return int.from_bytes(hashlib.sha256(content).digest()[:8], "big") >> 1


def draws(seed: int, *parts: object) -> torch.Generator:
    """A random generator on the CPU for one purpose, such as one epoch."""
    return torch.Generator().manual_seed(derived_seed(seed, *parts))
