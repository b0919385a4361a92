"""Trainings that take a moment, for tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from lapt_dsl.compiler.building.library import load_space
from lapt_dsl.compiler.refined.refined_space import full
from lapt_dsl.compiler.space.model import Architecture
from lapt_dsl.evaluate.data.load import load_data
from lapt_dsl.evaluate.training.evaluator import TrainEvaluator
from lapt_dsl.evaluate.training.image_evaluator import TrainingSetup
from lapt_dsl.evaluate.training.recipes import RECIPES, TrainingRecipe

TINY: TrainingRecipe = replace(RECIPES["digits-quick"], name="tiny", epochs=2, channels=4, limit=300)


def evaluator(
    recipe: TrainingRecipe = TINY, space: str = "nas201", data: str = "digits", **options: Any
) -> TrainEvaluator:
    """Networks of four channels on 300 digits."""
    return TrainEvaluator(load_space(space), load_data(data), recipe, TrainingSetup(**options))


def draw(count: int, space: str = "nas201", seed: int = 0) -> list[Architecture]:
    """Architectures, always the same."""
    return list(full(load_space(space)).sample(count, np.random.default_rng(seed)))
