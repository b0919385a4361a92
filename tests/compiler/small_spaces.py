"""Small spaces built by hand, so that the automaton is tested without the parser."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import pairwise, product

from lapt_dsl.compiler.space.model import (
    Cell,
    CellNode,
    Choice,
    Implementation,
    Layer,
    Network,
    NetworkPart,
    NumberRef,
    Operator,
    Space,
)
from lapt_dsl.compiler.space.notations.notation import Notation

OPERATORS = (
    Operator("none", Implementation("zero"), frozenset({"absent"})),
    Operator("skip", Implementation("identity"), frozenset({"shortcut"})),
    Operator("conv", Implementation("relu_conv_bn", (("kernel", 3),)), frozenset({"convolution"})),
)


def random_space(seed: int) -> Space:
    """A random space of one or two cells with fixed, one, any and some wiring, distinct stages, and number layers."""
    rng = random.Random(seed)
    cells: list[Cell] = []
    level = 0
    for name in ("first", "second")[: rng.choice((1, 1, 2))]:
        cell = _random_cell(rng, name, level, rng.choice((1, 2)))
        level += len(cell.layers)
        cells.append(cell)
    parts = [NetworkPart("stem", 1, None, Implementation("conv_bn"))]
    for _ in range(rng.choice((1, 2, 3))):
        parts.append(NetworkPart("body", rng.choice((1, 2)), rng.choice(cells).name, None))
        if rng.random() < 0.3:
            parts.append(NetworkPart("body", 1, None, Implementation("residual_block")))
    network = Network("default", 3, 8, tuple(parts))
    return Space(f"random{seed}", None, OPERATORS, tuple(cells), (network,), (), {}, f"random-{seed}", Notation)


def _random_cell(rng: random.Random, name: str, level: int, inputs: int) -> Cell:
    nodes = [CellNode(i, f"{name}_in{i}", "input") for i in range(inputs)]
    layers: list[Layer] = []
    repeat: int | NumberRef = 1
    if rng.random() < 0.4:
        labels = tuple(Choice(None, number, ()) for number in (1, 2, 3)[: rng.choice((2, 3))])
        layers.append(Layer(name, level, "times", None, "none", (), labels))
        repeat = NumberRef("times")
    operators = OPERATORS[: rng.choice((2, 3))]
    distinct = rng.random() < 0.3
    key = 0
    inner = rng.choice((1, 2))
    for number in range(inner + 1):
        index = len(nodes)
        last = number == inner
        if last and inner > 1 and rng.random() < 0.5:
            nodes.append(CellNode(index, f"{name}_n{index}", "output", (), tuple(range(inputs, index))))
            break
        together = 2 if distinct and not last and index >= 2 else 1
        keys = []
        for _ in range(together):
            wiring = "one" if together == 2 else rng.choice(("fixed", "one", "any", "some"))
            options = tuple(range(index)) if wiring != "fixed" else (rng.randrange(index),)
            layers.append(
                Layer(
                    name,
                    level + len(layers),
                    key,
                    index,
                    wiring,
                    options,
                    tuple(
                        Choice(operator, None, sources) for operator in operators for sources in _reads(wiring, options)
                    ),
                    repeat if rng.random() < 0.5 else 1,
                )
            )
            keys.append(key)
            key += 1
        nodes.append(CellNode(index, f"{name}_n{index}", "output" if last else "node", tuple(keys), (), together == 2))
    budget = rng.choice((None, None, key + 1)) if key > 1 else None
    return Cell(name, tuple(nodes), tuple(layers), None, budget)


def _reads(wiring: str, options: tuple[int, ...]) -> list[tuple[int, ...]]:
    if wiring in ("fixed", "one"):
        return [(option,) for option in options]
    subsets = [
        tuple(option for bit, option in enumerate(options) if mask >> bit & 1) for mask in range(1 << len(options))
    ]
    return subsets if wiring == "any" else subsets[1:]


def members(space: Space) -> Iterator[tuple[int, ...]]:
    """Every word that is an architecture, by trying them all."""
    for word in product(*(range(len(layer.choices)) for layer in space.layers)):
        if all(_legal(cell, word) for cell in space.cells):
            yield word


def _legal(cell: Cell, word: tuple[int, ...]) -> bool:
    read = {layer.key: layer.choices[word[layer.decision]].sources for layer in cell.operator_layers}
    for node in cell.nodes:
        if node.distinct_sources:
            sources = [read[key] for key in node.layers]
            if any(one >= other for one, other in pairwise(sources)):
                return False
    return cell.source_budget is None or sum(map(len, read.values())) <= cell.source_budget
