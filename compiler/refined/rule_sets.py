"""Sets of architectures as diagram roots: each rule's set compiled once, and products of many of them.

Roots are canonical (see `diagram`), so equal sets are equal integers and asking whether a rule removes anything is one
comparison.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from lapt_dsl.compiler.automata.compile import base_set, compile_constraint
from lapt_dsl.compiler.automata.diagram import DEFAULT_MAX_NODES, EMPTY, NodeLimitExceeded, shared_diagrams
from lapt_dsl.compiler.lowering.constraints import Constraint
from lapt_dsl.compiler.refined.refined_space import RefinedSpace
from lapt_dsl.compiler.space.model import Space

GROWTH = 4
"""How many times `max_nodes` the diagrams of one compilation may hold together before it is refused."""


class RuleSets:
    """The sets of one compilation. Every operation raises NodeLimitExceeded instead of growing without bound."""

    def __init__(self, space: Space, max_nodes: int = DEFAULT_MAX_NODES, growth: int = GROWTH) -> None:
        self.space = space
        self.max_nodes = max_nodes
        self._store = shared_diagrams(space.digest, [len(layer.choices) for layer in space.layers])
        self._limit = len(self._store.children) + growth * max_nodes
        self.base = base_set(self._store, space, max_nodes)
        self._satisfying: dict[Constraint, int] = {}

    def satisfying(self, constraint: Constraint) -> int:
        """The encodings that satisfy a constraint, valid architectures or not."""
        known = self._satisfying.get(constraint)
        if known is None:
            known = self._satisfying[constraint] = compile_constraint(
                self._store, self.space, constraint, self.max_nodes
            )
        return known

    def root(self, constraint: Constraint) -> int:
        """The architectures of the space that satisfy a constraint."""
        return self.intersection(self.base, self.satisfying(constraint))

    def nodes(self, root: int) -> int:
        """How many nodes the diagram of a set has."""
        return self._store.size(root)

    def intersection(self, left: int, right: int) -> int:
        """The intersection of two sets."""
        if len(self._store.children) > self._limit:
            raise NodeLimitExceeded(self.max_nodes)
        return self._store.intersection(left, right, self.max_nodes)

    def difference(self, left: int, right: int) -> int:
        """The architectures of `left` that are not in `right`."""
        return self._store.difference(left, right, self.max_nodes)

    def size(self, root: int) -> int:
        """How many architectures a set holds."""
        return self._store.count(root)

    def refined(self, root: int) -> RefinedSpace:
        """A set as a refined space without weights."""
        return RefinedSpace(self.space, self._store, root, {})

    def product(self, roots: Sequence[int]) -> int:
        """The intersection of many sets within the space."""
        result = self.base
        for root in roots:
            result = self.intersection(result, root)
            if result == EMPTY:
                break
        return result

    def leave_one_out(self, roots: Sequence[int]) -> list[int | None]:
        """For each set the intersection of all the others, from prefix and suffix products: linear in their number.

        None if an intersection of the others exceeds the node limit although that of all sets does not.
        """
        whole = self.product(roots)
        # Leaving out one of two equal sets changes nothing, so only sets that stand once need a product of their own.
        times = Counter(roots)
        twice = [root for root, count in times.items() if count > 1]
        distinct = [root for root, count in times.items() if count == 1 and root != self.base]
        shared = self.product(twice)
        answers: dict[int, int | None] = dict.fromkeys((self.base, *twice), whole)
        suffixes: list[int | None] = [self.base]
        for root in reversed(distinct):
            suffixes.append(self._try_intersection(suffixes[-1], root))
        prefix: int | None = shared
        for number, root in enumerate(distinct):
            answers[root] = self._try_intersection(prefix, suffixes[len(distinct) - 1 - number])
            prefix = self._try_intersection(prefix, root)
        return [answers[root] for root in roots]

    def _try_intersection(self, left: int | None, right: int | None) -> int | None:
        if left is None or right is None:
            return EMPTY if EMPTY in (left, right) else None
        try:
            return self.intersection(left, right)
        except NodeLimitExceeded:
            return None
