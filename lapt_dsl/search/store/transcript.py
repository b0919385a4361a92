"""A run store as the transcript of a search with a language model."""

from __future__ import annotations

from collections.abc import Sequence

from lapt_dsl.propose.exchange import Exchange
from lapt_dsl.search.store.exchanges import StoredExchange, is_answer
from lapt_dsl.search.store.run_store import RunStore


class StoreTranscript:
    """Records the exchanges of one run in its store. The caller closes the store.

    A resumed run reads the recorded replies for its current principle file, in order, and then asks the model again.
    Exchanges for earlier files are ignored, since those files are stored. A failure that stopped the run is ignored
    too, so that its request is repeated.
    """

    def __init__(self, store: RunStore) -> None:
        self._store = store
        self._first: dict[tuple[int, str], int] = {}

    def find(self, digest: str, occurrence: int) -> Exchange | None:
        """The recorded exchange of this request for the current file, or None.

        Occurrences count from the first one that is requested for this file.
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
        """Record an outcome. Errors as for `RunStore.settle_exchange`."""
        self._store.settle_exchange(number, outcome)

    def exchanges(self) -> Sequence[Exchange]:
        """All exchanges of the run in order."""
        return tuple(stored.exchange for stored in self._store.exchanges())
