"""Optuna's tree-structured Parzen estimator (Bergstra et al., NeurIPS 2011), one categorical parameter per decision.

Optuna is optional (`pip install lapt-dsl[bridges]`) and imported when a search starts.
"""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

import numpy as np

from lapt_dsl.compiler.refined.encoded_set import Encoding
from lapt_dsl.compiler.refined.refined_space import RefinedSpace
from lapt_dsl.compiler.space.model import Architecture
from lapt_dsl.compiler.targets.evolution import Unseen
from lapt_dsl.search.random_state import random_state

if TYPE_CHECKING:
    import optuna

MAX_REPEATS = 50
"""After this many consecutive suggestions that are known or outside the space, an unseen architecture is drawn."""


def is_installed() -> bool:
    """Whether Optuna is installed."""
    return importlib.util.find_spec("optuna") is not None


class Tpe:
    """Asks Optuna for the choice of every layer.

    A suggestion that was evaluated before is reported to Optuna with its known score. A suggestion outside the refined
    space or in flight is reported as failed. Neither is evaluated; Optuna is asked again.
    """

    def __init__(self, refined: RefinedSpace, seed: int) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self.refined = refined
        self._members = refined.encoded
        self._unseen = Unseen(refined.encoded)
        self._rng = np.random.default_rng(seed)
        self._failed = optuna.trial.TrialState.FAIL
        self._study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed))
        self._choices: dict[str, optuna.distributions.BaseDistribution] = {
            f"{layer.cell}.{layer.key}": optuna.distributions.CategoricalDistribution(range(len(layer.choices)))
            for layer in refined.space.layers
        }
        self._scores: dict[Encoding, float | None] = {}
        self._in_flight: dict[Encoding, optuna.Trial] = {}

    def ask(self) -> Architecture | None:
        """The next architecture, or None if none is left."""
        if not self._unseen.left():
            return None
        for _ in range(MAX_REPEATS):
            trial = self._study.ask(self._choices)
            encoding = tuple(int(trial.params[name]) for name in self._choices)
            if encoding in self._members and encoding not in self._scores:
                return self._submit(encoding, trial)
            self._report(trial, self._scores.get(encoding))
        drawn = self._unseen.draw(self._rng)
        if drawn is None:
            return None
        self._study.enqueue_trial(dict(zip(self._choices, drawn, strict=True)))
        return self._submit(drawn, self._study.ask(self._choices))

    def _submit(self, encoding: Encoding, trial: optuna.Trial) -> Architecture:
        self._unseen.add(encoding)
        self._scores[encoding] = None
        self._in_flight[encoding] = trial
        return Architecture(self.refined.space, encoding)

    def _report(self, trial: optuna.Trial, score: float | None) -> None:
        if score is None:
            self._study.tell(trial, state=self._failed)
        else:
            self._study.tell(trial, score)

    def tell(self, arch: Architecture, score: float | None) -> None:
        """Report the score, or the failure, to Optuna."""
        if arch.encoding not in self._in_flight:
            raise ValueError("the architecture is not in flight")
        self._scores[arch.encoding] = score
        self._report(self._in_flight.pop(arch.encoding), score)

    def state(self) -> str:
        """A digest of all scores: the draws of Optuna depend on these and on the seed."""
        scores = [(list(encoding), score) for encoding, score in self._scores.items()]
        return random_state(self._rng, scores, len(self._study.get_trials(deepcopy=False)))
