"""Regularized evolution inside an exact refined space (Real et al., "Regularized Evolution for Image Classifier
Architecture Search", AAAI 2019), optionally without asking for an architecture twice.

Beside `encoded_set` this module imports NumPy alone, so that generated samplers can contain a copy of it. They give the
same stream for the same seed.
"""

from __future__ import annotations

import math
from collections import deque

import numpy as np

from lapt_dsl.compiler.refined.encoded_set import EncodedSet, Encoding, log_sum

BATCH = 256
"""Doubles taken from the generator at a time."""

MAX_KEPT = 200_000
"""Neighbours kept before they are forgotten: about 20 MB of a small cell, 60 MB of DARTS."""


def uniform_below(rng: np.random.Generator, bound: int) -> int:
    """A uniform integer from 0 to `bound` - 1, of any size."""
    if bound <= 1 << 63:
        return int(rng.integers(bound))
    bits = (bound - 1).bit_length()
    while True:
        value = 0
        for _ in range((bits + 31) // 32):
            value = (value << 32) | int(rng.integers(1 << 32))
        value >>= -bits % 32
        if value < bound:
            return value


class Unseen:
    """Draws members that have not come before: exactly uniform without weights, else in proportion to the weights.

    The encodings seen so far form a trie. Per prefix it keeps the number of seen encodings and the weight of the unseen
    ones. Weights are summed over the unseen encodings and never subtracted, because differences of nearly equal sums
    would lose their precision when almost all weight has been seen.
    """

    def __init__(self, encoded: EncodedSet) -> None:
        self.encoded = encoded
        self._counts = encoded.counts()
        self._weighted = any(row is not None for row in encoded.logs)
        self._values = encoded.log_values() if self._weighted else {}
        self._seen: dict[Encoding, int] = {}
        self._left: dict[Encoding, float] = {}

    def left(self, prefix: Encoding = ()) -> int:
        """How many encodings below a prefix are unseen."""
        node = self.encoded.root
        for choice in prefix:
            node = self.encoded.step(node, choice) if node else 0
        return self._counts[node] - self._seen.get(prefix, 0)

    def add(self, encoding: Encoding) -> None:
        """Mark a member as seen; it must not have been marked before."""
        encoded = self.encoded
        path = [encoded.root]
        for choice in encoding:
            path.append(encoded.step(path[-1], choice))
        for end in range(len(encoding) + 1):
            self._seen[encoding[:end]] = self._seen.get(encoding[:end], 0) + 1
        if self._weighted:
            for level in range(len(encoding) - 1, -1, -1):
                edges = self._edges(path[level], encoding[:level])
                self._left[encoding[:level]] = log_sum([value for _, _, value in edges])

    def _edges(self, node: int, prefix: Encoding) -> list[tuple[int, int, float]]:
        """The choices that lead to unseen encodings, each with how many and their log weight."""
        level = len(prefix)
        row = self.encoded.logs[level]
        found = []
        for choice in range(len(self.encoded.choices[level])):
            child = self.encoded.step(node, choice)
            if not child:
                continue
            below = (*prefix, choice)
            left = self._counts[child] - self._seen.get(below, 0)
            if not left:
                continue
            value = 0.0
            if self._weighted:
                known = self._left.get(below)
                value = self._values[child] if known is None else known
                value += row[choice] if row else 0.0
            found.append((choice, left, value))
        return found

    def draw(self, rng: np.random.Generator) -> Encoding | None:
        """An unseen member, or None where all have been seen. It is not marked."""
        if not self.left():
            return None
        node = self.encoded.root
        encoding: Encoding = ()
        rank = 0 if self._weighted else uniform_below(rng, self.left())
        for _ in range(self.encoded.depth):
            edges = self._edges(node, encoding)
            if self._weighted:
                choice = _choose(edges, float(rng.random()))
            else:
                choice, rank = _at_rank(edges, rank)
            node, encoding = self.encoded.step(node, choice), (*encoding, choice)
        return encoding


def _at_rank(edges: list[tuple[int, int, float]], rank: int) -> tuple[int, int]:
    for choice, left, _ in edges:
        if rank < left:
            return choice, rank
        rank -= left
    raise IndexError("rank beyond the unseen encodings")


def _choose(edges: list[tuple[int, int, float]], point: float) -> int:
    most = max(value for _, _, value in edges)
    weights = [math.exp(value - most) for _, _, value in edges]
    threshold = point * math.fsum(weights)
    total = 0.0
    for (choice, _, _), weight in zip(edges, weights, strict=True):
        total += weight
        if threshold < total:
            return choice
    return max(edges, key=lambda edge: edge[2])[0]


class Draws:
    """Uniform integers from one generator, its doubles taken in batches: a call of NumPy costs more than a mutation."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._batch: list[float] = []

    def below(self, bound: int) -> int:
        """A uniform integer from 0 to `bound` - 1, for bounds up to 2^53; no choice is off by more than 2^-53."""
        if not self._batch:
            self._batch = self._rng.random(BATCH).tolist()
        return int(self._batch.pop() * bound)

    @property
    def left(self) -> int:
        """How many doubles of the batch are unused: with the generator's state, all that later draws depend on."""
        return len(self._batch)


class RegularizedEvolution:
    """Aging evolution by `ask` and `tell`.

    The first `population` architectures are drawn by the soft weights. Later ones are a one-change neighbour of the
    best of `tournament` members drawn without replacement, and where the parent has none, a draw again. The oldest
    member leaves when the score of a new one is reported. A member with the larger score is better.

    With `unique` no architecture is asked for twice, and `ask` returns None when every architecture of the space has
    been asked for. Without it, children may come again, as in Real et al.'s paper, and nothing grows with the steps.
    """

    def __init__(
        self,
        encoded: EncodedSet,
        population: int = 10,
        tournament: int = 5,
        seed: int | np.random.Generator = 0,
        unique: bool = True,
    ) -> None:
        if not 1 <= tournament <= population:
            limits = f"from 1 to the population's {population}"
            raise ValueError(f"tournament must be {limits}, not {tournament}")
        self.encoded = encoded
        self.population_size, self.tournament = population, tournament
        self.unique = unique
        self.rng = np.random.default_rng(seed)
        self.draws = Draws(self.rng)
        self.population: deque[tuple[Encoding, float]] = deque()
        self.unseen = Unseen(encoded)
        self.asked: dict[Encoding, None] = {}
        self.best: tuple[Encoding, float] | None = None
        self._drawn = 0
        self._near: dict[Encoding, list[Encoding]] = {}
        self._kept = 0

    def ask(self) -> Encoding | None:
        """The next architecture to evaluate, or None when there is none left."""
        grown = self._drawn >= self.population_size and self.population
        encoding = self.child() if grown else None
        if encoding is None:
            encoding = self.unseen.draw(self.rng)
        if encoding is not None:
            self._drawn += 1
            if self.unique:
                self.asked[encoding] = None
                self.unseen.add(encoding)
        return encoding

    def child(self) -> Encoding | None:
        """One change from a parent, or None where every such architecture has been asked for."""
        options = self.neighbours(self.parent())
        if self.unique:
            options = [other for other in options if other not in self.asked]
        return options[self.draws.below(len(options))] if options else None

    def neighbours(self, encoding: Encoding) -> list[Encoding]:
        """The one-change neighbours of a member, kept: parents come again and again."""
        found = self._near.get(encoding)
        if found is None:
            found = self.encoded.neighbours(encoding)
            self._kept += len(found)
            if self._kept > MAX_KEPT:
                self._near, self._kept = {}, len(found)
            self._near[encoding] = found
        return found

    def recall(self, encoding: Encoding, score: float | None) -> None:
        """Take over an architecture evaluated before this search began (None: its evaluation failed).

        It is never asked for; with a score it joins the population, as a parent also where the space does not hold it.
        """
        if encoding in self.asked:
            return
        self.asked[encoding] = None
        if encoding in self.encoded:
            self.unseen.add(encoding)
        if score is not None:
            self._drawn += 1
            self.tell(encoding, score)

    def parent(self) -> Encoding:
        """The best of a tournament, its members drawn without replacement (Floyd's algorithm)."""
        population, below = self.population, self.draws.below
        size = len(population)
        drawn: list[int] = []
        best: tuple[Encoding, float] | None = None
        for last in range(size - min(self.tournament, size), size):
            place = below(last + 1)
            if place in drawn:
                place = last
            drawn.append(place)
            member = population[place]
            if best is None or member[1] > best[1]:
                best = member
        if best is None:
            raise ValueError("the population is empty")
        return best[0]

    def tell(self, encoding: Encoding, score: float) -> None:
        """Report the score of an architecture. ValueError where it was never asked for or the score is not a number."""
        if self.unique and encoding not in self.asked:
            raise ValueError("`tell` of an architecture that `ask` did not return")
        if math.isnan(score):
            raise ValueError("a score must be a number")
        self.population.append((encoding, score))
        if len(self.population) > self.population_size:
            self.population.popleft()
        if self.best is None or score > self.best[1]:
            self.best = (encoding, score)
