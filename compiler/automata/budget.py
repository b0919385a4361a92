"""Exact budgets on additive costs (parameters, FLOPs), by merging budgets that no completion can tell apart.

At each level, the remaining budgets that admit the same completions form an interval, and one node represents the
whole interval (Abio et al., "A New Look at BDDs for Pseudo-Boolean Constraints", JAIR 45, 2012). A state per exact
budget would be too many: parameter counts take millions of values. With intervals the diagram is reduced while it is
built, and no cost is rounded.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from lapt_dsl.compiler.automata.diagram import EMPTY, Diagrams, NodeLimitExceeded

Memory = tuple[int, ...]
Terms = Sequence[tuple[tuple[int, ...], Callable[[tuple[int, ...]], Any]]]
"""Parts of an additive cost: ascending levels, and the part's value for the choices at those levels."""


class BudgetTerm(NamedTuple):
    """Choices at a level that cost the same and leave the same memory."""

    cost: Any
    memory: Memory


class BudgetPlan:
    """The costs of a space, level by level.

    A term that spans several levels is charged at its last level, since only there its value is known. Until then the
    choices that it needs are the *memory*. `at(level, memory)` gives the pattern of the level's choices and per class
    its `BudgetTerm`.
    """

    def __init__(self, store: Diagrams, terms: Terms) -> None:
        self.store = store
        self.due: list[list[tuple[tuple[int, ...], Callable[[tuple[int, ...]], Any]]]] = [[] for _ in store.widths]
        for levels, value in terms:
            self.due[levels[-1]].append((levels, value))
        self.kept: list[tuple[int, ...]] = []
        for level in range(len(store.widths) + 1):
            wanted = {earlier for levels, _ in terms if levels[-1] >= level for earlier in levels if earlier < level}
            self.kept.append(tuple(sorted(wanted)))
        self._known: dict[tuple[int, Memory], tuple[int, list[BudgetTerm]]] = {}

    def at(self, level: int, memory: Memory) -> tuple[int, list[BudgetTerm]]:
        """The terms of a level after the remembered choices."""
        known = self._known.get((level, memory))
        if known is None:
            before = dict(zip(self.kept[level], memory, strict=True))
            choices = []
            for label in range(self.store.widths[level]):
                labels = {**before, level: label}
                cost = sum(value(tuple(labels[at] for at in levels)) for levels, value in self.due[level])
                choices.append(BudgetTerm(cost, tuple(labels[at] for at in self.kept[level + 1])))
            known = self._known[level, memory] = (self.store.pattern(choices), list(dict.fromkeys(choices)))
        return known


class _Intervals:
    """Nodes of one level and memory, each with the closed interval of remaining budgets that it represents."""

    def __init__(self) -> None:
        self.lows: list[int] = []
        self.entries: list[tuple[int, int, int]] = []

    def find(self, budget: int) -> tuple[int, int, int] | None:
        place = bisect_right(self.lows, budget) - 1
        if place >= 0 and budget <= self.entries[place][1]:
            return self.entries[place]
        return None

    def add(self, entry: tuple[int, int, int]) -> None:
        place = bisect_right(self.lows, entry[0])
        self.lows.insert(place, entry[0])
        self.entries.insert(place, entry)


class _Frame:
    """A (level, memory, budget) whose successors are being computed."""

    __slots__ = ("budget", "choices", "high", "level", "low", "memory", "pattern", "successors")

    def __init__(self, level: int, memory: Memory, budget: int, pattern: int, choices: list[BudgetTerm]) -> None:
        self.level, self.memory, self.budget, self.pattern, self.choices = level, memory, budget, pattern, choices
        self.low: int | None = None
        self.high: int | None = None
        self.successors: list[int] = []


class AtMost:
    """Builds the set of encodings whose cost is at most a budget.

    The search is depth first with an explicit stack. The interval of a node is known once its successors are: it is
    the intersection of their intervals, each moved by the cost of the choice that leads there."""

    def __init__(self, plan: BudgetPlan, max_nodes: int) -> None:
        self.plan, self.store, self.max_nodes = plan, plan.store, max_nodes
        self.levels = len(plan.store.widths)
        self.extremes: dict[tuple[int, Memory], tuple[int, int]] = {}
        self.intervals: dict[tuple[int, Memory], _Intervals] = {}
        self.made = 0

    def build(self, budget: int) -> int:
        """The diagram's root. Raises NodeLimitExceeded."""
        self._find_extremes()
        found = self._leaf(0, (), budget)
        if found is not None:
            return found[2]
        stack = [self._frame(0, (), budget)]
        while True:
            frame = stack[-1]
            if len(frame.successors) < len(frame.choices):
                choice = frame.choices[len(frame.successors)]
                remaining = frame.budget - choice.cost
                known = self._leaf(frame.level + 1, choice.memory, remaining)
                if known is None:
                    stack.append(self._frame(frame.level + 1, choice.memory, remaining))
                    continue
                _narrow(frame, known[0], known[1], choice.cost)
                frame.successors.append(known[2])
                continue
            stack.pop()
            entry = self._close(frame)
            if not stack:
                return entry[2]

    def _frame(self, level: int, memory: Memory, budget: int) -> _Frame:
        return _Frame(level, memory, budget, *self.plan.at(level, memory))

    def _close(self, frame: _Frame) -> tuple[int, int, int]:
        assert frame.low is not None
        assert frame.high is not None
        self.made += 1
        if self.made > self.max_nodes:
            raise NodeLimitExceeded(self.max_nodes)
        entry = (frame.low, frame.high, self.store.node(frame.pattern, frame.successors))
        self.intervals.setdefault((frame.level, frame.memory), _Intervals()).add(entry)
        return entry

    def _leaf(self, level: int, memory: Memory, budget: int) -> tuple[int, int, int] | None:
        """The interval that holds a budget and its node, if they are known."""
        least, most = self.extremes[level, memory]
        # Below the least cost nothing fits, from the greatest on everything does: most branches end here.
        if budget < least:
            return (_BELOW, least - 1, EMPTY)
        if budget >= most:
            return (most, _ABOVE, self.store.rest[level])
        intervals = self.intervals.get((level, memory))
        return None if intervals is None else intervals.find(budget)

    def _find_extremes(self) -> None:
        """The least and the greatest cost of the levels from each level on, per memory."""
        layers: list[dict[Memory, None]] = [{(): None}]
        for level in range(self.levels):
            layers.append({choice.memory: None for memory in layers[-1] for choice in self.plan.at(level, memory)[1]})
            if sum(map(len, layers)) > self.max_nodes:
                raise NodeLimitExceeded(self.max_nodes)
        self.extremes = {(self.levels, memory): (0, 0) for memory in layers[-1]}
        for level in range(self.levels - 1, -1, -1):
            for memory in layers[level]:
                choices = self.plan.at(level, memory)[1]
                ends = [(c.cost, *self.extremes[level + 1, c.memory]) for c in choices]
                self.extremes[level, memory] = (
                    min(c + low for c, low, _ in ends),
                    max(c + high for c, _, high in ends),
                )


_BELOW = -(1 << 200)
_ABOVE = 1 << 200


def _narrow(frame: _Frame, low: int, high: int, cost: int) -> None:
    """Keep the budgets of a frame for which the successor is this same node."""
    frame.low = low + cost if frame.low is None else max(frame.low, low + cost)
    frame.high = high + cost if frame.high is None else min(frame.high, high + cost)
