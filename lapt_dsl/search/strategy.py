"""The interface of all search strategies: ask for an architecture, tell its score."""

from __future__ import annotations

from typing import Protocol

from lapt_dsl.compiler.space.model import Architecture


class Strategy(Protocol):
    """Proposes architectures one by one, without repetition. The same seed and scores give the same architectures."""

    def ask(self) -> Architecture | None:
        """The next architecture to evaluate, or None if there is none."""
        ...

    def tell(self, arch: Architecture, score: float | None) -> None:
        """Report the score of an architecture from `ask`. Larger is better; None means that its evaluation failed."""
        ...

    def state(self) -> str:
        """The random state as text. The run store compares it when a run is resumed."""
        ...
