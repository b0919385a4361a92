"""Parameters and multiply-accumulates of the built network, exactly, as sums over decisions.

Dead layers count: these are the costs of the published network, which builds every chosen operator.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal, TypeAlias

from lapt_dsl.compiler import catalogue
from lapt_dsl.compiler.catalogue import Cost, OperatorContext
from lapt_dsl.compiler.networks.shapes import (
    Instance,
    NetworkBlock,
    NetworkLayout,
    ShapeError,
    find_network,
    layout_network,
    shape_error,
)
from lapt_dsl.compiler.space.model import Choice, Implementation, Layer, NumberRef, Space
from lapt_dsl.diagnostics.diagnostic import LaptError

Metric: TypeAlias = Literal["params", "flops"]


@dataclass(frozen=True, slots=True)
class Term:
    """A summand of a cost: a function of the choices of a few decisions (ascending)."""

    decisions: tuple[int, ...]
    value: Callable[[tuple[int, ...]], int]


@dataclass(frozen=True, slots=True)
class CostTerms:
    """The cost of an encoding: a constant plus the sum of all terms."""

    constant: int
    terms: tuple[Term, ...]

    def total(self, encoding: tuple[int, ...]) -> int:
        """The cost of one encoding."""
        return self.constant + sum(term.value(tuple(encoding[i] for i in term.decisions)) for term in self.terms)


class UnknownCost(Exception):
    """An implementation of unknown cost, because it is user code; the message is its name."""


def unknown_cost_error(space: Space, metric: str, unknown: UnknownCost) -> LaptError:
    """E541: a cost is unknown, as an error at the space."""
    message = f"{metric} of `{unknown}` are unknown: it is a user module, and compiling never imports it"
    hint = "remove the limit, or use an implementation of the catalogue"
    return LaptError.of("E541", message, space.span, hint=hint)


def block_cost(block: NetworkBlock, numbers: Mapping[int, int]) -> Cost:
    """The cost of a network line that is not a cell."""
    context = OperatorContext(
        block.input.channels.at(numbers), block.output.channels.at(numbers), block.stride, block.input.size
    )
    return _known(block.implementation, context, {})


def block_decisions(block: NetworkBlock) -> frozenset[int]:
    """The number layers that a network line's channels depend on."""
    return block.input.channels.decisions | block.output.channels.decisions


def _known(implementation: Implementation, context: OperatorContext, names: Mapping[str, int]) -> Cost:
    cost = catalogue.cost(implementation, context, catalogue.resolve(implementation, names))
    if cost is None:
        path = implementation.get("path")
        raise UnknownCost(path if isinstance(path, str) else implementation.name)
    return cost


def preprocess_cost(instance: Instance, numbers: Mapping[int, int], inputs: Collection[int] | None = None) -> Cost:
    """The cost of preprocessing the inputs of a cell; `inputs` limits it to those, by position."""
    total = Cost()
    if instance.cell.preprocess is None:
        return total
    wide = instance.channels.at(numbers)
    for position, (shape, ratio) in enumerate(zip(instance.inputs, instance.ratios, strict=True)):
        if inputs is not None and position not in inputs:
            continue
        context = OperatorContext(shape.channels.at(numbers), wide, ratio, shape.size)
        reduce = Implementation("identity")
        total = total + _known(instance.cell.preprocess if ratio == 1 else reduce, context, _names(instance, numbers))
    return total


def preprocess_decisions(instance: Instance) -> frozenset[int]:
    """The number layers that the cost of preprocessing depends on."""
    if instance.cell.preprocess is None:
        return frozenset()
    found = instance.channels.decisions | _referred(instance, instance.cell.preprocess)
    return found.union(*(shape.channels.decisions for shape in instance.inputs))


def layer_cost(instance: Instance, layer: Layer, choice: Choice, numbers: Mapping[int, int]) -> Cost:
    """The cost of an operator layer with a choice, all its repeats included.

    A layer that reads nothing is built for the first node it may read.
    """
    assert choice.operator is not None, "number layers cost nothing by themselves"
    read, stride, size = instance.reading(choice.sources or layer.source_options[:1])
    wide = instance.channels.at(numbers)
    context = OperatorContext(read.at(numbers), wide, stride, size)
    names = _names(instance, numbers)
    cost = _known(choice.operator.implementation, context, names)
    times = repeats(layer, names)
    if times == 1:
        return cost
    return cost + _known(choice.operator.implementation, OperatorContext(wide, wide, 1, context.out), names) * (
        times - 1
    )


def repeats(layer: Layer, names: Mapping[str, int]) -> int:
    """How often a layer is repeated in sequence."""
    return names[layer.repeat.name] if isinstance(layer.repeat, NumberRef) else layer.repeat


def layer_decisions(instance: Instance, layer: Layer) -> frozenset[int]:
    """The decisions that the cost of an operator layer depends on."""
    found = {layer.decision} | instance.channels.decisions
    for choice in layer.choices:
        found |= instance.reading(choice.sources or layer.source_options[:1])[0].decisions
    for operator in layer.operators:
        found |= _referred(instance, operator.implementation)
    if isinstance(layer.repeat, NumberRef):
        found |= _decision_of(instance, layer.repeat)
    return frozenset(found)


def _referred(instance: Instance, implementation: Implementation) -> frozenset[int]:
    refs = [value for _, value in implementation.arguments if isinstance(value, NumberRef)]
    return frozenset().union(*(_decision_of(instance, ref) for ref in refs))


def _decision_of(instance: Instance, ref: NumberRef) -> frozenset[int]:
    layer = instance.cell.layer(ref.name)
    if layer is None:
        raise ShapeError(f"cell `{instance.cell.name}` has no number layer `{ref.name}`")
    return frozenset((layer.decision,))


def _names(instance: Instance, numbers: Mapping[int, int]) -> dict[str, int]:
    return {
        str(layer.key): numbers[layer.decision] for layer in instance.cell.number_layers if layer.decision in numbers
    }


@lru_cache(maxsize=32)
def cost_terms(space: Space, metric: Metric, network: str | None = None) -> CostTerms:
    """The exact cost of every architecture of a space, decision by decision.

    Args:
        space: The space.
        metric: `params`, or `flops` (multiply-accumulates of convolutions and linear layers for one image).
        network: Name of the network; None is the default one.

    Returns:
        A constant and terms. Only number layers make terms of more than one decision.

    Raises:
        LaptError: The network cannot be built, or holds a `torch_module`, whose cost is unknown.
    """
    laid_out = layout_network(space, network)
    try:
        return _collect(space, laid_out, metric)
    except ShapeError as error:
        raise shape_error(space, find_network(space, network).name, error) from None
    except UnknownCost as unknown:
        raise unknown_cost_error(space, metric, unknown) from None


@dataclass(frozen=True, slots=True)
class _Piece:
    """One summand before grouping: a cost as a function of the choice by decision, and how many times it counts."""

    decisions: frozenset[int]
    cost: Callable[[Mapping[int, int]], Cost]
    times: int


def _collect(space: Space, laid_out: NetworkLayout, metric: Metric) -> CostTerms:
    constant = 0
    groups: dict[tuple[int, ...], list[_Piece]] = {}
    for piece in _pieces(space, laid_out):
        if piece.decisions:
            groups.setdefault(tuple(sorted(piece.decisions)), []).append(piece)
        else:
            constant += _pick(piece.cost({}), metric) * piece.times
    terms = [_term(space, decisions, pieces, metric) for decisions, pieces in sorted(groups.items())]
    return CostTerms(constant, tuple(terms))


def _pieces(space: Space, laid_out: NetworkLayout) -> Iterator[_Piece]:
    counts: dict[tuple[object, ...], int] = {}
    firsts: dict[tuple[object, ...], Instance] = {}
    for part in laid_out.parts:
        if isinstance(part, NetworkBlock):
            yield _Piece(block_decisions(part), _block_piece(space, part), 1)
            continue
        # Instances that differ only in where they read cost the same; a network has few of them that differ.
        key: tuple[object, ...] = (part.cell.name, part.inputs, part.ratios, part.size, part.channels, part.stride)
        counts[key] = counts.get(key, 0) + 1
        firsts.setdefault(key, part)
    for key, instance in firsts.items():
        yield _Piece(preprocess_decisions(instance), _preprocess_piece(space, instance), counts[key])
        for layer in instance.cell.operator_layers:
            yield _Piece(layer_decisions(instance, layer), _layer_piece(space, instance, layer), counts[key])


def _block_piece(space: Space, block: NetworkBlock) -> Callable[[Mapping[int, int]], Cost]:
    return lambda chosen: block_cost(block, _numbers(space, chosen))


def _preprocess_piece(space: Space, instance: Instance) -> Callable[[Mapping[int, int]], Cost]:
    return lambda chosen: preprocess_cost(instance, _numbers(space, chosen))


def _layer_piece(space: Space, instance: Instance, layer: Layer) -> Callable[[Mapping[int, int]], Cost]:
    return lambda chosen: layer_cost(instance, layer, layer.choices[chosen[layer.decision]], _numbers(space, chosen))


def _numbers(space: Space, chosen: Mapping[int, int]) -> dict[int, int]:
    numbers = {decision: space.layers[decision].choices[choice].number for decision, choice in chosen.items()}
    return {decision: number for decision, number in numbers.items() if number is not None}


def _term(space: Space, decisions: tuple[int, ...], pieces: list[_Piece], metric: Metric) -> Term:
    def compute(choices: tuple[int, ...]) -> int:
        chosen = dict(zip(decisions, choices, strict=True))
        return sum(_pick(piece.cost(chosen), metric) * piece.times for piece in pieces)

    if len(decisions) > 1:
        return Term(decisions, cache(compute))
    table = [compute((choice,)) for choice in range(len(space.layers[decisions[0]].choices))]
    return Term(decisions, lambda choices: table[choices[0]])


def _pick(cost: Cost, metric: Metric) -> int:
    return cost.params if metric == "params" else cost.flops
