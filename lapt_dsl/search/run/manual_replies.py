"""Manual answers, recorded as proposals of a run."""

from __future__ import annotations

from lapt_dsl.compiler.space.model import Space
from lapt_dsl.propose.exchange import TASKS, Exchange, Message, Reply, Request
from lapt_dsl.search.run.run_state import RunState
from lapt_dsl.search.run_log import Proposal
from lapt_dsl.search.store.exchanges import StoredExchange
from lapt_dsl.search.store.log import StoreRunLog
from lapt_dsl.search.store.run_store import RunStore

MANUAL_MODEL = "by hand"
"""Model name in the exchanges of manual answers, since the real model is unknown. Stores hold this value."""


def record_answer(
    store: RunStore, space: Space, state: RunState, question: str, reply: str, text: str, size: int
) -> None:
    """Record an accepted answer as the principle file that the run needs, and the exchange that it came from.

    The record is the same as the one that a search with a proposer would have made, so the run continues identically.

    Args:
        store: The run, opened for writing.
        space: The space of the run.
        state: State of the run; `due` must be true.
        question: The prompt that was answered.
        reply: The whole reply.
        text: The accepted principles.
        size: Size of the refined space.

    Raises:
        LaptError: E806 or E807, the answer cannot be stored.
    """
    task = next(task for task in TASKS if task == state.kind)
    request = Request(task, (Message("user", question),), MANUAL_MODEL, "plain")
    answered = reply.encode("utf-8", errors="replace").decode("utf-8")
    outcome = "accepted" if text.strip() in answered else "accepted after fix"
    exchange = Exchange(len(store.exchanges()), request, Reply(answered, None, 0.0, ""), outcome=outcome)
    store.commit_exchange(StoredExchange(exchange, state.number, state.step))
    proposal = Proposal(state.number, state.kind, state.name, text, size, state.step)
    StoreRunLog(store, space).add_proposal(proposal)
