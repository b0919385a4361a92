"""A run store as the transcript of a search with a language model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lapt_dsl.propose.model.exchange import Exchange, MemoryTranscript, Transcript
from lapt_dsl.search.store import RunStore
from lapt_dsl.search.store_exchanges import StoredExchange

FELL_BACK = "fell back"
"""The outcome of an exchange that failed or was refused where another proposer wrote the file instead."""


class StoreTranscript:
    """Keeps the exchanges of one run in its store, and what was written at the same time to another transcript too.

    A resumed run finds here what was answered for the file it was writing when it stopped, in the order asked, and asks
    on from there. What was asked for earlier files is never found again: those files are stored. A failure counts as an
    answer only where the run went on from it.

    The store stays the caller's to close. `behind` is asked for what the store does not hold.
    """

    def __init__(self, store: RunStore, behind: Transcript | None = None) -> None:
        self._store, self._behind = store, behind if behind is not None else MemoryTranscript()
        self._first: dict[tuple[int, str], int] = {}
        self._catch_up()

    def find(self, digest: str, occurrence: int) -> Exchange | None:
        """The recorded exchange of this request, or None. `occurrence` counts on from the first one of this file."""
        iteration = self._store.position()[0]
        asked = occurrence - self._first.setdefault((iteration, digest), occurrence)
        known = [
            stored.exchange
            for stored in self._store.exchanges()
            if stored.iteration == iteration and stored.exchange.request.digest == digest and is_answer(stored.exchange)
        ]
        if asked < len(known):
            return known[asked]
        found = self._behind.find(digest, occurrence)
        if found is None or not is_answer(found):
            return None
        number = len(self._store.exchanges())
        self._commit(replace(found, number=number, outcome=""))
        return replace(found, number=number, outcome="")

    def add(self, exchange: Exchange) -> None:
        """Record an exchange. Errors as for `RunStore.commit_exchange`."""
        self._commit(exchange)
        self._behind.add(replace(exchange, number=len(self._behind.exchanges())))

    def settle(self, number: int, outcome: str) -> None:
        """Record what became of a reply. Errors as for `RunStore.settle_exchange`."""
        self._store.settle_exchange(number, outcome)
        self._behind.settle(number, outcome)

    def exchanges(self) -> Sequence[Exchange]:
        """All exchanges of the run in order."""
        return tuple(stored.exchange for stored in self._store.exchanges())

    def _commit(self, exchange: Exchange) -> None:
        iteration, step = self._store.position()
        self._store.commit_exchange(StoredExchange(exchange, iteration, step))


def is_answer(exchange: Exchange) -> bool:
    """Whether a run went on from an exchange: it has a reply, or its failure made another proposer write."""
    return exchange.failure is None or exchange.outcome == FELL_BACK
