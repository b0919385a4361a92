"""The decisions of a space as named categoricals, for other tools."""

from __future__ import annotations

from collections.abc import Mapping

from lapt_dsl.compiler.space.model import Architecture, Choice, Layer, Space

Category = str | int
"""An operator, with its sources if they are searched, e.g. `conv3x3` or `sep_conv_3x3(prev1)`; or a number."""


def decision_name(layer: Layer) -> str:
    """The parameter's name, e.g. `normal.3`."""
    return f"{layer.cell}.{layer.key}"


def choice_of(space: Space, layer: Layer, choice: Choice) -> Category:
    """The name of a choice, unique within its layer."""
    if choice.number is not None:
        return choice.number
    assert choice.operator is not None
    if layer.wiring == "fixed":
        return choice.operator.name
    cell = space.cell(layer.cell)
    assert cell is not None
    return f"{choice.operator.name}({', '.join(cell.nodes[source].name for source in choice.sources)})"


def choices_of(space: Space, layer: Layer) -> list[Category]:
    """The names of all choices of a layer, in order."""
    return [choice_of(space, layer, choice) for choice in layer.choices]


def parameters_of(arch: Architecture) -> dict[str, Category]:
    """An architecture as a value for every parameter."""
    return {decision_name(layer): choice_of(arch.space, layer, choice) for layer, choice in arch.choices()}


def architecture_of(space: Space, parameters: Mapping[str, object]) -> Architecture:
    """The inverse of `parameters_of`. Other parameters are ignored.

    Raises:
        KeyError: The parameter of a layer is missing.
        ValueError: A value is not a choice of its layer.
    """
    return Architecture(
        space,
        tuple(choices_of(space, layer).index(_choice(parameters[decision_name(layer)])) for layer in space.layers),
    )


def _choice(value: object) -> Category:
    # ConfigSpace returns strings and integers of NumPy.
    return value if isinstance(value, str) else int(str(value))
