"""Check that every choice of a space fits the network around it, without building a module."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lapt_dsl.compiler import catalogue
from lapt_dsl.compiler.catalogue import OperatorContext
from lapt_dsl.compiler.networks.shapes import (
    Channels,
    Instance,
    NetworkBlock,
    NetworkLayout,
    ShapeError,
    layout_network,
    scaled,
)
from lapt_dsl.compiler.space.model import Architecture, Implementation, Layer, NumberRef, Space
from lapt_dsl.diagnostics.diagnostic import LaptError


def first_shape_error(space: Space, network: str) -> str | None:
    """The first reason why an architecture's network could not be built, as one sentence, or None."""
    try:
        laid_out = layout_network(space, network)
        for part in laid_out.parts:
            problems = _block_problems(part) if isinstance(part, NetworkBlock) else _instance_problems(part)
            for problem in problems:
                return f"network `{network}`: {problem}"
    except LaptError as error:
        return error.diagnostics[0].message
    except ShapeError as error:
        return f"network `{network}`: {error}"
    return None


def shape_errors_of(laid_out: NetworkLayout, arch: Architecture) -> None:
    """Raise `ShapeError` if the network of one architecture cannot be built, number layers included."""
    numbers = {layer.decision: choice.number for layer, choice in arch.choices() if choice.number is not None}
    wide_numbers = {decision: scaled(number, laid_out.scale) for decision, number in numbers.items()}
    for part in laid_out.parts:
        if isinstance(part, NetworkBlock):
            wide, narrow = part.input.channels.at(wide_numbers), part.output.channels.at(wide_numbers)
            _require(part.implementation, OperatorContext(wide, narrow, part.stride, part.input.size), {})
            continue
        names = {str(layer.key): numbers[layer.decision] for layer in part.cell.number_layers}
        wide = part.channels.at(wide_numbers)
        for layer in part.cell.operator_layers:
            choice = layer.choices[arch.encoding[layer.decision]]
            channels, stride, size = part.reading(choice.sources or layer.source_options[:1])
            if choice.operator is not None:
                context = OperatorContext(channels.at(wide_numbers), wide, stride, size)
                _require(choice.operator.implementation, context, names)
            if isinstance(layer.repeat, NumberRef) and names[layer.repeat.name] < 1:
                raise ShapeError(f"layer {layer.key} of cell `{part.cell.name}` is repeated fewer than 1 times")


def _require(implementation: Implementation, context: OperatorContext, names: Mapping[str, int]) -> None:
    problem = catalogue.problem_at(implementation, context, catalogue.resolve(implementation, names))
    if problem is not None:
        raise ShapeError(problem)


def _block_problems(block: NetworkBlock) -> Iterator[str]:
    wide, narrow = block.input.channels, block.output.channels
    if not wide.terms and not narrow.terms:
        context = OperatorContext(wide.constant, narrow.constant, block.stride, block.input.size)
        problem = catalogue.problem_at(block.implementation, context, catalogue.resolve(block.implementation, {}))
        if problem is not None:
            yield problem


def _instance_problems(instance: Instance) -> Iterator[str]:
    cell = instance.cell
    if cell.preprocess is not None:
        yield from _call_problems(instance, cell.preprocess, instance.inputs[-1].channels, 1)
    for layer in cell.operator_layers:
        yield from _repeat_problems(instance, layer)
        readings = dict.fromkeys(
            (choice.operator, instance.reading(choice.sources or layer.source_options[:1])) for choice in layer.choices
        )
        for operator, (channels, stride, _) in readings:
            if operator is not None:
                yield from _call_problems(instance, operator.implementation, channels, stride)


def _repeat_problems(instance: Instance, layer: Layer) -> Iterator[str]:
    options = _options(instance, layer.repeat.name) if isinstance(layer.repeat, NumberRef) else (layer.repeat,)
    if min(options, default=1) < 1:
        yield f"layer {layer.key} of cell `{instance.cell.name}` may be repeated fewer than 1 times"


def _call_problems(instance: Instance, call: Implementation, channels: Channels, stride: int) -> Iterator[str]:
    problem = catalogue.check(call, "operator")
    if problem is not None:
        yield problem
        return
    names = {name: _options(instance, name) for name in _referred(call)}
    first = {name: options[0] for name, options in names.items()}
    for name, options in names.items() or {"": (0,)}.items():
        for option in options:
            arguments = catalogue.resolve(call, {**first, name: option})
            wide = instance.channels
            if channels.terms or wide.terms:
                # The channels depend on a number layer and are unknown here, so only argument ranges are checked.
                context = OperatorContext(64, 64, stride, instance.size)
                problem = catalogue.problem_at(call, context, arguments) if call.name != "attention" else None
            else:
                context = OperatorContext(channels.constant, wide.constant, stride, instance.size)
                problem = catalogue.problem_at(call, context, arguments)
            if problem is not None:
                yield f"{problem} (cell `{instance.cell.name}`)"


def _referred(call: Implementation) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value.name for _, value in call.arguments if isinstance(value, NumberRef)))


def _options(instance: Instance, name: str) -> tuple[int, ...]:
    layer = instance.cell.layer(name)
    if layer is None:
        raise ShapeError(f"cell `{instance.cell.name}` has no number layer `{name}`")
    return tuple(choice.number for choice in layer.choices if choice.number is not None)
