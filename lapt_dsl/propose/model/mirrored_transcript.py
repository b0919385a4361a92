"""A transcript that is written to a second place: the file of `--transcript`."""

from __future__ import annotations

from collections.abc import Sequence

from lapt_dsl.propose.exchange import Exchange, Transcript
from lapt_dsl.propose.model.failures import failure
from lapt_dsl.propose.model.transcripts import FileTranscript


class MirroredTranscript:
    """Records exchanges in `kept` and in the file `copy`, which is first brought up to date."""

    def __init__(self, kept: Transcript, copy: FileTranscript) -> None:
        """Start or continue.

        Raises:
            LaptError: E854, the exchanges in the file are not a prefix of those in `kept`, or it cannot be written.
        """
        self._kept, self._copy = kept, copy
        known, held = kept.exchanges(), copy.exchanges()
        same = len(held) <= len(known) and all(
            mine.request.digest == theirs.request.digest for mine, theirs in zip(known, held, strict=False)
        )
        if not same:
            message = f"cannot use the transcript `{copy.path}`: it belongs to another run"
            raise failure("E854", message, "give another file with --transcript", where=copy.path)
        for exchange in known[len(held) :]:
            copy.add(exchange)
        for exchange in known:
            copy.settle(exchange.number, exchange.outcome)

    def find(self, digest: str, occurrence: int) -> Exchange | None:
        """The recorded exchange of a request, or None."""
        return self._kept.find(digest, occurrence)

    def add(self, exchange: Exchange) -> None:
        """Record an exchange. Raises the errors of both transcripts."""
        self._kept.add(exchange)
        self._copy.add(exchange)

    def settle(self, number: int, outcome: str) -> None:
        """Record an outcome. Raises the errors of both transcripts."""
        self._kept.settle(number, outcome)
        self._copy.settle(number, outcome)

    def exchanges(self) -> Sequence[Exchange]:
        """All exchanges in order."""
        return self._kept.exchanges()
