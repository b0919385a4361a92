"""The proposer of each principle file of a run, as the store records it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lapt_dsl.propose.exchange import Exchange, canonical
from lapt_dsl.propose.model.records import exchange_to_json
from lapt_dsl.propose.model.transcripts import HEADER
from lapt_dsl.search.run.manual_replies import MANUAL_MODEL
from lapt_dsl.search.store.run_store import RunInfo, StoredExchange, StoredProposal

ACCEPTED = ("accepted", "accepted after fix")


@dataclass(frozen=True, slots=True)
class ProposalOrigin:
    """The origin of a principle file.

    Attributes:
        proposer: `llm`, `hand` or the name of another proposer; None if the file was given or learned before the run.
        model: The language model that was asked, even if a fallback wrote the file; None for other proposers.
        mode: The mode in which the model was asked.
        outcomes: The outcome of each reply.
    """

    proposer: str | None
    model: str | None = None
    mode: str | None = None
    outcomes: tuple[str, ...] = ()

    def __str__(self) -> str:
        replies = f"{len(self.outcomes)} replies" if len(self.outcomes) != 1 else "1 reply"
        model = f"{self.model} (mode {self.mode}), {replies}: {', '.join(self.outcomes)}" if self.model else ""
        if self.proposer == "llm":
            return f"written by {model}"
        if self.proposer == "hand":
            return f"manual answer, {self.outcomes[-1]}"
        return f"written by {self.proposer}" + (f" in place of {model}" if model else "")


def proposal_origins(
    info: RunInfo, proposals: Sequence[StoredProposal], exchanges: Sequence[StoredExchange]
) -> list[ProposalOrigin]:
    """The origin of each file of a run, in order."""
    origins = []
    for number, proposal in enumerate(proposals):
        conversation = [
            stored.exchange
            for stored in exchanges
            if stored.iteration == number and stored.exchange.request.task != "check"
        ]
        origins.append(_origin(info, proposal, conversation))
    return origins


def _origin(info: RunInfo, proposal: StoredProposal, conversation: Sequence[Exchange]) -> ProposalOrigin:
    name = info.settings.get("proposer")
    proposer = str(name) if name is not None else None
    if not conversation:
        # In a run of `llm`, a file without an exchange was written by the fallback.
        by = None if proposal.kind == "learn" else "induction" if proposer == "llm" else proposer
        return ProposalOrigin(by)
    last = conversation[-1].request
    outcomes = tuple(exchange.outcome or "not settled" for exchange in conversation)
    if last.model == MANUAL_MODEL:
        return ProposalOrigin("hand", None, None, outcomes)
    wrote = any(exchange.outcome in ACCEPTED for exchange in conversation)
    return ProposalOrigin("llm" if wrote else "induction", last.model, last.mode, outcomes)


def transcript_text(exchanges: Sequence[StoredExchange]) -> str:
    """The exchanges of a run as the JSON lines that `--replay` takes."""
    values = [HEADER, *({"exchange": exchange_to_json(stored.exchange)} for stored in exchanges)]
    return "".join(f"{canonical(value)}\n" for value in values)
