"""What a run store holds, as values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from lapt_dsl.evaluate.evaluator import Evaluation, Failure, FailureKind, Outcome

if TYPE_CHECKING:
    import numpy as np

BIT_GENERATORS = ("PCG64", "PCG64DXSM", "Philox", "SFC64", "MT19937")
"""NumPy's; `numpy.random.default_rng` makes the first."""

ProposalKind: TypeAlias = Literal["learn", "focus", "adapt", "explore"]

_KINDS: dict[str, FailureKind] = {kind: kind for kind in get_args(FailureKind)}


@dataclass(frozen=True, slots=True)
class RunInfo:
    """What a run depends on: settings (JSON values), the space's name and digest, the evaluator, the seed."""

    settings: Mapping[str, object]
    space: str
    space_digest: str
    evaluator: str
    seed: int

    def differences(self, other: RunInfo) -> list[str]:
        """In what another run differs, each as a short phrase; empty where one may continue the other."""
        found = [
            f"{what} {json.dumps(mine)} there, {json.dumps(theirs)} here"
            for what, mine, theirs in (
                ("the space is", self.space, other.space),
                ("the seed is", self.seed, other.seed),
                *(
                    (f"`{key}` is", self.settings.get(key), other.settings.get(key))
                    for key in sorted({*self.settings, *other.settings})
                ),
            )
            if mine != theirs
        ]
        if self.space == other.space and self.space_digest != other.space_digest:
            found.append(f"the space `{self.space}` has changed")
        if self.evaluator != other.evaluator:
            found.append("the evaluator is another one, or its table has changed")
        return found


@dataclass(frozen=True, slots=True)
class StoredEvaluation:
    """An evaluation of a run: `arch` in the space's notation, `proposal` the id of the principles in force."""

    step: int
    arch: str
    outcome: Outcome
    proposal: int | None = None


@dataclass(frozen=True, slots=True)
class StoredProposal:
    """Principles that were proposed.

    `iteration` of Algorithm 2, from 0; `step`: how many evaluations there were before; `name` of the file, for
    `extends`; `text` of the file; `parent`: the id of the principles before; `size` of the space they leave; `reason`
    why they were not accepted; `id`: its number in the store, the next free one where none is given.
    """

    iteration: int
    kind: ProposalKind
    text: str
    step: int = 0
    name: str = ""
    parent: int | None = None
    size: int | None = None
    accepted: bool = True
    reason: str | None = None
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something worth remembering: `kind` and JSON values. No clock is read, so equal runs have equal events."""

    step: int
    kind: str
    data: Mapping[str, object]


def rng_state(rng: np.random.Generator) -> dict[str, object]:
    """The state of a generator as JSON values, exactly."""
    return {key: _plain(value) for key, value in rng.bit_generator.state.items()}


def restored_rng(state: Mapping[str, Any]) -> np.random.Generator:
    """A generator that goes on where the one of `rng_state` stood.

    Raises:
        ValueError: The state names no bit generator of NumPy's.
    """
    import numpy as np

    name = state.get("bit_generator")
    if name not in BIT_GENERATORS:
        raise ValueError(f"no bit generator is called {name!r}")
    bits = getattr(np.random, name)(0)
    bits.state = dict(state)
    return np.random.Generator(bits)


def to_json(value: object) -> str:
    """JSON text without a choice: equal values give equal bytes, numbers keep every digit.

    Raises:
        TypeError, ValueError: `value` holds something that JSON cannot write, NaN included.
    """
    return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def outcome_columns(outcome: Outcome) -> tuple[str | None, str | None, str | None, float | None]:
    """An outcome as the columns metrics, failure, message, cost."""
    if isinstance(outcome, Evaluation):
        return to_json(dict(outcome.metrics)), None, None, outcome.cost
    return None, outcome.kind, outcome.message, outcome.cost


def outcome_of(metrics: str | None, failure: str | None, message: str | None, cost: float | None) -> Outcome:
    """The inverse of `outcome_columns`; a kind of failure that is not known any more becomes `error`."""
    if metrics is not None:
        return Evaluation(json.loads(metrics), cost)
    return Failure(_KINDS.get(failure or "", "error"), message or "", cost)


def _plain(value: Any) -> object:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    # Arrays (MT19937's key, Philox's counter) and NumPy's own integers.
    return value.tolist() if hasattr(value, "tolist") else value
