"""How a generated cell runs by choice; copied into `cells.py` like the classes of `torch_modules`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from lapt_dsl.compiler.catalogue.torch_modules import Zero


def choose(
    layer: nn.ModuleDict,
    choice: tuple[str, Sequence[str]],
    nodes: Mapping[str, Tensor | None],
) -> Tensor | None:
    """Run a layer's chosen operator on the sum of its sources; None carries nothing.

    `choice` is the operator's name and the names of the nodes it reads. A layer holds
    its operators as `operator(source)`, or as `operator()` where it reads any subset.
    """
    operator, sources = choice
    name = f"{operator}({''.join(sources)})"
    module = layer[name if name in layer else f"{operator}()"]
    x = add(*(nodes[source] for source in sources))
    if x is None or isinstance(module, Zero):
        return None
    y: Tensor = module(x)
    return y


def add(*parts: Tensor | None) -> Tensor | None:
    """The sum of what is there, or None."""
    total: Tensor | None = None
    for part in parts:
        if part is not None:
            total = part if total is None else total + part
    return total


def concat(
    parts: Sequence[Tensor | None],
    zeros: Sequence[nn.Module],
) -> Tensor | None:
    """All parts side by side, zeros for those that carry nothing; None if all are."""
    found = next((part for part in parts if part is not None), None)
    if found is None:
        return None
    pairs = zip(parts, zeros, strict=True)
    filled = [zero(found) if part is None else part for part, zero in pairs]
    return torch.cat(filled, dim=1)
