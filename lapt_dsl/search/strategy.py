"""The interface of every way to search: ask for an architecture, tell its score."""

from __future__ import annotations

from typing import Protocol

from lapt_dsl.compiler.space.model import Architecture


class Strategy(Protocol):
    """Proposes architectures one after another, none twice, the same ones for the same seed and scores."""

    def ask(self) -> Architecture | None:
        """The next architecture to evaluate, or None when there is none left."""
        ...

    def tell(self, arch: Architecture, score: float | None) -> None:
        """The score of an architecture asked for, larger is better; None where its evaluation failed."""
        ...

    def state(self) -> str:
        """The random state as text, for the run store to compare on resuming."""
        ...
