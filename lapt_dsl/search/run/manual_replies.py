"""Answers that a person brought: recorded as the proposals that a run goes on with."""

from __future__ import annotations

from lapt_dsl.compiler.space.model import Space
from lapt_dsl.propose.exchange import TASKS, Exchange, Message, Reply, Request
from lapt_dsl.search.run.run_state import RunState
from lapt_dsl.search.run_log import Proposal
from lapt_dsl.search.store.exchanges import StoredExchange
from lapt_dsl.search.store.log import StoreRunLog
from lapt_dsl.search.store.run_store import RunStore

BY_HAND = "by hand"
"""The model of exchanges that a person carried: which one it really was nobody knows."""


def record_answer(
    store: RunStore, space: Space, stands: RunState, question: str, reply: str, text: str, size: int
) -> None:
    """Record an accepted answer as the file that the run asks for, and the exchange it came from.

    The file is the record that the search itself would have made of this text, so that it goes on to the same end.

    Args:
        store: The run, opened to continue it.
        space: Its space.
        stands: Where it stands; it must be due.
        question: The prompt as it was sent.
        reply: All that was answered.
        text: The principles that were accepted.
        size: How many architectures they leave.

    Raises:
        LaptError: E806 or E807, it cannot be stored.
    """
    task = next(task for task in TASKS if task == stands.kind)
    request = Request(task, (Message("user", question),), BY_HAND, "plain")
    answered = reply.encode("utf-8", errors="replace").decode("utf-8")
    mended = text.strip() not in answered
    outcome = "accepted after fix" if mended else "accepted"
    exchange = Exchange(len(store.exchanges()), request, Reply(answered, None, 0.0, ""), outcome=outcome)
    store.commit_exchange(StoredExchange(exchange, stands.number, stands.step))
    proposal = Proposal(stands.number, stands.kind, stands.name, text, size, stands.step)
    StoreRunLog(store, space).add_proposal(proposal)
