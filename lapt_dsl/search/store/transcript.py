"""A run store as the transcript of a search with a language model."""

from __future__ import annotations

from collections.abc import Sequence

from lapt_dsl.propose.exchange import Exchange
from lapt_dsl.search.store.exchanges import StoredExchange, is_answer
from lapt_dsl.search.store.run_store import RunStore


class StoreTranscript:
    """Keeps the exchanges of one run in its store, which stays the caller's to close.

    A resumed run finds here what was answered for the file it was writing when it stopped, in the order asked, and asks
    on from there. What was asked for earlier files is not found again: those files are stored. A failure that stopped
    the run is no answer either: it is asked again.
    """

    def __init__(self, store: RunStore) -> None:
        self._store = store
        self._first: dict[tuple[int, str], int] = {}

    def find(self, digest: str, occurrence: int) -> Exchange | None:
        """The recorded exchange of this request for the file being written, or None.

        Occurrences are counted from the one that is first asked for this file.
        """
        iteration = self._store.position()[0]
        place = occurrence - self._first.setdefault((iteration, digest), occurrence)
        known = [
            stored.exchange
            for stored in self._store.exchanges()
            if stored.iteration == iteration and stored.exchange.request.digest == digest and is_answer(stored.exchange)
        ]
        return known[place] if place < len(known) else None

    def add(self, exchange: Exchange) -> None:
        """Record an exchange. Errors as for `RunStore.commit_exchange`."""
        iteration, step = self._store.position()
        self._store.commit_exchange(StoredExchange(exchange, iteration, step))

    def settle(self, number: int, outcome: str) -> None:
        """Record what became of a reply. Errors as for `RunStore.settle_exchange`."""
        self._store.settle_exchange(number, outcome)

    def exchanges(self) -> Sequence[Exchange]:
        """All exchanges of the run in order."""
        return tuple(stored.exchange for stored in self._store.exchanges())
