"""Replay: the best architectures of the source, in order."""

from __future__ import annotations

from lapt_dsl.compiler.refined.refined_space import RefinedSpace
from lapt_dsl.compiler.space.model import Architecture
from lapt_dsl.propose.archive import Archive


class Replay:
    """Asks for the architectures of an archive, best first."""

    def __init__(self, refined: RefinedSpace, archive: Archive) -> None:
        self.refined = refined
        self._order = [scored.arch for scored in archive if scored.arch in refined]
        self._asked = 0

    def ask(self) -> Architecture | None:
        """The next architecture of the archive, or None after the last."""
        if self._asked == len(self._order):
            return None
        self._asked += 1
        return self._order[self._asked - 1]

    def tell(self, arch: Architecture, score: float | None) -> None:
        """Scores have no effect."""

    def state(self) -> str:
        """Number of architectures asked for. There is no random state."""
        return str(self._asked)
