"""The proposer that is a person: a search stops where it needs principles, and goes on with what was accepted."""

from __future__ import annotations

from collections.abc import Callable

from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.propose.archive import Archive
from lapt_dsl.propose.exchange import Task
from lapt_dsl.propose.proposer import SearchState

NEEDED = "E868"


class ByHand:
    """Writes nothing itself: every question stops the search (E868) and says how it is answered.

    An answer that was accepted is a record of the run like any proposal, so a resumed search does not ask for it.
    """

    def __init__(self, how: Callable[[Task], str]) -> None:
        """`how` says which commands answer a question."""
        self._how = how

    def learn(self, archive: Archive) -> str:
        """Ask for principles to start from. Raises LaptError (E868)."""
        raise self._needed("learn", f"principles to start from, learned from {len(archive)} architectures,")

    def adapt(self, principles: str, situation: SearchState) -> str:
        """Ask for principles that follow the best found. Raises LaptError (E868)."""
        raise self._needed("adapt", f"principles that follow `{situation.file}`")

    def explore(self, principles: str, situation: SearchState) -> str:
        """Ask for principles that open those in force. Raises LaptError (E868)."""
        raise self._needed("explore", f"principles that open `{situation.file}`")

    def _needed(self, task: Task, what: str) -> LaptError:
        return LaptError.of(NEEDED, f"{what} are needed ({task})", "<run>", hint=self._how(task))
