"""A refined space: the exact set of architectures that satisfy a set of principles, and the queries on it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from lapt_dsl.compiler.automata.diagram import DEFAULT_MAX_NODES, EMPTY, Diagrams, NodeLimitExceeded, shared_diagrams
from lapt_dsl.compiler.lowering.constraints import Allowed, Constraint, Weight
from lapt_dsl.compiler.refined.candidates import Candidates
from lapt_dsl.compiler.refined.encoded_set import EncodedSet
from lapt_dsl.compiler.space import displays
from lapt_dsl.compiler.space.model import Architecture, Choice, Layer, Space
from lapt_dsl.diagnostics.diagnostic import LaptError

if TYPE_CHECKING:
    import numpy as np

    from lapt_dsl.compiler.refined.sampling import Architectures, Sampler
    from lapt_dsl.diagnostics.span import Span

Score = Callable[[Layer, Choice], float] | Literal["params", "flops"]


class RefinedSpace:
    """An exact set of architectures of one space, with the sampling weights of its soft rules.

    Immutable. Equality, inclusion, `&` and `-` speak of the set; weights add up under `&` and stay the left's
    under `-`.
    """

    def __init__(self, space: Space, store: Diagrams, root: int, logs: Mapping[int, tuple[float, ...]]) -> None:
        self.space = space
        self._store = store
        self._root = root
        self._logs = dict(logs)

    @classmethod
    def full(cls, space: Space, max_nodes: int = DEFAULT_MAX_NODES) -> RefinedSpace:
        """The whole space, unweighted."""
        from lapt_dsl.compiler.automata.compile import base_set

        store = shared_diagrams(space.digest, [len(layer.choices) for layer in space.layers])
        return cls(space, store, base_set(store, space, max_nodes), {})

    def restrict(self, constraint: Constraint, max_nodes: int = DEFAULT_MAX_NODES) -> RefinedSpace:
        """The members that satisfy a constraint. Raises NodeLimitExceeded."""
        from lapt_dsl.compiler.automata.compile import compile_constraint

        rule = compile_constraint(self._store, self.space, constraint, max_nodes)
        return self._with(self._store.intersection(self._root, rule, max_nodes))

    def box(self, labels: Mapping[int, Collection[int]]) -> RefinedSpace:
        """Every encoding whose choices are in the given sets, by decision; other decisions are free.

        It describes what a set leaves out, so these encodings need not be members, nor architectures.
        """
        from lapt_dsl.compiler.automata.compile import compile_constraint

        allowed = Allowed(tuple((level, frozenset(found)) for level, found in sorted(labels.items())))
        return self._with(compile_constraint(self._store, self.space, allowed))

    def listed(self, words: Iterable[tuple[int, ...]]) -> RefinedSpace:
        """The members among the listed encodings, each with one label per level; for sets that come from data."""
        from lapt_dsl.compiler.automata.word_list import set_of_words

        return self._with(self._store.intersection(self._root, set_of_words(self._store, words)))

    def weighted(self, *weights: Weight) -> RefinedSpace:
        """The same set with further log weights."""
        logs = dict(self._logs)
        for weight in weights:
            for level, row in weight.logs:
                known = logs.get(level)
                logs[level] = row if known is None else tuple(a + b for a, b in zip(known, row, strict=True))
        return RefinedSpace(self.space, self._store, self._root, logs)

    def _with(self, root: int) -> RefinedSpace:
        return RefinedSpace(self.space, self._store, root, self._logs)

    # --- the set ----------------------------------------------------------------------------------------------

    @property
    def size(self) -> int:
        """How many architectures there are, exactly."""
        return self._store.count(self._root)

    @property
    def weights(self) -> Mapping[int, tuple[float, ...]]:
        """Log weights: per level that has any, one per label."""
        return dict(self._logs)

    @property
    def nodes(self) -> int:
        """How many nodes the decision diagram has."""
        return self._store.size(self._root)

    @cached_property
    def candidates(self) -> Candidates:
        """The remaining candidates per layer, exactly: those that some architecture of the set uses."""
        return Candidates.of(self.space, self._store, self._root)

    def __contains__(self, arch: object) -> bool:
        if isinstance(arch, str):
            raise TypeError("a text is no architecture: use `refined.space.parse_arch(text) in refined`")
        return (
            isinstance(arch, Architecture)
            and arch.space == self.space
            and self._store.contains(self._root, arch.encoding)
        )

    def __iter__(self) -> Iterator[Architecture]:
        for encoding in self.encoded:
            yield Architecture(self.space, encoding)

    def __bool__(self) -> bool:
        return self._root != EMPTY

    def __len__(self) -> int:
        """As `size`; Python refuses lengths beyond 2^63 - 1, `size` does not."""
        return self.size

    def rank(self, arch: Architecture) -> int:
        """How many members come before `arch` in lexicographic order. ValueError where it is not a member."""
        if arch not in self:
            raise ValueError(f"{arch} is not in the refined space")
        store, node, before = self._store, self._root, 0
        for label in arch.encoding:
            before += sum(store.count(store.step(node, smaller)) for smaller in range(label))
            node = store.step(node, label)
        return before

    def unrank(self, rank: int) -> Architecture:
        """The member with this rank. IndexError outside 0 to size - 1."""
        if not 0 <= rank < self.size:
            raise IndexError(f"rank {rank} is outside 0..{self.size - 1}")
        store, node, encoding = self._store, self._root, []
        for width in store.widths:
            for label in range(width):
                child = store.step(node, label)
                size = store.count(child)
                if rank < size:
                    encoding.append(label)
                    node = child
                    break
                rank -= size
        return Architecture(self.space, tuple(encoding))

    # --- sampling and search ----------------------------------------------------------------------------------

    def sample(self, n: int, rng: np.random.Generator | int, *, uniform: bool = False) -> Architectures:
        """`n` members, drawn independently: in proportion to the soft weights, or exactly uniformly.

        `rng` is a generator or a seed for a new one. Uniform draws are exact for any size; weights are accurate to
        double precision. ValueError for an empty space.
        """
        from lapt_dsl.compiler.refined.sampling import Architectures

        sampler = self._uniform if uniform or not self._logs else self._weighted
        return Architectures(self.space, sampler.draw(n, _generator(rng)))

    @cached_property
    def _uniform(self) -> Sampler:
        from lapt_dsl.compiler.refined.sampling import Sampler

        return Sampler(self._store, self._root)

    @cached_property
    def _weighted(self) -> Sampler:
        from lapt_dsl.compiler.refined.sampling import Sampler

        return Sampler(self._store, self._root, self.encoded)

    @cached_property
    def encoded(self) -> EncodedSet:
        """The set in plain lists, as search and generated samplers use it."""
        store, layers = self._store, self.space.layers
        return EncodedSet(
            store.children,
            store.pattern_of,
            self._root,
            [_choices(layer) for layer in layers],
            [stage for cell in self.space.cells for stage in cell.sorted_stages],
            [self._logs.get(layer.decision) for layer in layers],
        )

    def neighbours(self, arch: Architecture) -> list[Architecture]:
        """Members one change away from `arch`, which need not be a member itself; see `EncodedSet.neighbours`."""
        return [Architecture(self.space, encoding) for encoding in self.encoded.neighbours(arch.encoding)]

    def mutate(self, arch: Architecture, rng: np.random.Generator | int) -> Architecture | None:
        """A neighbour of `arch`, every one equally likely, or None where it has none."""
        encodings = self.encoded.neighbours(arch.encoding)
        if not encodings:
            return None
        return Architecture(self.space, encodings[int(_generator(rng).integers(len(encodings)))])

    def nearest(self, arch: Architecture) -> Architecture:
        """The member that differs from `arch` in the fewest choices (operator, sources and number each count one).

        Of several the first in lexicographic order. Distance is between encodings, so a stage with distinct sources
        is compared pair by pair in its canonical order. ValueError for an empty space.
        """
        from lapt_dsl.compiler.refined.optimum import best_encoding

        def distance(layer: Layer, label: Choice) -> float:
            here = layer.choices[arch.encoding[layer.decision]]
            differs = label.operator != here.operator or label.number != here.number
            return differs + (label.sources != here.sources)

        return Architecture(self.space, best_encoding(self.space, self._store, self._root, distance, largest=False))

    def best(self, score: Score, *, largest: bool = True) -> Architecture:
        """The member with the largest (or smallest) score: additive over layers, or "params" or "flops".

        `score(layer, label)` gives one layer's part. Ties go to the first in lexicographic order.
        """
        from lapt_dsl.compiler.refined.optimum import best_encoding

        return Architecture(self.space, best_encoding(self.space, self._store, self._root, score, largest=largest))

    # --- set operations ---------------------------------------------------------------------------------------

    def _same_space(self, other: RefinedSpace) -> None:
        if self.space != other.space:
            raise ValueError(f"refined spaces of different spaces: {self.space.name} and {other.space.name}")

    def __and__(self, other: RefinedSpace) -> RefinedSpace:
        self._same_space(other)
        both = self._with(self._store.intersection(self._root, other._root))
        return both.weighted(Weight(tuple(other._logs.items()))) if other._logs else both

    def __sub__(self, other: RefinedSpace) -> RefinedSpace:
        self._same_space(other)
        return self._with(self._store.difference(self._root, other._root))

    def __or__(self, other: RefinedSpace) -> RefinedSpace:
        self._same_space(other)
        return self._with(self._store.union(self._root, other._root))

    def __le__(self, other: RefinedSpace) -> bool:
        self._same_space(other)
        return self._store.difference(self._root, other._root) == EMPTY

    def __lt__(self, other: RefinedSpace) -> bool:
        return self <= other and self != other

    def __ge__(self, other: RefinedSpace) -> bool:
        return other <= self

    def __gt__(self, other: RefinedSpace) -> bool:
        return other < self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RefinedSpace) and self.space == other.space and self._root == other._root

    def __hash__(self) -> int:
        return hash((self.space.digest, self._root))

    def __repr__(self) -> str:
        return f"<RefinedSpace of {self.space.name}: {self.size} architectures>"

    def _repr_html_(self) -> str:
        return displays.html(self)


def _generator(rng: np.random.Generator | int) -> np.random.Generator:
    """A generator of NumPy; an integer is its seed."""
    import numpy as np

    return rng if isinstance(rng, np.random.Generator) else np.random.default_rng(rng)


def _choices(layer: Layer) -> list[tuple[str | int | None, tuple[int, ...]]]:
    return [(label.operator.name if label.operator else label.number, label.sources) for label in layer.choices]


def full(space: Space, max_nodes: int = DEFAULT_MAX_NODES) -> RefinedSpace:
    """The whole space as a refined space. LaptError (E503) where it exceeds the node limit."""
    try:
        return RefinedSpace.full(space, max_nodes)
    except NodeLimitExceeded as error:
        raise space_too_large(space, max_nodes, space.span) from error


def space_too_large(space: Space, max_nodes: int, span: Span) -> LaptError:
    """E503: the space exceeds the node limit before any rule is added; shown at `span`."""
    message = f"space `{space.name}` alone needs more than {max_nodes} automaton states"
    return LaptError.of("E503", message, span, hint="raise the limit with --max-nodes")


__all__: Sequence[str] = ["RefinedSpace", "Score", "full"]
