"""The records of a run store."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args, overload

from lapt_dsl.evaluate.evaluator import Evaluation, Failure, FailureKind, Outcome

if TYPE_CHECKING:
    import numpy as np

BIT_GENERATORS = ("PCG64", "PCG64DXSM", "Philox", "SFC64", "MT19937")
"""Bit generators of NumPy. `numpy.random.default_rng` uses the first."""

COMMAND = "command"
"""The setting that holds the options of the command line by name, so that `--resume` needs no other option."""

FIRST_BUDGET = "first_budget"
"""The setting that holds the first budget of a run whose budget grew, where the schedule of changes depends on it."""

ProposalKind: TypeAlias = Literal["learn", "focus", "adapt", "explore"]

_PROPOSAL_KINDS: dict[str, ProposalKind] = {kind: kind for kind in get_args(ProposalKind)}
_KINDS: dict[str, FailureKind] = {kind: kind for kind in get_args(FailureKind)}


@dataclass(frozen=True, slots=True)
class RunInfo:
    """What a run depends on: settings (JSON values), name and digest of the space, evaluator, seed."""

    settings: Mapping[str, object]
    space: str
    space_digest: str
    evaluator: str
    seed: int

    @property
    def command(self) -> Mapping[str, object]:
        """The options of the command line that started the run; empty where none or an older version did."""
        recorded = self.settings.get(COMMAND)
        return recorded if isinstance(recorded, dict) else {}

    def differences(self, other: RunInfo) -> list[str]:
        """Differences to another run as short phrases. Empty if that run may continue this one.

        The budget may grow. The options of the command line are not compared, since they hold paths.
        """
        differences = [
            f"{what} {json.dumps(mine)} there, {json.dumps(theirs)} here"
            for what, mine, theirs in (
                ("the space is", self.space, other.space),
                ("the seed is", self.seed, other.seed),
                *(
                    (f"`{key}` is", self.settings.get(key), other.settings.get(key))
                    for key in sorted({*self.settings, *other.settings} - {COMMAND, *self._grown(other)})
                ),
            )
            if mine != theirs
        ]
        if self.space == other.space and self.space_digest != other.space_digest:
            differences.append(f"the space `{self.space}` has changed")
        if self.evaluator != other.evaluator:
            differences.append("the evaluator differs, or its table has changed")
        return differences

    def _grown(self, other: RunInfo) -> set[str]:
        """The settings that differ because the other run has a larger budget."""
        mine, theirs = self.settings.get("budget"), other.settings.get("budget")
        if not isinstance(mine, int) or not isinstance(theirs, int) or theirs <= mine:
            return set()
        # The length of an iteration is then written down, where the budget gave it before.
        return {"budget", FIRST_BUDGET, "interval"} if FIRST_BUDGET in other.settings else {"budget"}


@dataclass(frozen=True, slots=True)
class StoredEvaluation:
    """An evaluation. `arch` is in the notation of the space; `proposal` is the id of the principles in force."""

    step: int
    arch: str
    outcome: Outcome
    proposal: int | None = None


@dataclass(frozen=True, slots=True)
class StoredProposal:
    """Proposed principles.

    Attributes:
        iteration: Iteration of Algorithm 2, from 0.
        kind: Purpose of the proposal.
        text: Text of the file.
        step: Number of evaluations before it.
        name: Name of the file, for `extends`.
        parent: Id of the previous principles.
        size: Size of the refined space.
        accepted: Whether the proposal was accepted.
        reason: Why it was not accepted.
        id: Number in the store; None takes the next free number.
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
    """An event: a kind and JSON values. Events hold no times, so equal runs have equal events."""

    step: int
    kind: str
    data: Mapping[str, object]


def rng_state(rng: np.random.Generator) -> dict[str, object]:
    """The exact state of a generator as JSON values."""
    return {key: _plain(value) for key, value in rng.bit_generator.state.items()}


def restored_rng(state: Mapping[str, Any]) -> np.random.Generator:
    """A generator with the state that `rng_state` returned.

    Raises:
        ValueError: The state names an unknown bit generator.
    """
    import numpy as np

    name = state.get("bit_generator")
    if name not in BIT_GENERATORS:
        raise ValueError(f"unknown bit generator {name!r}")
    bits = getattr(np.random, name)(0)
    bits.state = dict(state)
    return np.random.Generator(bits)


def to_json(value: object) -> str:
    """Canonical JSON: equal values give equal bytes, and numbers keep all digits.

    Raises:
        TypeError, ValueError: `value` cannot be written as JSON; this includes NaN.
    """
    return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def outcome_columns(outcome: Outcome) -> tuple[str | None, str | None, str | None, float | None]:
    """An outcome as the columns metrics, failure, message, cost."""
    if isinstance(outcome, Evaluation):
        return to_json(dict(outcome.metrics)), None, None, outcome.cost
    return None, outcome.kind, outcome.message, outcome.cost


def outcome_of(metrics: object, failure: object, message: object, cost: object) -> Outcome:
    """The inverse of `outcome_columns`. An unknown kind of failure becomes `error`. ValueError for other values."""
    if cost is not None and not isinstance(cost, int | float):
        raise ValueError(f"a cost is no number: {str(cost)[:40]!r}")
    if metrics is None:
        return Failure(_KINDS.get(text(failure), "error"), text(message) if message is not None else "", cost)
    values = json.loads(text(metrics))
    if not isinstance(values, dict) or not all(type(value) in (int, float) for value in values.values()):
        raise ValueError(f"metrics are no numbers by name: {str(values)[:40]!r}")
    return Evaluation(values, cost)


def info_of(row: tuple[Any, ...]) -> RunInfo:
    """The row of `run`. ValueError for values that no run has."""
    settings = json.loads(text(row[0]))
    if not isinstance(settings, dict):
        raise ValueError("the settings are no values by name")
    return RunInfo(settings, text(row[1]), text(row[2]), text(row[3]), int(text(row[4])))


def event_of(row: tuple[Any, ...]) -> Event:
    """A row of `events`. ValueError for values that no event has."""
    data = json.loads(text(row[2]))
    if not isinstance(data, dict):
        raise ValueError("the data of an event are no values by name")
    return Event(whole(row[0]), text(row[1]), data)


def proposal_kind(value: object) -> ProposalKind:
    """The kind of a proposal. ValueError for an unknown one."""
    if value not in _PROPOSAL_KINDS:
        raise ValueError(f"{str(value)[:40]!r} is no kind of proposal")
    return _PROPOSAL_KINDS[str(value)]


def text(value: object) -> str:
    """A column that is text. ValueError for another type: SQLite keeps any type in any column."""
    if not isinstance(value, str):
        raise ValueError(f"{str(value)[:40]!r} is no text")
    return value


@overload
def whole(value: object) -> int: ...
@overload
def whole(value: object, *, optional: bool) -> int | None: ...
def whole(value: object, *, optional: bool = False) -> int | None:
    """A column that is a whole number, or with `optional` nothing. ValueError for another type."""
    if value is None and optional:
        return None
    if type(value) is not int:
        raise ValueError(f"{str(value)[:40]!r} is no whole number")
    return value


def _plain(value: Any) -> object:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    # Arrays (the key of MT19937, the counter of Philox) and integers of NumPy.
    return value.tolist() if hasattr(value, "tolist") else value
