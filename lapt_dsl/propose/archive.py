"""Archives: the scored architectures that principles are learned from."""

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
    """Scored architectures of one space, best first. Equal scores are in canonical order of the architectures.

    `task` names the origin of the scores. LAPT learns from `top(k)`. Induction uses the other entries as contrast.
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
