"""Local search (White et al., "Exploring the Loss Landscape in Neural Architecture Search", UAI 2021), best first."""

from __future__ import annotations

import numpy as np

from lapt_dsl.compiler.refined.encoded_set import Encoding
from lapt_dsl.compiler.refined.refined_space import RefinedSpace
from lapt_dsl.compiler.space.model import Architecture
from lapt_dsl.compiler.targets.evolution import Unseen
from lapt_dsl.search.random_state import random_state


class LocalSearch:
    """Asks for the neighbours (one change) of the best architecture since the last start, in random order.

    A better neighbour immediately becomes the new centre. If no neighbour of the centre is better, the search starts
    again from a random architecture.
    """

    def __init__(self, refined: RefinedSpace, seed: int) -> None:
        self.refined = refined
        self._members = refined.encoded
        self._unseen = Unseen(refined.encoded)
        self._rng = np.random.default_rng(seed)
        self._submitted: set[Encoding] = set()
        self._centre: tuple[Encoding, float] | None = None
        self._waiting: list[Encoding] = []

    def ask(self) -> Architecture | None:
        """The next architecture, or None if none is left."""
        encoding: Encoding | None = None
        while self._waiting and encoding is None:
            encoding = self._waiting.pop()
            if encoding in self._submitted:
                encoding = None
        if encoding is None:
            self._centre = None
            encoding = self._unseen.draw(self._rng)
        if encoding is None:
            return None
        self._submitted.add(encoding)
        self._unseen.add(encoding)
        return Architecture(self.refined.space, encoding)

    def tell(self, arch: Architecture, score: float | None) -> None:
        """Move the centre to an architecture with a better score."""
        if score is None or (self._centre is not None and score <= self._centre[1]):
            return
        self._centre = (arch.encoding, score)
        near = self._members.neighbours(arch.encoding)
        self._waiting = [near[int(place)] for place in self._rng.permutation(len(near))]

    def state(self) -> str:
        """A digest of the random state and of the current centre."""
        return random_state(self._rng, self._centre, len(self._waiting))
