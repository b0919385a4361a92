"""Random search without replacement: exactly uniform, or by the soft weights if there are any."""

from __future__ import annotations

import numpy as np

from lapt_dsl.compiler.refined.refined_space import RefinedSpace
from lapt_dsl.compiler.space.model import Architecture
from lapt_dsl.compiler.targets.evolution import Unseen
from lapt_dsl.search.random_state import random_state


class RandomSearch:
    """Draws members of a refined space without replacement."""

    def __init__(self, refined: RefinedSpace, seed: int) -> None:
        self.refined = refined
        self._unseen = Unseen(refined.encoded)
        self._rng = np.random.default_rng(seed)

    def ask(self) -> Architecture | None:
        """The next architecture, or None if none is left."""
        encoding = self._unseen.draw(self._rng)
        if encoding is None:
            return None
        self._unseen.add(encoding)
        return Architecture(self.refined.space, encoding)

    def tell(self, arch: Architecture, score: float | None) -> None:
        """Scores have no effect."""

    def state(self) -> str:
        """A digest of the random state."""
        return random_state(self._rng)
