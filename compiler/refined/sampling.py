"""Exact sampling from a layered diagram, vectorised, without rejection.

At each level, every node owns a block of a sorted key array. The block has one key per choice with a successor, at the
scaled cumulative count of the encodings before it. A draw is a node number (high bits) and random bits (low bits), and
one binary search finds its edge. The scaled boundaries are rounded down. A draw that falls on a rounded boundary is
decided with more random bits and integer arithmetic, so counts of any size give exactly uniform samples.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, overload

from lapt_dsl.compiler.automata.diagram import UNIT, Diagrams
from lapt_dsl.compiler.refined.encoded_set import EncodedSet
from lapt_dsl.compiler.space.model import Architecture, Space

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    IntArray = npt.NDArray[np.int64]

CHUNK = 1 << 16
"""Samples drawn together: few enough that the working arrays stay in the processor's cache."""

GUIDED = 1 << 12
"""Number of draws above which a guide table is worth building."""

GUIDE_ENTRIES = 1 << 16
"""Maximum number of entries of a level's guide table, which must also fit in the cache."""


class Architectures(Sequence[Architecture]):
    """A batch of architectures, stored as one array of choice numbers [n, decisions] and converted on access."""

    def __init__(self, space: Space, encodings: IntArray) -> None:
        self.space = space
        self.encodings = encodings

    def __len__(self) -> int:
        return len(self.encodings)

    @overload
    def __getitem__(self, index: int) -> Architecture: ...
    @overload
    def __getitem__(self, index: slice) -> Architectures: ...
    def __getitem__(self, index: int | slice) -> Architecture | Architectures:
        if isinstance(index, slice):
            return Architectures(self.space, self.encodings[index])
        return Architecture(self.space, tuple(self.encodings[index].tolist()))

    def __iter__(self) -> Iterator[Architecture]:
        for row in self.encodings.tolist():
            yield Architecture(self.space, tuple(row))

    def __repr__(self) -> str:
        return f"<{len(self)} architectures of {self.space.name}>"


class _Level:
    """The key array of one level; `cumulative` and `totals` are the integers before scaling, per edge."""

    def __init__(
        self,
        keys: npt.NDArray[np.uint64],
        rounded: npt.NDArray[np.bool_],
        choices: IntArray,
        following: IntArray,
        bits: int,
        cumulative: list[int],
        totals: list[int],
    ) -> None:
        self.keys, self.rounded, self.choices, self.following, self.bits = keys, rounded, choices, following, bits
        self.cumulative, self.totals = cumulative, totals

    def edges(self, queries: npt.NDArray[np.uint64], guided: bool) -> IntArray:
        """The edge of every query: the last whose key is not above it. A guide table gives the same edges faster."""
        import numpy as np

        if not guided or self.guide is None:
            found: IntArray = np.searchsorted(self.keys, queries, side="right") - 1
            return found
        shift, table = self.guide
        edges: IntArray = table[queries >> shift]
        open_ = np.nonzero(edges < 0)[0]
        edges[open_] = np.searchsorted(self.keys, queries[open_], side="right") - 1
        return edges

    @cached_property
    def guide(self) -> tuple[np.uint64, IntArray] | None:
        """For each block of 2^shift queries their edge, or -1 if a key inside the block separates them.

        With about 16 blocks per edge, few queries need the binary search. None if that many blocks exceed the limit.
        """
        import numpy as np

        nodes = int(self.keys[-1] >> np.uint64(self.bits)) + 1
        finer = min(self.bits, (GUIDE_ENTRIES // nodes).bit_length() - 1, (16 * len(self.keys) // nodes).bit_length())
        if nodes << max(finer, 0) < 2 * len(self.keys):
            return None
        shift = np.uint64(self.bits - finer)
        blocks = (self.keys >> shift).astype(np.int64)
        table = np.cumsum(np.bincount(blocks, minlength=nodes << finer)) - 1
        table[blocks[(blocks.astype(np.uint64) << shift) != self.keys]] = -1
        return shift, table


class Sampler:
    """Draws encodings of the set `root`, uniformly or in proportion to the log weights of `weights`.

    `bits` bounds the random bits used before the exact decision (tests lower it to exercise that path).
    """

    def __init__(self, store: Diagrams, root: int, weights: EncodedSet | None = None, bits: int = 64) -> None:
        if not root:
            raise ValueError("an empty set has nothing to sample")
        self.store = store
        self.layers = store.levels(root)
        store.count(root)
        values = weights.log_values() if weights is not None else None
        logs = weights.logs if weights is not None else [None] * len(store.widths)
        self.levels = [self._level(level, logs[level], values, bits) for level in range(len(store.widths))]

    def _level(self, level: int, row: Sequence[float] | None, values: dict[int, float] | None, bits: int) -> _Level:
        import numpy as np

        store = self.store
        nodes = self.layers[level]
        below = self.layers[level + 1] if level + 1 < len(self.layers) else [UNIT]
        numbers = {node: number for number, node in enumerate(below)}
        bits = min(bits, 64 - (len(nodes) - 1).bit_length()) if len(nodes) > 1 else min(bits, 63)
        keys: list[int] = []
        rounded: list[bool] = []
        choices: list[int] = []
        following: list[int] = []
        cumulative: list[int] = []
        totals: list[int] = []
        for number, node in enumerate(nodes):
            edges = [(choice, child) for choice in range(store.widths[level]) if (child := store.step(node, choice))]
            sizes = [store.count(child) for _, child in edges] if values is None else _scaled(edges, values, row)
            total = sum(sizes)
            before = 0
            for (choice, child), size in zip(edges, sizes, strict=True):
                place, remainder = divmod(before << bits, total)
                keys.append((number << bits) + place)
                rounded.append(remainder > 0)
                choices.append(choice)
                following.append(numbers[child])
                cumulative.append(before)
                totals.append(total)
                before += size
        return _Level(
            np.array(keys, dtype=np.uint64),
            np.array(rounded, dtype=bool),
            np.array(choices, dtype=np.int64),
            np.array(following, dtype=np.int64),
            bits,
            cumulative,
            totals,
        )

    def draw(self, count: int, rng: np.random.Generator) -> IntArray:
        """`count` encodings as an array [count, levels]; the same generator state gives the same encodings."""
        import numpy as np

        encodings = np.empty((len(self.levels), count), dtype=np.int64)
        for start in range(0, count, CHUNK):
            size = min(CHUNK, count - start)
            nodes = np.zeros(size, dtype=np.int64)
            for number, level in enumerate(self.levels):
                raw = rng.integers(0, 1 << 64, size=size, dtype=np.uint64) >> np.uint64(64 - level.bits)
                queries = (nodes.astype(np.uint64) << np.uint64(level.bits)) | raw
                edges = level.edges(queries, count >= GUIDED)
                for at in np.nonzero(level.keys[edges] == queries)[0].tolist():
                    if level.rounded[edges[at]]:
                        edges[at] = _decide(level, int(edges[at]), int(raw[at]), rng)
                encodings[number, start : start + size] = level.choices[edges]
                nodes = level.following[edges]
        return encodings.T


def _decide(level: _Level, edge: int, raw: int, rng: np.random.Generator) -> int:
    """The edge of a draw whose bits so far end on a rounded boundary: draw more bits until it lies on one side.

    Several boundaries can share a key, so the edges of the same node with that key are tried, the last one first.
    """
    total, bits = level.totals[edge], level.bits
    while True:
        raw = (raw << 64) | int(rng.integers(0, 1 << 64, dtype="uint64"))
        bits += 64
        at = edge
        while True:
            boundary = level.cumulative[at] << bits
            if raw * total >= boundary:
                return at
            if (raw + 1) * total > boundary:
                break
            at -= 1


def _scaled(edges: Sequence[tuple[int, int]], values: dict[int, float], row: Sequence[float] | None) -> list[int]:
    """Edge weights as integers in proportion, the largest 2^53, so that no edge with weight vanishes."""
    parts = [values[child] + (row[choice] if row is not None else 0.0) for choice, child in edges]
    most = max(parts)
    return [max(1, round(math.ldexp(math.exp(part - most), 53))) for part in parts]
