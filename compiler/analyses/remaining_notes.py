"""Notes on what the rules leave: layers without a choice, operators without a place."""

from __future__ import annotations

from lapt_dsl.compiler.refined.compiled import Compiled
from lapt_dsl.compiler.space.model import Cell
from lapt_dsl.diagnostics.diagnostic import Diagnostics
from lapt_dsl.diagnostics.suggestions import listed


def describe_remaining(compiled: Compiled, diagnostics: Diagnostics) -> None:
    """Note, per cell, the layers left with one candidate and the operators no layer may carry any more."""
    span = compiled.program.tree.name.span
    for cell in compiled.space.cells:
        fixed = _fixed_layers(compiled, cell)
        if fixed:
            layers = "layer is" if len(fixed) == 1 else "layers are"
            message = f"{len(fixed)} {layers} left with one candidate in cell `{cell.name}`: {listed(fixed)}"
            diagnostics.add("W406", message, span, hint="no change is needed if that is meant")
    left = compiled.refined.candidates
    used = {operator.name for layer in left for operator in layer.operators}
    offered = {operator.name for layer in compiled.space.layers for operator in layer.operators}
    gone = [operator.name for operator in compiled.space.operators if operator.name in offered - used]
    if gone:
        message = f"no layer of `{compiled.space.name}` may carry {listed(gone)} any more"
        diagnostics.add("W407", message, span, hint="no change is needed if that is meant")


def _fixed_layers(compiled: Compiled, cell: Cell) -> list[str]:
    """Layers that had several operators or numbers and are left with one, as `0 skip`."""
    fixed = []
    for layer in cell.layers:
        left = compiled.refined.candidates[layer.decision]
        if layer.is_number and len(layer.choices) > 1 and len(left.numbers) == 1:
            fixed.append(f"{layer.key} {left.numbers[0]}")
        elif len(layer.operators) > 1 and len(left.operators) == 1:
            fixed.append(f"{layer.key} {left.operators[0].name}")
    return fixed
