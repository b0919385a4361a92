"""The interface of proposers: manual answers, language models and induction all return principle files as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from lapt_dsl.compiler.refined.refined_space import RefinedSpace
from lapt_dsl.propose.archive import Archive, Scored


@dataclass(frozen=True, slots=True)
class SearchState:
    """The state of a search when its principles change.

    Attributes:
        file: Name of the principle file in force. The answer extends it.
        names: Names of all principles in force, inherited ones included.
        refined: The refined space of these principles.
        found: All successful evaluations so far, in order.
        improved: Whether the last iteration improved on the best score before it.
        keep: r in Algorithm 2 of LAPT: number of best architectures that an adaptation learns from.
        population: Size of the first population.
        evaluations_per_iteration: Number of evaluations between two changes.
    """

    file: str
    names: tuple[str, ...]
    refined: RefinedSpace
    found: tuple[Scored, ...]
    improved: bool
    keep: int
    population: int
    evaluations_per_iteration: int

    @property
    def best(self) -> Sequence[Scored]:
        """The `keep` best evaluations, best first. Equal scores keep the order of evaluation."""
        order = sorted(range(len(self.found)), key=lambda at: (-self.found[at].score, at))
        return [self.found[at] for at in order[: self.keep]]


class Proposer(Protocol):
    """Writes principle files as text. Every answer is parsed and compiled like any other file.

    `principles` holds all principles in force as one file without `extends`. The answer extends the file `state.file`
    and may drop and replace its principles.
    """

    def learn(self, archive: Archive) -> str:
        """Principles learned from the best architectures of a finished task."""
        ...

    def adapt(self, principles: str, state: SearchState) -> str:
        """The next file after an iteration that reached at least the best before: updated from the best found."""
        ...

    def explore(self, principles: str, state: SearchState) -> str:
        """The next file after any other iteration: allows operators and connections that `principles` exclude."""
        ...


@runtime_checkable
class BudgetNarrower(Protocol):
    """A proposer that can also narrow learned principles to what the budget of a search can visit."""

    def narrow_to_budget(self, principles: str, state: SearchState) -> str | None:
        """A file that extends `principles` and replaces it as the start of the search; None keeps `principles`."""
        ...
