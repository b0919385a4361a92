"""Functions as a user would write them, for `python:` evaluators."""

from __future__ import annotations

import os
import signal
import threading

from lapt_dsl.compiler.space.model import Architecture


def number(arch: Architecture) -> float:
    return float(sum(arch.encoding))


def metrics(arch: Architecture) -> dict[str, float]:
    return {"score": 90.0, "loss": 0.25}


def raises(arch: Architecture) -> float:
    raise ValueError("no\x1b[31mway")


def not_a_number(arch: Architecture) -> float:
    return float("nan")


def text(arch: Architecture) -> str:
    return "93.2"


def forever(arch: Architecture) -> float:
    threading.Event().wait()
    return 0.0


def dies(arch: Architecture) -> float:
    os.kill(os.getpid(), signal.SIGKILL)
    return 0.0


def hungry(arch: Architecture) -> float:
    return float(len(bytearray(1 << 30)))


not_callable = 3
