"""Replays: the replies of a recorded run, without a server, and errors for requests that were not recorded."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest

from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.propose.exchange import Exchange, MemoryTranscript, Mode, Request, canonical
from lapt_dsl.propose.model.failures import failure
from lapt_dsl.propose.model.transcripts import read_transcript

_SHOWN = 100


class ReplayTranscript:
    """A recorded run, read-only. Equal requests get the replies in the recorded order."""

    def __init__(self, path: str | os.PathLike[str], *, failures: bool = False) -> None:
        """Read the transcript at `path`.

        Args:
            path: The file.
            failures: Whether to replay failures that ended a run. A resumed run continued without them, and they would
                end the replay; a comparison of several runs counts them.

        Raises:
            LaptError: E854, the file cannot be used.
        """
        self.path = os.fspath(path)
        known = read_transcript(path).exchanges
        continued = [each for each in known if failures or each.failure is None or each.outcome != "failed"]
        self._known = MemoryTranscript([replace(each, number=number) for number, each in enumerate(continued)])

    def find(self, digest: str, occurrence: int) -> Exchange | None:
        """The exchange with this digest and occurrence, or None."""
        return self._known.find(digest, occurrence)

    def exchanges(self) -> Sequence[Exchange]:
        """All exchanges in order."""
        return self._known.exchanges()

    def miss(self, request: Request, number: int, occurrence: int) -> LaptError:
        """The error for a request that was not recorded. It shows how the most similar one differs.

        Args:
            request: The request.
            number: Number of requests before it.
            occurrence: Number of equal requests before it.
        """
        asked = f"request {number + 1} ({request.task})"
        if occurrence and self.find(request.digest, 0) is not None:
            return failure(
                "E851",
                f"{asked} was recorded {occurrence} times in `{self.path}` and is now requested once more",
                where=self.path,
            )
        near = nearest(request, self.exchanges())
        if near is None:
            return failure("E851", f"{asked} is not in `{self.path}`, which is empty", where=self.path)
        message = (
            f"{asked} is not in `{self.path}`; the nearest there is request {near.number + 1} ({near.request.task}), "
            f"and differs in {difference(near.request, request)}"
        )
        return failure("E851", message, where=self.path)


def recorded_mode(exchanges: Sequence[Exchange]) -> tuple[str, Mode] | None:
    """The model and mode of a recorded run, or None if it has no exchange."""
    for exchange in exchanges:
        if exchange.request.task != "check":
            return exchange.request.model, exchange.request.mode
    return None


def nearest(request: Request, exchanges: Sequence[Exchange]) -> Exchange | None:
    """The exchange with the most similar request: of the same task if possible, then by common first lines."""
    lines = list(_lines(request))

    def likeness(exchange: Exchange) -> tuple[bool, int, int]:
        common = 0
        for one, other in zip(lines, _lines(exchange.request), strict=False):
            if one != other:
                break
            common += 1
        return (exchange.request.task == request.task, common, -exchange.number)

    return max(exchanges, key=likeness, default=None)


def difference(recorded: Request, asked: Request) -> str:
    """The first difference between two requests, in words.

    >>> from lapt_dsl.propose.exchange import Message
    >>> one = Request("learn", (Message("user", "Top 50.\\nBest: 0.91"),), "m", "plain")
    >>> other = Request("learn", (Message("user", "Top 50.\\nBest: 0.93"),), "m", "plain")
    >>> difference(one, other)
    "line 2 of the user message: recorded 'Best: 0.91', asked 'Best: 0.93'"
    """
    for what in ("model", "mode", "parameters"):
        old, new = getattr(recorded, what), getattr(asked, what)
        if old != new:
            return f"{what}: {_both(_plain(old), _plain(new))}"
    for turn, (one, other) in enumerate(zip_longest(recorded.messages, asked.messages), 1):
        if one is None or other is None or one.role != other.role:
            first = [None if it is None else f"{it.role}: {it.content}".split("\n")[0] for it in (one, other)]
            return f"message {turn}: {_both(*first)}"
        where = f"the {one.role} message" if len(asked.messages) <= 2 else f"message {turn} ({one.role})"
        if one.content != other.content:
            return _first_line(where, one.content, other.content)
    if recorded.grammar != asked.grammar:
        return _first_line("the grammar", recorded.grammar or "", asked.grammar or "")
    return f"the schema: {_both(canonical(recorded.schema), canonical(asked.schema))}"


def _first_line(where: str, recorded: str, asked: str) -> str:
    lines = zip_longest(recorded.split("\n"), asked.split("\n"))
    number, old, new = next((number, old, new) for number, (old, new) in enumerate(lines, 1) if old != new)
    return f"line {number} of {where}: {_both(old, new)}"


def _lines(request: Request) -> Iterator[str]:
    """All lines of the prompt, each message preceded by its role."""
    for message in request.messages:
        yield message.role
        yield from message.content.split("\n")


def _plain(value: object) -> str:
    return value if isinstance(value, str) else canonical(value)


def _both(recorded: str | None, asked: str | None) -> str:
    return f"recorded {_short(recorded)}, asked {_short(asked)}"


def _short(text: str | None) -> str:
    if text is None:
        return "nothing"
    return ascii(text if len(text) <= _SHOWN else text[:_SHOWN] + "...")
