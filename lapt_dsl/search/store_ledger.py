"""A run store as the ledger of a search: what `ledger.Ledger` asks for, kept on disk."""

from __future__ import annotations

from lapt_dsl.compiler.model import Space
from lapt_dsl.search.ledger import Proposal, Step
from lapt_dsl.search.store import RunStore, StoredProposal


class StoreLedger:
    """Keeps the steps and proposals of one run in its store. The store stays the caller's to close."""

    def __init__(self, store: RunStore, space: Space) -> None:
        self._store, self._space = store, space

    def step(self, number: int) -> Step | None:
        """The recorded step, or None where the run has not come that far."""
        found = self._store.evaluation(number)
        if found is None:
            return None
        state = self._store.state(number)
        text = state[1] if state is not None and state[0] == number else ""
        return Step(number, self._space.parse_arch(found.arch), found.outcome, str(text))

    def add_step(self, step: Step) -> None:
        """Record a step; when this returns, the step is safe. Errors as for `RunStore.commit_step`."""
        self._store.commit_step(step.number, str(step.arch), step.outcome, state=step.state)

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
