"""Manual principles: the search stops when it needs principles and continues with those that were accepted."""

from __future__ import annotations

from collections.abc import Callable

from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.propose.archive import Archive
from lapt_dsl.propose.exchange import Task
from lapt_dsl.propose.proposer import SearchState

NEEDED = "E868"


class ManualProposer:
    """A proposer whose every question stops the search (E868). The hint of the error explains how to answer.

    An accepted answer is recorded like any proposal, so a resumed search does not ask again.
    """

    def __init__(self, how: Callable[[Task], str]) -> None:
        """`how` returns the commands that answer a question."""
        self._how = how

    def learn(self, archive: Archive) -> str:
        """Ask for the first principles. Raises LaptError (E868)."""
        raise self._needed("learn", f"the first principles, learned from {len(archive)} architectures,")

    def adapt(self, principles: str, state: SearchState) -> str:
        """Ask for principles adapted to the best found. Raises LaptError (E868)."""
        raise self._needed("adapt", f"principles that adapt `{state.file}`")

    def explore(self, principles: str, state: SearchState) -> str:
        """Ask for principles that allow more than those in force. Raises LaptError (E868)."""
        raise self._needed("explore", f"principles that allow more than `{state.file}`")

    def _needed(self, task: Task, what: str) -> LaptError:
        return LaptError.of(NEEDED, f"{what} are needed ({task})", "<run>", hint=self._how(task))
