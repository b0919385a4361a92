"""A network's forward pass, straight from the model of its space: slow, obvious, and written apart.

Sizes and channels are those of the tensors at hand; nothing is inferred beforehand. Weights come by name from the
state dict of an unpruned generated network. `None` is what carries nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from lapt_dsl.compiler.space.model import Architecture, Cell, Implementation, NumberRef, Space
from tests.compiler.catalogue.functional_reference import REFERENCES, Weights, factorized_reduce


def forward(space: Space, arch: Architecture, state: Mapping[str, Tensor], image: Tensor, ratio: float = 1) -> Tensor:
    """Logits of the default network with all channels times `ratio`, every `N x cell` as published."""
    outputs: list[Tensor] = []
    position = 0
    for line in space.networks[0].parts:
        for _ in range(line.repeat):
            last = outputs[-1] if outputs else image
            if line.cell is None:
                assert line.implementation is not None
                kind = "head" if line.kind == "head" else "block"
                arguments = dict(line.implementation.arguments)
                stride = int(arguments.pop("stride", 1))
                wide = arguments.pop("channels", None)
                channels = last.shape[1] if wide is None else round(int(wide) * ratio)
                arguments.pop("classes", None)
                weights = Weights(state, f"{kind}_{position}.")
                outputs.append(REFERENCES[line.implementation.name](last, weights, channels, stride, **arguments))
                assert weights.empty
            else:
                cell = space.cell(line.cell)
                assert cell is not None
                count = len(cell.inputs)
                inputs = (outputs or [image])[-count:]
                inputs = [inputs[0]] * (count - len(inputs)) + inputs
                arguments = dict(line.arguments)
                numbers = _numbers(arch, cell)
                wide = arguments.get("channels")
                if isinstance(wide, NumberRef):
                    wide = numbers[wide.name]
                channels = inputs[-1].shape[1] if wide is None else round(int(wide) * ratio)
                stride = int(arguments.get("stride", 1))
                outputs.append(_cell(arch, cell, state, f"cell_{position}.", inputs, channels, stride))
            position += 1
    return outputs[-1]


def _numbers(arch: Architecture, cell: Cell) -> dict[str, int]:
    return {
        str(layer.key): label.number
        for layer, label in arch.choices()
        if layer.cell == cell.name and label.number is not None
    }


def _cell(
    arch: Architecture,
    cell: Cell,
    state: Mapping[str, Tensor],
    prefix: str,
    inputs: list[Tensor],
    channels: int,
    stride: int,
) -> Tensor:
    numbers = _numbers(arch, cell)
    last = inputs[-1]
    if cell.preprocess is not None:
        inputs = [
            _preprocess(cell.preprocess, Weights(state, f"{prefix}preprocess_{node.name}."), x, inputs, channels)
            for node, x in zip(cell.inputs, inputs, strict=True)
        ]
    smallest = min(x.shape[2] for x in inputs)
    values: list[Tensor | None] = list(inputs)
    wide = [x.shape[1] for x in inputs]
    size = -(-smallest // stride)
    chosen = {layer.key: (layer, label) for layer, label in arch.choices() if layer.cell == cell.name}
    for node in cell.nodes[len(inputs) :]:
        total: Tensor | None = None
        for key in node.layers:
            layer, label = chosen[key]
            assert label.operator is not None
            found = [x for source in label.sources if (x := values[source]) is not None]
            if label.operator.absent or not found:
                continue
            reads_input = cell.nodes[label.sources[0]].kind == "input"
            call = label.operator.implementation
            repeat = numbers[layer.repeat.name] if isinstance(layer.repeat, NumberRef) else layer.repeat
            weights = Weights(state, f"{prefix}layer_{key}.")
            y = _run(call, numbers, sum(found[1:], found[0]), weights, channels, stride if reads_input else 1)
            for _ in range(repeat - 1):
                y = _run(call, numbers, y, weights, channels, 1)
            total = y if total is None else total + y
        wide.append(sum(wide[part] for part in node.concat) if node.concat else channels)
        if any(values[part] is not None for part in node.concat):
            total = torch.cat([_filled(values[part], wide[part], size, last) for part in node.concat], dim=1)
        values.append(total)
    return _filled(values[-1], wide[-1], size, last)


def _filled(x: Tensor | None, channels: int, size: int, like: Tensor) -> Tensor:
    return torch.zeros(like.shape[0], channels, size, size, dtype=like.dtype) if x is None else x


def _preprocess(call: Implementation, weights: Weights, x: Tensor, inputs: list[Tensor], channels: int) -> Tensor:
    smallest = min(other.shape[2] for other in inputs)
    if x.shape[2] > smallest:
        return factorized_reduce(x, weights, -(-x.shape[2] // smallest))
    return _run(call, {}, x, weights, channels, 1)


def _run(
    call: Implementation, numbers: Mapping[str, int], x: Tensor, weights: Weights, channels: int, stride: int
) -> Tensor:
    arguments = {name: numbers[value.name] if isinstance(value, NumberRef) else value for name, value in call.arguments}
    return REFERENCES[call.name](x, weights, channels, stride, **arguments)
