"""A score that is computed from an architecture alone, for when there is no table. It is NOT a measurement.

For every cell: `paths`, the number of live paths from an input to the output; `convolutions`, the sum over its live
convolutions of the logarithm of their kernel's area, log2(1 + kernel^2); `depth`, the most convolutions on one live
path. For the network: `params`, its parameters in millions (0 where the space has no network or unknown costs).

    score = sum over cells of [log2(1 + paths) + convolutions + depth] - log2(1 + params)

Many paths, live convolutions and depth earn, parameters cost; a cell without a live path earns nothing. The terms are
those that people use to tell cells apart by eye. They were not fitted to anything, and accuracies follow them loosely:
a demonstration of a search, not a claim about networks.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from lapt_dsl.compiler.networks.liveness import carries, cell_choices, liveness
from lapt_dsl.compiler.space.model import Architecture, Cell, Choice, NumberRef, Space
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.evaluate.base import BaseEvaluator
from lapt_dsl.evaluate.evaluator import Description, Evaluation, Objective, Outcome

if TYPE_CHECKING:
    from lapt_dsl.compiler.networks.network import CostTerms
    from lapt_dsl.evaluate.spec import EvaluatorOptions

NOTICE = "analytic score, computed from the architecture alone: not a measurement"
"""Printed with every result of this evaluator."""

_METRIC = "analytic_score"
_VERSION = 1


class AnalyticEvaluator(BaseEvaluator):
    """Scores architectures of any space by the formula above: deterministic, and clearly no measurement."""

    notice = NOTICE

    def __init__(self, space: Space) -> None:
        # There is no test metric, since nothing is measured.
        super().__init__(space, Objective(_METRIC))
        self._terms = _cost_terms(space)

    def measure(self, arch: Architecture) -> Outcome:
        """Score one architecture."""
        earned = sum(_cell_score(cell, cell_choices(arch, cell)) for cell in self._space.cells)
        params = self._terms.total(arch.encoding) / 1e6 if self._terms is not None else 0.0
        return Evaluation({_METRIC: earned - math.log2(1.0 + params)})

    def describe(self) -> Description:
        """The formula's version and the space."""
        return {
            "kind": "analytic",
            "deterministic": True,
            "measurement": False,
            "version": _VERSION,
            "space": self._space.digest,
        }


def _cost_terms(space: Space) -> CostTerms | None:
    from lapt_dsl.compiler.networks.network import cost_terms

    try:
        return cost_terms(space, "params")
    except LaptError:
        # Without a network, or with the user's own modules, parameters are unknown and do not count.
        return None


def _cell_score(cell: Cell, labels: Mapping[int | str, Choice]) -> float:
    live = liveness(cell, labels)
    paths, depth = _paths_and_depth(cell, labels)
    if not paths:
        return 0.0
    area = sum(math.log2(1 + _kernel(labels, key) ** 2) for key in sorted(live.layers) if _convolves(labels[key]))
    return math.log2(1 + paths) + area + depth


def _paths_and_depth(cell: Cell, labels: Mapping[int | str, Choice]) -> tuple[int, int]:
    """How many live paths lead from an input to the output, and the most convolutions on one of them."""
    found: dict[int, tuple[int, int]] = {node.index: (1, 0) for node in cell.inputs}
    for node in cell.nodes[len(cell.inputs) :]:
        paths, depth = 0, 0
        for part in node.concat:
            before = found.get(part, (0, 0))
            paths, depth = paths + before[0], max(depth, before[1])
        for key in node.layers:
            label = labels[key]
            if not carries(label, found):
                continue
            for source in label.sources:
                before = found.get(source, (0, 0))
                paths, depth = paths + before[0], max(depth, before[1] + _convolves(label))
        if paths:
            found[node.index] = (paths, depth)
    return found.get(cell.output.index, (0, 0))


def _convolves(label: Choice) -> bool:
    return label.operator is not None and "convolution" in label.operator.traits


def _kernel(labels: Mapping[int | str, Choice], key: int) -> int:
    operator = labels[key].operator
    kernel = operator.implementation.get("kernel", 1) if operator is not None else 1
    if isinstance(kernel, NumberRef):
        kernel = labels[kernel.name].number or 1
    return kernel if isinstance(kernel, int) else 1


def build(space: Space, options: EvaluatorOptions) -> AnalyticEvaluator:
    """For `--evaluator analytic`; it takes no options."""
    return AnalyticEvaluator(space)
