"""Bounds on work that hold on a busy machine: processor time with much to spare, and calls, which are exact."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

SECONDS = 60.0
"""Of processor time. What is bounded takes at most a few; what grows with the square of its input, many minutes."""


@contextmanager
def little_work() -> Iterator[None]:
    """Fail where the block takes more than SECONDS of this process's own processor time."""
    begun = time.process_time()
    yield
    spent = time.process_time() - begun
    assert spent < SECONDS, f"{spent:.0f} seconds of processor time"


def calls(action: Callable[[], object]) -> int:
    """How many functions an action calls, the same number however busy the machine is."""
    count = 0

    def counted(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        action()
    finally:
        sys.setprofile(before)
    return count
