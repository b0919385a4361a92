"""The interface of whoever writes principles: a person, a model and an inducer are alike, they hand over text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from lapt_dsl.compiler.refined.refined_space import RefinedSpace
from lapt_dsl.propose.archive import Archive, Scored


@dataclass(frozen=True, slots=True)
class SearchState:
    """Where a search stands when principles are to change.

    `file` is the name of the principle file in force, which the answer extends, `names` its principles with all that
    is inherited, and `refined` what they leave; `found` is every evaluation so far in order, `improved` whether the
    last stretch of the search bettered the best before it; `keep` is the r best that an adaptation learns from (LAPT,
    Algorithm 2); `population` and `stretch` are how many architectures the search draws at first, and between changes.
    """

    file: str
    names: tuple[str, ...]
    refined: RefinedSpace
    found: tuple[Scored, ...]
    improved: bool
    keep: int
    population: int
    stretch: int

    @property
    def best(self) -> Sequence[Scored]:
        """The `keep` best evaluations, best first, earlier ones first among equals."""
        order = sorted(range(len(self.found)), key=lambda at: (-self.found[at].score, at))
        return [self.found[at] for at in order[: self.keep]]


class Proposer(Protocol):
    """Writes principle files as text. Every answer goes through parse and compile like a person's.

    `principles` is everything in force as one file with nothing left to extend; the answer extends it by the name in
    `situation.file`, and may drop and replace what it holds.
    """

    def learn(self, archive: Archive) -> str:
        """Principles behind the best architectures of a finished task."""
        ...

    def adapt(self, principles: str, situation: SearchState) -> str:
        """The file that follows `principles` when the new best is at least the old one: updated from the best found."""
        ...

    def explore(self, principles: str, situation: SearchState) -> str:
        """The file that follows `principles` when it is not: operators and connections not yet in them."""
        ...


@runtime_checkable
class BudgetNarrower(Protocol):
    """A proposer that can also narrow learned principles to what a search of this size can visit."""

    def focus(self, principles: str, situation: SearchState) -> str | None:
        """The file to start from in place of `principles`, which extends it, or None to start from it as it stands."""
        ...
