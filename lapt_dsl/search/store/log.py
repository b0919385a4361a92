"""The run log of a search in a run store."""

from __future__ import annotations

from lapt_dsl.compiler.space.model import Space
from lapt_dsl.search.run_log import Proposal, Step
from lapt_dsl.search.store.run_store import Event, RunStore, StoredProposal

_COMPLETED = "arrived"
"""Kind of the event that holds the completion index of a step, in runs that use completion order."""


class StoreRunLog:
    """Records the steps and proposals of one run in its store. The caller closes the store."""

    def __init__(self, store: RunStore, space: Space) -> None:
        self._store, self._space = store, space
        completed = [event for event in store.events() if event.kind == _COMPLETED]
        self._completions = {event.step: int(str(event.data["arrival"])) for event in completed}

    def step(self, number: int) -> Step | None:
        """The recorded step, or None if the run has not reached it."""
        stored = self._store.evaluation(number)
        if stored is None:
            return None
        state = self._store.state(number)
        text = state[1] if state is not None and state[0] == number else ""
        arch = self._space.parse_arch(stored.arch)
        return Step(number, arch, stored.outcome, str(text), self._completions.get(number))

    def add_step(self, step: Step) -> None:
        """Record a step. It is durable when this returns. Errors as for `RunStore.commit_step`."""
        events = () if step.completion is None else (Event(step.number, _COMPLETED, {"arrival": step.completion}),)
        self._store.commit_step(step.number, str(step.arch), step.outcome, state=step.state, events=events)
        if step.completion is not None:
            self._completions[step.number] = step.completion

    def completions(self) -> list[int]:
        """The submission indices of steps that have a completion index, in completion order."""
        return sorted(self._completions, key=self._completions.__getitem__)

    def proposal(self, number: int) -> Proposal | None:
        """The recorded proposal, or None."""
        stored = self._store.proposal(number)
        if stored is None:
            return None
        return Proposal(number, stored.kind, stored.name, stored.text, stored.size or 0, stored.step)

    def add_proposal(self, proposal: Proposal) -> None:
        """Record a proposal. It is durable when this returns. Errors as for `RunStore.commit_proposal`."""
        parent = proposal.number - 1 if self._store.proposal(proposal.number - 1) is not None else None
        self._store.commit_proposal(
            StoredProposal(
                proposal.number,
                proposal.kind,
                proposal.text,
                proposal.step,
                proposal.name,
                parent,
                proposal.size,
                id=proposal.number,
            )
        )
