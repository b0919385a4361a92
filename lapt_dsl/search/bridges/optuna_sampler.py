"""A refined space as a sampler of Optuna (Akiba et al., KDD 2019).

    sampler = RefinedSampler(lapt.compile("my.lp"), seed=1)
    study = optuna.create_study(direction="maximize", sampler=sampler)

    def objective(trial):
        arch = sampler.suggest(trial)
        rate = trial.suggest_float("learning_rate", 1e-3, 1e-1, log=True)
        return train(arch, rate)

Every architecture of a trial satisfies the principles, without rejection sampling.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from optuna.distributions import BaseDistribution, CategoricalDistribution
from optuna.samplers import BaseSampler, RandomSampler
from optuna.study import Study
from optuna.trial import FrozenTrial, Trial, TrialState

from lapt_dsl.compiler.refined.refined_space import RefinedSpace
from lapt_dsl.compiler.space.model import Architecture
from lapt_dsl.search.bridges.decisions import architecture_of, choices_of, decision_name, parameters_of


class RefinedSampler(BaseSampler):
    """Draws architectures from a refined space, or restricts another sampler to it.

    Without `base`, architectures are drawn by the preferences of the principles. With a base such as
    `optuna.samplers.TPESampler(seed=1)`, its suggestion is used if it satisfies the principles. Otherwise the nearest
    architecture that does is used, so that the base learns from the architecture that was built. Other parameters, such
    as a learning rate, come from the base, or are drawn at random.
    """

    def __init__(self, refined: RefinedSpace, seed: int | None = None, base: BaseSampler | None = None) -> None:
        """`seed` makes the draws of a study with one trial at a time reproducible. A base has its own seed.

        Raises:
            ValueError: The refined space is empty.
        """
        if not refined:
            raise ValueError("the refined space is empty")
        self.refined = refined
        self._rng = np.random.default_rng(seed)
        self._base = base
        self._others = base if base is not None else RandomSampler(seed=seed)
        self._space: dict[str, BaseDistribution] = {
            decision_name(layer): CategoricalDistribution(choices_of(refined.space, layer))
            for layer in refined.space.layers
        }

    def suggest(self, trial: Trial) -> Architecture:
        """The architecture of a trial. It sets one parameter per layer."""
        values = {
            name: trial.suggest_categorical(name, distribution.choices)
            for name, distribution in self._space.items()
            if isinstance(distribution, CategoricalDistribution)
        }
        return architecture_of(self.refined.space, values)

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """The parameters of the space, which are always chosen together."""
        return dict(self._space)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """One architecture that satisfies the principles."""
        if self._base is None:
            arch: Architecture = self.refined.sample(1, self._rng)[0]
        else:
            arch = self._inside(self._suggested(self._base, study, trial))
        return {name: value for name, value in parameters_of(arch).items() if name in search_space}

    def _suggested(self, base: BaseSampler, study: Study, trial: FrozenTrial) -> Architecture:
        """The suggestion of the base. Parameters that it does not choose jointly are sampled independently."""
        joint = base.infer_relative_search_space(study, trial)
        known = {name: dist for name, dist in joint.items() if name in self._space}
        values = dict(base.sample_relative(study, trial, known)) if known else {}
        for name, distribution in self._space.items():
            if name not in values:
                values[name] = base.sample_independent(study, trial, name, distribution)
        return architecture_of(self.refined.space, values)

    def _inside(self, arch: Architecture) -> Architecture:
        return arch if arch in self.refined else self.refined.nearest(arch)

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """Sample a parameter that is not part of the space."""
        return self._others.sample_independent(study, trial, param_name, param_distribution)

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        """Forward to the base."""
        self._others.before_trial(study, trial)

    def after_trial(self, study: Study, trial: FrozenTrial, state: TrialState, values: Sequence[float] | None) -> None:
        """Forward to the base."""
        self._others.after_trial(study, trial, state, values)

    def reseed_rng(self) -> None:
        """Reseed the generator. Optuna calls this when trials run in parallel."""
        self._rng = np.random.default_rng()
        self._others.reseed_rng()
