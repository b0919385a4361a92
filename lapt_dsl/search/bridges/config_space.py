"""A refined space as a ConfigurationSpace of ConfigSpace (Lindauer et al., 2019), as used by SMAC and others.

    space = to_configspace(lapt.compile("my.lp"), seed=1)
    arch = architecture_of(refined.space, dict(space.sample_configuration()))

Each layer becomes a categorical with its remaining candidates. Rules about several layers become forbidden clauses that
exclude exactly the combinations outside the refined space, so both spaces have the same size. With clauses, ConfigSpace
samples by rejection; `RefinedSpace.sample` does not.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from ConfigSpace import (
    Categorical,
    ConfigurationSpace,
    ForbiddenAndConjunction,
    ForbiddenEqualsClause,
    ForbiddenInClause,
)

from lapt_dsl.compiler.refined.refined_space import RefinedSpace
from lapt_dsl.compiler.space.model import Layer
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.search.bridges.cover import Box, boxes_outside
from lapt_dsl.search.bridges.decisions import Category, architecture_of, choices_of, decision_name, parameters_of

__all__ = ["architecture_of", "parameters_of", "to_configspace"]

MAX_CLAUSES = 1000
"""With more forbidden clauses, ConfigSpace is too slow to be useful."""


def to_configspace(
    refined: RefinedSpace, seed: int | None = None, max_clauses: int = MAX_CLAUSES
) -> ConfigurationSpace:
    """Convert a refined space, with its preferences as weights.

    Args:
        refined: The space.
        seed: Seed of the ConfigurationSpace.
        max_clauses: Maximum number of forbidden clauses.

    Raises:
        LaptError: E792, the refined space is empty, or more clauses are needed.
    """
    if not refined:
        raise LaptError.of("E792", "the refined space is empty, and a ConfigurationSpace cannot be", "<refined>")
    built = ConfigurationSpace(name=refined.space.name, seed=seed)
    # ConfigSpace requires that its default configuration satisfies every clause.
    first = refined.unrank(0).encoding
    parameters = {
        left.layer.decision: _parameter(refined, left.layer, sorted(left.choices), first[left.layer.decision])
        for left in refined.candidates
    }
    built.add(*parameters.values())
    clauses: list[Any] = []
    for box in boxes_outside(refined):
        if len(clauses) == max_clauses:
            message = f"converting these {refined.size} architectures exactly needs more than {max_clauses} clauses"
            hint = (
                "raise max_clauses, or use RefinedSampler of lapt_dsl.search.bridges.optuna_sampler, which needs none"
            )
            raise LaptError.of("E792", message, "<refined>", hint=hint)
        clauses.append(_clause(refined, parameters, box))
    built.add(*clauses)
    return built


def _parameter(refined: RefinedSpace, layer: Layer, labels: Iterable[int], default: int) -> Any:
    names = choices_of(refined.space, layer)
    kept = list(labels)
    logs = refined.weights.get(layer.decision)
    weights = [math.exp(logs[label]) for label in kept] if logs is not None else None
    return Categorical(decision_name(layer), [names[label] for label in kept], default=names[default], weights=weights)


def _clause(refined: RefinedSpace, parameters: dict[int, Any], box: Box) -> Any:
    layers = refined.space.layers
    parts = []
    for level, labels in box.items():
        names = choices_of(refined.space, layers[level])
        values: list[Category] = [names[label] for label in labels]
        parameter = parameters[level]
        single = len(values) == 1
        parts.append(ForbiddenEqualsClause(parameter, values[0]) if single else ForbiddenInClause(parameter, values))
    return parts[0] if len(parts) == 1 else ForbiddenAndConjunction(*parts)
