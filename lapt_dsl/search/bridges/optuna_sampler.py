"""A refined space as a sampler of Optuna (Akiba et al., KDD 2019): its studies, our space.

    sampler = RefinedSampler(lapt.compile("my.lp"), seed=1)
    study = optuna.create_study(direction="maximize", sampler=sampler)

    def objective(trial):
        arch = sampler.suggest(trial)
        rate = trial.suggest_float("learning_rate", 1e-3, 1e-1, log=True)
        return train(arch, rate)

Every architecture that a trial sees satisfies the principles: none is drawn and thrown away.
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
    """Draws architectures from a refined space, or lets another sampler of Optuna choose inside it.

    Without `base`, a trial's architecture is a draw weighted by the principles' preferences. With one, such as
    `optuna.samplers.TPESampler(seed=1)`, its suggestion is taken where it satisfies the principles, and the nearest
    architecture that does is taken otherwise, so the base learns from what was built. Parameters that are not the
    space's own, a learning rate say, go to the base, or are drawn at random.
    """

    def __init__(self, refined: RefinedSpace, seed: int | None = None, base: BaseSampler | None = None) -> None:
        """`seed` repeats the draws of a study that runs one trial at a time; a base has its own.

        Raises:
            ValueError: Nothing is left of the refined space.
        """
        if not refined:
            raise ValueError("nothing is left of the refined space, so there is nothing to sample")
        self.refined = refined
        self._rng = np.random.default_rng(seed)
        self._base = base
        self._others = base if base is not None else RandomSampler(seed=seed)
        self._space: dict[str, BaseDistribution] = {
            decision_name(layer): CategoricalDistribution(choices_of(refined.space, layer))
            for layer in refined.space.layers
        }

    def suggest(self, trial: Trial) -> Architecture:
        """The architecture of a trial, whose parameters hold one value for every layer."""
        values = {
            name: trial.suggest_categorical(name, distribution.choices)
            for name, distribution in self._space.items()
            if isinstance(distribution, CategoricalDistribution)
        }
        return architecture_of(self.refined.space, values)

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """The space's parameters, which are always chosen together."""
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
        """What the base would choose; whatever it does not choose jointly, it chooses by itself."""
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
        """A parameter that is not the space's."""
        return self._others.sample_independent(study, trial, param_name, param_distribution)

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        """Hand on to the base."""
        self._others.before_trial(study, trial)

    def after_trial(self, study: Study, trial: FrozenTrial, state: TrialState, values: Sequence[float] | None) -> None:
        """Hand on to the base."""
        self._others.after_trial(study, trial, state, values)

    def reseed_rng(self) -> None:
        """Draw otherwise from here on, which Optuna asks for when several trials run side by side."""
        self._rng = np.random.default_rng()
        self._others.reseed_rng()
