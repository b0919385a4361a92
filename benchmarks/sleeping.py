"""An evaluator that sleeps: a training that costs this machine nothing, for measuring everything around it.

Its argument is the mean time in seconds; an architecture sleeps between half and one and a half times as long, always
the same.
"""

from __future__ import annotations

import hashlib
import time

from lapt_dsl.compiler.space.model import Architecture, Space
from lapt_dsl.evaluate.evaluator import Description, Evaluation, Objective, Outcome, fingerprint_of
from lapt_dsl.evaluate.spec import EvaluatorOptions

KIND = "benchmarks.sleeping:build"


class Sleeping:
    def __init__(self, space: Space, mean: float) -> None:
        self._space, self._mean = space, mean

    @property
    def space(self) -> Space:
        return self._space

    @property
    def objective(self) -> Objective:
        return Objective("made_up")

    def share(self, arch: Architecture) -> float:
        """From 0 to 1, as evenly as a hash."""
        return int.from_bytes(hashlib.sha256(bytes(arch.encoding)).digest()[:4], "big") / 2**32

    def seconds(self, arch: Architecture) -> float:
        return self._mean * (0.5 + self.share(arch))

    def evaluate(self, arch: Architecture) -> Outcome:
        seconds = self.seconds(arch)
        if seconds:
            time.sleep(seconds)
        return Evaluation({"made_up": self.share(arch)}, seconds)

    def describe(self) -> Description:
        return {"kind": "sleeping", "space": self._space.digest, "mean": self._mean}

    @property
    def fingerprint(self) -> str:
        return fingerprint_of(self.describe())


def build(space: Space, options: EvaluatorOptions) -> Sleeping:
    return Sleeping(space, float(options.argument))
