"""What principles are learned from: architectures with scores."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lapt_dsl.compiler.space.model import Architecture, Space


@dataclass(frozen=True, slots=True)
class Scored:
    """An architecture and its score; larger is better."""

    arch: Architecture
    score: float


class Archive(Sequence[Scored]):
    """Scored architectures of one space, best first; equal scores in canonical order of the architectures.

    `task` names where the scores come from. `top(k)` is what LAPT learns from, the rest is contrast where it is known.
    """

    def __init__(self, space: Space, task: str, entries: Iterable[tuple[Architecture, float]]) -> None:
        self.space, self.task = space, task
        self._entries = tuple(
            Scored(arch, score) for arch, score in sorted(entries, key=lambda entry: (-entry[1], entry[0].encoding))
        )

    def top(self, count: int) -> Archive:
        """The best `count` entries as an archive."""
        return Archive(self.space, self.task, [(entry.arch, entry.score) for entry in self._entries[:count]])

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, index: int) -> Scored:  # type: ignore[override]
        return self._entries[index]

    def __iter__(self) -> Iterator[Scored]:
        return iter(self._entries)
