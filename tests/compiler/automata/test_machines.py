"""The automaton against trying every word, constraint by constraint."""

from __future__ import annotations

import random
from itertools import product

import pytest

from lapt_dsl.compiler.automata.budget import AtMost, BudgetPlan
from lapt_dsl.compiler.automata.diagram import Diagrams, NodeLimitExceeded
from lapt_dsl.compiler.lowering.constraints import (
    AgreementConstraint,
    Allowed,
    And,
    Bound,
    Constraint,
    CountConstraint,
    Not,
    OnPath,
    Or,
)
from lapt_dsl.compiler.refined.refined_space import full
from lapt_dsl.compiler.space.model import Cell, Layer, NumberRef, Space
from tests.compiler.small_spaces import members, random_space
from tests.effort import either

Encoding = tuple[int, ...]
SEEDS = range(either(17, 400))


def length(layer: Layer, word: Encoding, cell: Cell) -> int:
    if not isinstance(layer.repeat, NumberRef):
        return layer.repeat
    number = cell.layer(layer.repeat.name)
    assert number is not None
    chosen = number.choices[word[number.decision]].number
    assert chosen is not None
    return chosen


def arcs(cell: Cell, word: Encoding) -> list[tuple[int, int, Layer | None]]:
    """(source, target, layer) of everything that carries data; concat carries without a layer."""
    found: list[tuple[int, int, Layer | None]] = []
    for layer in cell.operator_layers:
        label = layer.choices[word[layer.decision]]
        assert label.operator is not None
        assert layer.target is not None
        if not label.operator.absent:
            found += [(source, layer.target, layer) for source in label.sources]
    for node in cell.nodes:
        found += [(part, node.index, None) for part in node.concat]
    return found


def paths(cell: Cell, word: Encoding, start: int, end: int) -> list[list[tuple[int, Layer]]]:
    """Every path from a node to another as (source, layer) pairs."""
    if start == end:
        return [[]]
    found = []
    for source, target, layer in arcs(cell, word):
        if source == start:
            step = [] if layer is None else [(source, layer)]
            found += [step + rest for rest in paths(cell, word, target, end)]
    return found


def holds(space: Space, constraint: Constraint, word: Encoding) -> bool:
    match constraint:
        case Allowed(labels):
            return all(word[level] in inside for level, inside in labels)
        case CountConstraint(labels, low, high):
            count = sum(word[level] in inside for level, inside in labels)
            return low <= count and (high is None or count <= high)
        case AgreementConstraint(classes, distinct):
            seen = [row[word[level]] for level, row in classes if row[word[level]] is not None]
            return len(set(seen)) == len(seen) if distinct else len(set(seen)) <= 1
        case OnPath():
            cell = space.cell(constraint.cell)
            assert cell is not None
            starts = [node.index for node in cell.inputs] if constraint.start is None else [constraint.start]
            verdicts = [
                all(on_path(cell, predicate, word, path) for predicate in constraint.predicates)
                for start in starts
                for path in paths(cell, word, start, constraint.end)
            ]
            return any(verdicts) if constraint.quantifier == "some" else all(verdicts)
        case Bound(metric, low, high):
            value = depth(space, word) if metric == "depth" else live_layers(space, word)
            return (low is None or low <= value) and (high is None or value <= high)
        case And(parts):
            return all(holds(space, part, word) for part in parts)
        case Or(parts):
            return any(holds(space, part, word) for part in parts)
        case Not(part):
            return not holds(space, part, word)


def on_path(cell: Cell, predicate: Constraint, word: Encoding, path: list[tuple[int, Layer]]) -> bool:
    symbols = {layer.decision: word[layer.decision] * len(cell.nodes) + source for source, layer in path}
    match predicate:
        case Allowed(labels):
            return all(symbols[level] in inside for level, inside in labels if level in symbols)
        case CountConstraint(labels, low, high):
            count = sum(symbols[level] in inside for level, inside in labels if level in symbols)
            return low <= count and (high is None or count <= high)
        case AgreementConstraint(classes, distinct):
            seen = [row[symbols[level]] for level, row in classes if level in symbols]
            seen = [item for item in seen if item is not None]
            return len(set(seen)) == len(seen) if distinct else len(set(seen)) <= 1
    raise AssertionError(predicate)


def live_layers(space: Space, word: Encoding) -> int:
    total = 0
    for part in space.networks[0].parts:
        if part.cell is None:
            continue
        cell = space.cell(part.cell)
        assert cell is not None
        live = {
            layer.decision: layer
            for start in cell.inputs
            for path in paths(cell, word, start.index, cell.output.index)
            for _, layer in path
        }
        total += part.repeat * sum(length(layer, word, cell) for layer in live.values())
    return total


def depth(space: Space, word: Encoding) -> int:
    outputs: list[int | None] = [0]
    for part in space.networks[0].parts:
        for _ in range(part.repeat if part.kind == "body" else 0):
            if part.cell is None:
                outputs.append(outputs[-1])
                continue
            cell = space.cell(part.cell)
            assert cell is not None
            fed = [outputs[max(0, len(outputs) - len(cell.inputs) + i)] for i in range(len(cell.inputs))]
            lengths = [
                before + sum(length(layer, word, cell) for _, layer in path)
                for start, before in zip(cell.inputs, fed, strict=True)
                if before is not None
                for path in paths(cell, word, start.index, cell.output.index)
            ]
            outputs.append(max(lengths, default=None))
    return outputs[-1] or 0


def random_constraint(rng: random.Random, space: Space, nesting: int = 2) -> Constraint:
    layers = space.layers
    chosen = sorted(rng.sample(range(len(layers)), rng.randint(1, len(layers))))

    def some(level: int) -> frozenset[int]:
        return frozenset(label for label in range(len(layers[level].choices)) if rng.random() < 0.5)

    kinds = ["allowed", "count", "agree", "path", "depth", "live"] + (["and", "or", "not"] if nesting else [])
    match rng.choice(kinds):
        case "allowed":
            return Allowed(tuple((level, some(level) | {0}) for level in chosen))
        case "count":
            low = rng.randint(0, len(chosen))
            return CountConstraint(
                tuple((level, some(level)) for level in chosen), low, rng.choice((None, low, low + 1))
            )
        case "agree":
            rows = tuple((level, tuple(rng.choice((None, 0, 1, 2)) for _ in layers[level].choices)) for level in chosen)
            return AgreementConstraint(rows, rng.random() < 0.5)
        case "path":
            return random_path(rng, space)
        case "depth" | "live" as metric:
            low = rng.choice((None, rng.randint(0, 6)))
            high = rng.randint(0, 8) if low is None or rng.random() < 0.3 else None
            return Bound("depth" if metric == "depth" else "live layers", low, high)
        case "and":
            return And(tuple(random_constraint(rng, space, nesting - 1) for _ in range(2)))
        case "or":
            return Or(tuple(random_constraint(rng, space, nesting - 1) for _ in range(2)))
        case _:
            return Not(random_constraint(rng, space, nesting - 1))


def random_path(rng: random.Random, space: Space) -> OnPath:
    cell = rng.choice(space.cells)
    width = len(cell.nodes)

    def symbols(layer: Layer) -> list[int]:
        return list(range(len(layer.choices) * width))

    def predicate() -> Allowed | CountConstraint | AgreementConstraint:
        sets = tuple(
            (layer.decision, frozenset(symbol for symbol in symbols(layer) if rng.random() < 0.6))
            for layer in cell.operator_layers
            if rng.random() < 0.9
        )
        kind = rng.choice(("allowed", "count", "agree"))
        if kind == "allowed":
            return Allowed(sets)
        if kind == "count":
            low = rng.randint(0, 2)
            return CountConstraint(sets, low, rng.choice((None, low, 2)))
        rows = tuple(
            (layer.decision, tuple(rng.choice((None, 0, 1)) for _ in symbols(layer))) for layer in cell.operator_layers
        )
        return AgreementConstraint(rows, rng.random() < 0.5)

    ends = sorted(rng.sample(range(width), 2))
    start, end = (None, cell.output.index) if rng.random() < 0.6 else (ends[0], ends[1])
    predicates = tuple(predicate() for _ in range(rng.choice((1, 1, 2))))
    return OnPath(cell.name, rng.choice(("some", "every")), start, end, predicates)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_constraint_holds_exactly_where_trying_every_word_says(seed: int) -> None:
    space = random_space(seed)
    rng = random.Random(seed)
    everything = list(members(space))
    whole = full(space)
    assert whole.size == len(everything)
    for _ in range(8):
        constraint = random_constraint(rng, space)
        expected = [word for word in everything if holds(space, constraint, word)]
        refined = whole.restrict(constraint)
        assert [arch.encoding for arch in refined] == expected, constraint
        assert refined.size == len(expected)


@pytest.mark.parametrize("seed", range(either(25, 500)))
def test_a_budget_is_exact_whatever_the_costs(seed: int) -> None:
    rng = random.Random(seed)
    widths = [rng.randint(1, 4) for _ in range(rng.randint(1, 5))]
    table = {}
    terms = []
    for level in range(len(widths)):
        partner = rng.randrange(level) if level and rng.random() < 0.4 else None
        levels = (level,) if partner is None else (partner, level)
        for labels in product(*(range(widths[at]) for at in levels)):
            table[levels, labels] = rng.choice((0, 1, rng.randint(-5, 50), rng.randint(0, 10**30)))
        terms.append((levels, lambda labels, levels=levels: table[levels, labels]))
    costs = {
        word: sum(value(tuple(word[at] for at in levels)) for levels, value in terms)
        for word in product(*(range(width) for width in widths))
    }
    for budget in [*rng.sample(sorted(costs.values()), min(6, len(costs))), -100, 10**40]:
        store = Diagrams(widths)
        root = AtMost(BudgetPlan(store, terms), 10**6).build(budget)
        assert {word for word in costs if store.contains(root, word)} == {w for w, c in costs.items() if c <= budget}


def test_a_budget_whose_sums_all_differ_is_refused_in_bounded_time() -> None:
    store = Diagrams([2] * 40)
    rng = random.Random(0)
    weights = [rng.randrange(10**9, 10**12) for _ in range(40)]
    terms = [((level,), lambda labels, level=level: labels[0] * weights[level]) for level in range(40)]
    with pytest.raises(NodeLimitExceeded):
        AtMost(BudgetPlan(store, terms), 20_000).build(sum(weights) // 2)


def test_equal_sets_are_the_same_node_however_they_were_made() -> None:
    store = Diagrams([3, 3, 3])
    from lapt_dsl.compiler.automata.counting import CountAutomaton, allowed

    ones = tuple((level, frozenset({1})) for level in range(3))
    none = allowed(store, Allowed(tuple((level, frozenset({0, 2})) for level in range(3))))
    assert store.build(CountAutomaton(store, CountConstraint(ones, 0, 0))) == none
    assert store.complement(store.build(CountAutomaton(store, CountConstraint(ones, 1, None)))) == none
    assert store.union(none, store.complement(none)) == store.top
