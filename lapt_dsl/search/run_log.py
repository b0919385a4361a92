"""What a run has paid for, in order: every evaluation and proposal is recorded before it is used.

A run is a deterministic function of its settings, its seed and these records. Resuming therefore starts it again from
the beginning and takes from the ledger what is there; the first step that is not there is the first that is paid for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from lapt_dsl.compiler.space.model import Architecture
from lapt_dsl.evaluate.evaluator import Outcome

Kind = Literal["learn", "focus", "adapt", "explore"]


@dataclass(frozen=True, slots=True)
class Step:
    """One evaluation: its number from 0, the architecture, what came out, and the strategy's state before it.

    `number` counts what was asked for. `arrival` counts, also from 0, what was told in a run whose results are told in
    the order finished; None where they are told in the order asked.
    """

    number: int
    arch: Architecture
    outcome: Outcome
    state: str
    arrival: int | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A principle file that was proposed: its number from 0, what for, its name, its text, and its refined size."""

    number: int
    kind: Kind
    name: str
    text: str
    size: int
    step: int


class RunLog(Protocol):
    """Where steps and proposals are kept."""

    def step(self, number: int) -> Step | None:
        """The recorded step, or None where the run has not come that far."""
        ...

    def add_step(self, step: Step) -> None:
        """Record a step; when this returns, the step is safe."""
        ...

    def arrivals(self) -> list[int]:
        """The numbers of the steps that have an arrival, in that order."""
        ...

    def proposal(self, number: int) -> Proposal | None:
        """The recorded proposal, or None."""
        ...

    def add_proposal(self, proposal: Proposal) -> None:
        """Record a proposal; when this returns, it is safe."""
        ...


class MemoryRunLog:
    """A ledger that lives as long as the process: for experiments over many seeds."""

    def __init__(self) -> None:
        self.steps: dict[int, Step] = {}
        self.proposals: list[Proposal] = []

    def step(self, number: int) -> Step | None:
        """The recorded step, or None."""
        return self.steps.get(number)

    def add_step(self, step: Step) -> None:
        """Keep a step."""
        self.steps[step.number] = step

    def arrivals(self) -> list[int]:
        """The numbers of the steps that have an arrival, in that order."""
        arrived = [(step.arrival, step.number) for step in self.steps.values() if step.arrival is not None]
        return [number for _, number in sorted(arrived)]

    def proposal(self, number: int) -> Proposal | None:
        """The recorded proposal, or None."""
        return self.proposals[number] if number < len(self.proposals) else None

    def add_proposal(self, proposal: Proposal) -> None:
        """Keep a proposal."""
        self.proposals.append(proposal)


def recorded(ledger: RunLog, number: int, propose: Callable[[], Proposal]) -> Proposal:
    """The proposal with this number: from the ledger, or made now and recorded before it is used."""
    known = ledger.proposal(number)
    if known is None:
        known = propose()
        ledger.add_proposal(known)
    return known
