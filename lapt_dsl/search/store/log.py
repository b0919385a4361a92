"""A run store as the ledger of a search: what `ledger.Ledger` asks for, kept on disk."""

from __future__ import annotations

from lapt_dsl.compiler.space.model import Space
from lapt_dsl.search.run_log import Proposal, Step
from lapt_dsl.search.store.run_store import Event, RunStore, StoredProposal

_COMPLETED = "arrived"
"""The kind of event that says when a step was told, in runs whose results are told in the order finished."""


class StoreRunLog:
    """Keeps the steps and proposals of one run in its store. The store stays the caller's to close."""

    def __init__(self, store: RunStore, space: Space) -> None:
        self._store, self._space = store, space
        told = [event for event in store.events() if event.kind == _COMPLETED]
        self._completions = {event.step: int(str(event.data["arrival"])) for event in told}

    def step(self, number: int) -> Step | None:
        """The recorded step, or None where the run has not come that far."""
        found = self._store.evaluation(number)
        if found is None:
            return None
        state = self._store.state(number)
        text = state[1] if state is not None and state[0] == number else ""
        arch = self._space.parse_arch(found.arch)
        return Step(number, arch, found.outcome, str(text), self._completions.get(number))

    def add_step(self, step: Step) -> None:
        """Record a step; when this returns, the step is safe. Errors as for `RunStore.commit_step`."""
        events = () if step.completion is None else (Event(step.number, _COMPLETED, {"arrival": step.completion}),)
        self._store.commit_step(step.number, str(step.arch), step.outcome, state=step.state, events=events)
        if step.completion is not None:
            self._completions[step.number] = step.completion

    def completions(self) -> list[int]:
        """The numbers of the steps that have an arrival, in that order."""
        return sorted(self._completions, key=self._completions.__getitem__)

    def proposal(self, number: int) -> Proposal | None:
        """The recorded proposal, or None."""
        found = self._store.proposal(number)
        if found is None:
            return None
        return Proposal(number, found.kind, found.name, found.text, found.size or 0, found.step)

    def add_proposal(self, proposal: Proposal) -> None:
        """Record a proposal; when this returns, it is safe. Errors as for `RunStore.commit_proposal`."""
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
