"""The log of a run: every evaluation and every proposal, recorded before it is used.

A run is a deterministic function of its settings, its seed and these records. To resume a run, the search
starts from the beginning and reads recorded steps from the log. The first step that is missing is evaluated.
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
    """One evaluation.

    Attributes:
        number: Submission index, from 0.
        arch: The architecture.
        outcome: The result of the evaluation.
        state: The strategy's random state before `ask` returned the architecture.
        completion: Completion index, from 0, of a run that processes results in completion order; otherwise None.
    """

    number: int
    arch: Architecture
    outcome: Outcome
    state: str
    completion: int | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed principle file.

    Attributes:
        number: Number of the proposal, from 0.
        kind: Purpose of the proposal.
        name: Name of the file.
        text: Text of the file.
        size: Size of the refined space.
        step: Number of architectures submitted before it.
    """

    number: int
    kind: Kind
    name: str
    text: str
    size: int
    step: int


class RunLog(Protocol):
    """Storage of steps and proposals."""

    def step(self, number: int) -> Step | None:
        """The recorded step, or None if the run has not reached it."""
        ...

    def add_step(self, step: Step) -> None:
        """Record a step. It is durable when this returns."""
        ...

    def completions(self) -> list[int]:
        """The submission indices of steps that have a completion index, in completion order."""
        ...

    def proposal(self, number: int) -> Proposal | None:
        """The recorded proposal, or None."""
        ...

    def add_proposal(self, proposal: Proposal) -> None:
        """Record a proposal. It is durable when this returns."""
        ...


class MemoryRunLog:
    """A log in memory, for experiments over many seeds."""

    def __init__(self) -> None:
        self.steps: dict[int, Step] = {}
        self.proposals: list[Proposal] = []

    def step(self, number: int) -> Step | None:
        """The recorded step, or None."""
        return self.steps.get(number)

    def add_step(self, step: Step) -> None:
        """Keep a step."""
        self.steps[step.number] = step

    def completions(self) -> list[int]:
        """The submission indices of steps that have a completion index, in completion order."""
        completed = [(step.completion, step.number) for step in self.steps.values() if step.completion is not None]
        return [number for _, number in sorted(completed)]

    def proposal(self, number: int) -> Proposal | None:
        """The recorded proposal, or None."""
        return self.proposals[number] if number < len(self.proposals) else None

    def add_proposal(self, proposal: Proposal) -> None:
        """Keep a proposal."""
        self.proposals.append(proposal)


def recorded(log: RunLog, number: int, propose: Callable[[], Proposal]) -> Proposal:
    """The proposal with this number: from the log, or made now and recorded before it is used."""
    known = log.proposal(number)
    if known is None:
        known = propose()
        log.add_proposal(known)
    return known
