"""A set of encodings as a layered diagram in plain lists: membership, neighbours, order, counts and weights.

This module imports nothing of the project, so that generated samplers carry it as it stands and behave alike.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Sequence

Encoding = tuple[int, ...]
UNIT = 1


class EncodedSet:
    """A set of encodings; node 0 is empty, node 1 the end.

    `children[n][pattern_of[n][label]]` is the node after reading `label` in node n. `choices` gives per level and label
    the pair (operator or number, sources), which says what one change is. `stages` lists groups of levels whose
    pairs form a set, written in ascending order of sources. `logs` gives per level log weights per label, or None.
    """

    def __init__(
        self,
        children: Sequence[tuple[int, ...]],
        pattern_of: Sequence[tuple[int, ...]],
        root: int,
        choices: Sequence[Sequence[tuple[Hashable, tuple[int, ...]]]],
        stages: Sequence[Sequence[int]],
        logs: Sequence[Sequence[float] | None],
    ) -> None:
        self.children, self.pattern_of, self.root = children, pattern_of, root
        self.choices, self.logs = choices, logs
        self.depth = len(choices)
        self._stage_of = {level: tuple(stage) for stage in stages for level in stage}
        self._numbers: dict[int, dict[tuple[Hashable, tuple[int, ...]], int]] = {}
        for level in self._stage_of:
            pairs = enumerate(choices[level])
            self._numbers[level] = {pair: number for number, pair in pairs}
        self._changes: list[list[tuple[tuple[int, bool], ...]]] = [
            [_changes(row, number) for number in range(len(row))] for row in choices
        ]

    def step(self, node: int, label: int) -> int:
        """The node after reading `label` in `node`."""
        return self.children[node][self.pattern_of[node][label]]

    def __contains__(self, encoding: Sequence[int]) -> bool:
        children, pattern_of = self.children, self.pattern_of
        node = self.root
        for label in encoding:
            if not node:
                return False
            node = children[node][pattern_of[node][label]]
        return node == UNIT

    def __iter__(self) -> Iterator[Encoding]:
        """Every encoding in lexicographic order, in memory that grows with the number of levels only."""
        if not self.root or not self.depth:
            yield from [()] if self.root else []
            return
        nodes, nexts = [self.root] + [0] * self.depth, [0] * self.depth
        encoding, level = [0] * self.depth, 0
        while level >= 0:
            label = nexts[level]
            if label == len(self.choices[level]):
                level -= 1
                continue
            nexts[level] = label + 1
            child = self.step(nodes[level], label)
            if not child:
                continue
            encoding[level] = label
            if level + 1 == self.depth:
                yield tuple(encoding)
                continue
            level += 1
            nodes[level], nexts[level] = child, 0

    def levels(self) -> list[list[int]]:
        """Every node of every level, each once."""
        if not self.root:
            return [[] for _ in range(self.depth)]
        found = [[self.root]]
        for _ in range(self.depth - 1):
            below = (child for node in found[-1] for child in self.children[node])
            found.append([child for child in dict.fromkeys(below) if child])
        return found

    def counts(self) -> dict[int, int]:
        """Per node how many encodings follow, exactly."""
        found = {0: 0, UNIT: 1}
        for nodes in reversed(self.levels()):
            for node in nodes:
                children = self.children[node]
                pattern = self.pattern_of[node]
                found[node] = sum(found[children[number]] for number in pattern)
        return found

    def log_values(self) -> dict[int, float]:
        """Per node the log of the summed weight of the encodings that follow."""
        found = {UNIT: 0.0}
        for level, nodes in reversed(list(enumerate(self.levels()))):
            row = self.logs[level]
            for node in nodes:
                children = self.children[node]
                parts = [
                    found[child] + (row[label] if row else 0.0)
                    for label, number in enumerate(self.pattern_of[node])
                    if (child := children[number])
                ]
                found[node] = log_sum(parts)
        return found

    def neighbours(self, encoding: Encoding) -> list[Encoding]:
        """Every encoding of the set one change away from `encoding` (which need not be in it), each once.

        A change is another operator, other sources, or another number of one level. Changing a source in a stage can
        move the pair to another level of the stage.
        """
        children, pattern_of = self.children, self.pattern_of
        along = [self.root]
        for label in encoding:
            node = along[-1]
            along.append(children[node][pattern_of[node][label]] if node else 0)
        found: dict[Encoding, None] = {}
        for level, label in enumerate(encoding):
            before, after = along[level], along[level + 1]
            stage = self._stage_of.get(level)
            tail = encoding[level + 1 :]
            for other, rewired in self._changes[level][label]:
                if rewired and stage is not None:
                    changed = self._resorted(encoding, stage, level, other)
                    if changed is not None and changed in self:
                        found[changed] = None
                    continue
                node = children[before][pattern_of[before][other]] if before else 0
                if node and node != after:
                    for following in tail:
                        node = children[node][pattern_of[node][following]]
                        if not node:
                            break
                elif node and along[-1] != UNIT:
                    node = 0
                if node:
                    found[(*encoding[:level], other, *tail)] = None
        return list(found)

    def _resorted(
        self,
        encoding: Encoding,
        stage: tuple[int, ...],
        level: int,
        other: int,
    ) -> Encoding | None:
        """The encoding with one label of a stage replaced and the stage in order again; None where sources meet."""
        new = [other if at == level else encoding[at] for at in stage]
        pairs = [self.choices[at][i] for at, i in zip(stage, new, strict=True)]
        if len({sources for _, sources in pairs}) < len(pairs):
            return None
        changed = list(encoding)
        pairs.sort(key=lambda item: item[1])
        for at, pair in zip(stage, pairs, strict=True):
            number = self._numbers[at].get(pair)
            if number is None:
                return None
            changed[at] = number
        return tuple(changed)


def _changes(
    row: Sequence[tuple[Hashable, tuple[int, ...]]],
    number: int,
) -> tuple[tuple[int, bool], ...]:
    """Labels one change away from a label, each with whether the change is one of sources."""
    operator, sources = row[number]
    return tuple(
        (other, operator == changed)
        for other, (changed, read) in enumerate(row)
        if other != number and (operator == changed or sources == read)
    )


def log_sum(parts: Sequence[float]) -> float:
    """The log of the sum of the exponentials, minus infinity for none."""
    most = max(parts, default=-math.inf)
    if most == -math.inf:
        return most
    return most + math.log(math.fsum([math.exp(part - most) for part in parts]))
