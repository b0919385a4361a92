"""The best member of a refined space by an additive score: one backward pass in the (max, +) or (min, +) semiring."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from lapt_dsl.compiler.automata.budget import BudgetPlan, Memory, Terms
from lapt_dsl.compiler.automata.diagram import EMPTY, UNIT, Diagrams
from lapt_dsl.compiler.space.model import Choice, Layer, Space

Number = int | float


def best_encoding(
    space: Space,
    store: Diagrams,
    root: int,
    score: Callable[[Layer, Choice], float] | Literal["params", "flops"],
    *,
    largest: bool,
) -> tuple[int, ...]:
    """The first encoding in lexicographic order among those with the largest (or smallest) score.

    ValueError for an empty set, or for a score of an unknown name.
    """
    if root == EMPTY:
        raise ValueError("an empty space has no best architecture")
    plan = BudgetPlan(store, _terms(space, score))
    pairs = _forward(store, plan, root)
    sign = 1 if largest else -1
    values: dict[tuple[int, Memory], Number] = {(UNIT, ()): 0}
    chosen: list[dict[tuple[int, Memory], int]] = []
    for level in range(len(pairs) - 1, -1, -1):
        here: dict[tuple[int, Memory], Number] = {}
        labels: dict[tuple[int, Memory], int] = {}
        for node, memory in pairs[level]:
            pattern, choices = plan.at(level, memory)
            best: Number | None = None
            for label, number in enumerate(store.classes(pattern)):
                child = store.step(node, label)
                if child:
                    choice = choices[number]
                    value = choice.cost * sign + values[child, choice.memory]
                    if best is None or value > best:
                        best, labels[node, memory] = value, label
            assert best is not None
            here[node, memory] = best
        values = here
        chosen.append(labels)
    encoding: list[int] = []
    node, memory = root, ()
    for level, labels in enumerate(reversed(chosen)):
        label = labels[node, memory]
        pattern, choices = plan.at(level, memory)
        node, memory = store.step(node, label), choices[store.classes(pattern)[label]].memory
        encoding.append(label)
    return tuple(encoding)


def _forward(store: Diagrams, plan: BudgetPlan, root: int) -> list[list[tuple[int, Memory]]]:
    pairs: list[list[tuple[int, Memory]]] = [[(root, ())]]
    for level in range(len(store.widths) - 1):
        following: dict[tuple[int, Memory], None] = {}
        for node, memory in pairs[-1]:
            pattern, choices = plan.at(level, memory)
            for number, child_class in dict.fromkeys(zip(store.classes(pattern), store.pattern_of[node], strict=True)):
                child = store.children[node][child_class]
                if child:
                    following[child, choices[number].memory] = None
        pairs.append(list(following))
    return pairs


def _terms(space: Space, score: Callable[[Layer, Choice], float] | Literal["params", "flops"]) -> Terms:
    if isinstance(score, str):
        from lapt_dsl.compiler.networks.network import cost_terms

        if score not in ("params", "flops"):
            raise ValueError(f'a score is a function, "params" or "flops", not {score!r}')
        return [(term.decisions, term.value) for term in cost_terms(space, score).terms]
    return [((layer.decision,), _part(score, layer)) for layer in space.layers]


def _part(score: Callable[[Layer, Choice], float], layer: Layer) -> Callable[[tuple[int, ...]], float]:
    return lambda labels: score(layer, layer.choices[labels[0]])
