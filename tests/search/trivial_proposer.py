"""A deterministic proposer that is as simple as can be: the most frequent operators per layer, and drops."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from lapt_dsl.compiler.space.model import Architecture, Space
from lapt_dsl.propose.archive import Archive
from lapt_dsl.propose.proposer import SearchState


class Trivial:
    """Learns and adapts by counting over the operators of a space with one cell, explores by dropping one principle."""

    def __init__(self, space: Space, kept: int = 2) -> None:
        self.space, self.kept = space, kept

    def learn(self, archive: Archive) -> str:
        rules = self._principles([scored.arch for scored in archive])
        return f"principles counted for {self.space.name};\n{rules}"

    def adapt(self, principles: str, state: SearchState) -> str:
        rules = self._principles([scored.arch for scored in state.best])
        return f'principles counted for {self.space.name};\nextends "{state.file}";\n{rules}'

    def explore(self, principles: str, state: SearchState) -> str:
        names = re.findall(r"^principle (\w+)", principles, re.MULTILINE)
        drops = f"drop {names[-1]};\n" if names else ""
        return f'principles counted for {self.space.name};\nextends "{state.file}";\n{drops}'

    def _principles(self, archs: Iterable[Architecture]) -> str:
        found = list(archs)
        lines = []
        for layer in self.space.layers:
            names = [str(label.operator.name) for label in layer.choices if label.operator]
            counts = Counter(names[arch.encoding[layer.decision]] for arch in found)
            most = [name for name, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[: self.kept]]
            lines.append(f"principle layer_{layer.decision} {{ layer {layer.key}: only {', '.join(most)}; }}\n")
        return "".join(lines)


def trivial(space: Space, archive: Archive | None, top: int) -> Trivial:
    return Trivial(space)
