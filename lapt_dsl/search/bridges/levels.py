"""The decisions of a space in other tools' terms: a named categorical each."""

from __future__ import annotations

from collections.abc import Mapping

from lapt_dsl.compiler.space.model import Architecture, Label, Layer, Space

Choice = str | int
"""An operator with what it reads where that is searched, e.g. `conv3x3` or `sep_conv_3x3(prev1)`; or a number."""


def level_name(layer: Layer) -> str:
    """The parameter's name, e.g. `normal.3`."""
    return f"{layer.cell}.{layer.key}"


def choice_of(space: Space, layer: Layer, label: Label) -> Choice:
    """What a label is called; different labels of a layer have different names."""
    if label.number is not None:
        return label.number
    assert label.operator is not None
    if layer.wiring == "fixed":
        return label.operator.name
    cell = space.cell(layer.cell)
    assert cell is not None
    return f"{label.operator.name}({', '.join(cell.nodes[source].name for source in label.sources)})"


def choices_of(space: Space, layer: Layer) -> list[Choice]:
    """The names of all labels of a layer, in order."""
    return [choice_of(space, layer, label) for label in layer.labels]


def parameters_of(arch: Architecture) -> dict[str, Choice]:
    """An architecture as a value for every parameter."""
    return {level_name(layer): choice_of(arch.space, layer, label) for layer, label in arch.choices()}


def architecture_of(space: Space, parameters: Mapping[str, object]) -> Architecture:
    """The inverse of `parameters_of`; further parameters are left alone.

    Raises:
        KeyError: A layer's parameter is missing.
        ValueError: It has a value that is no choice of the layer.
    """
    return Architecture(
        space, tuple(choices_of(space, layer).index(_choice(parameters[level_name(layer)])) for layer in space.layers)
    )


def _choice(value: object) -> Choice:
    # ConfigSpace hands back NumPy's strings and integers.
    return value if isinstance(value, str) else int(str(value))
