"""Who wrote each principle file of a run, by what its store holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lapt_dsl.propose.exchange import Exchange, canonical
from lapt_dsl.propose.model.records import exchange_to_json
from lapt_dsl.propose.model.transcripts import HEADER
from lapt_dsl.search.run.manual_replies import BY_HAND
from lapt_dsl.search.store.run_store import RunInfo, StoredExchange, StoredProposal

ACCEPTED = ("accepted", "accepted after fix")


@dataclass(frozen=True, slots=True)
class ProposalOrigin:
    """Who wrote a file.

    `by`: `llm`, `hand`, or the name of another proposer; None where the file was given, or learned before the run.
    `model` and `mode` of a language model that was asked, and what became of each of its replies (`outcomes`), whether
    or not it wrote the file in the end.
    """

    by: str | None
    model: str | None = None
    mode: str | None = None
    outcomes: tuple[str, ...] = ()

    def __str__(self) -> str:
        replies = f"{len(self.outcomes)} replies" if len(self.outcomes) != 1 else "1 reply"
        asked = f"{self.model} (mode {self.mode}), {replies}: {', '.join(self.outcomes)}" if self.model else ""
        if self.by == "llm":
            return f"written by {asked}"
        if self.by == "hand":
            return f"answered by hand, {self.outcomes[-1]}"
        return f"written by {self.by}" + (f" in place of {asked}" if asked else "")


def proposal_origins(
    info: RunInfo, proposals: Sequence[StoredProposal], exchanges: Sequence[StoredExchange]
) -> list[ProposalOrigin]:
    """The author of each file of a run, in order."""
    found = []
    for number, proposal in enumerate(proposals):
        talk = [
            stored.exchange
            for stored in exchanges
            if stored.iteration == number and stored.exchange.request.task != "check"
        ]
        found.append(_author(info, proposal, talk))
    return found


def _author(info: RunInfo, proposal: StoredProposal, talk: Sequence[Exchange]) -> ProposalOrigin:
    name = info.settings.get("proposer")
    proposer = str(name) if name is not None else None
    if not talk:
        # A run by a model that has no word with it for a file had that from another proposer.
        by = None if proposal.kind == "learn" else "induction" if proposer == "llm" else proposer
        return ProposalOrigin(by)
    last = talk[-1].request
    outcomes = tuple(exchange.outcome or "not settled" for exchange in talk)
    if last.model == BY_HAND:
        return ProposalOrigin("hand", None, None, outcomes)
    wrote = any(exchange.outcome in ACCEPTED for exchange in talk)
    return ProposalOrigin("llm" if wrote else "induction", last.model, last.mode, outcomes)


def transcript_text(exchanges: Sequence[StoredExchange]) -> str:
    """The exchanges of a run as the JSON lines that `--replay` takes."""
    values = [HEADER, *({"exchange": exchange_to_json(stored.exchange)} for stored in exchanges)]
    return "".join(f"{canonical(value)}\n" for value in values)
