"""Requests to a language model, replies, and the transcripts that record both."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, Protocol, TypeAlias, get_args

JSON: TypeAlias = "bool | int | float | str | Sequence[JSON] | Mapping[str, JSON] | None"
Role = Literal["system", "user", "assistant"]
Task = Literal["learn", "adapt", "explore", "repair", "check"]
Mode = Literal["openai", "openai-chat", "llamacpp", "vllm", "json_schema", "plain"]

ROLES: tuple[Role, ...] = get_args(Role)
TASKS: tuple[Task, ...] = get_args(Task)
MODES: tuple[Mode, ...] = get_args(Mode)


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation."""

    role: Role
    content: str


@dataclass(frozen=True)
class Request:
    """A request to a model, with everything that determines the answer, and without address and key.

    Attributes:
        task: Purpose of the answer; not sent.
        messages: The conversation so far, in order.
        model: The model's name as the server knows it.
        mode: How the grammar constrains the reply.
        grammar: The Lark grammar of a reply, for modes that use one.
        schema: The JSON schema of a reply, in mode `json_schema`.
        parameters: Decoding parameters: `temperature`, `max_tokens`, `seed`.
    """

    task: Task
    messages: tuple[Message, ...]
    model: str
    mode: Mode
    grammar: str | None = None
    schema: Mapping[str, JSON] | None = None
    parameters: Mapping[str, JSON] = field(default_factory=dict)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of everything that determines the reply, in hexadecimal.

        >>> one = Request("learn", (Message("user", "Why?"),), "m", "plain")
        >>> other = Request("learn", (Message("user", "Why not?"),), "m", "plain")
        >>> len(one.digest), one.digest == other.digest
        (64, False)
        """
        content = {
            "messages": [[message.role, message.content] for message in self.messages],
            "model": self.model,
            "mode": self.mode,
            "grammar": self.grammar,
            "schema": self.schema,
            "parameters": self.parameters,
        }
        return hashlib.sha256(canonical(content).encode("ascii")).hexdigest()


@dataclass(frozen=True, slots=True)
class Usage:
    """Number of tokens of a call, as counted by the server."""

    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True)
class Reply:
    """The reply of a model.

    Attributes:
        text: The unchanged answer.
        usage: Token counts from the server; None if it reports none.
        latency: Seconds from the question to the end of the answer.
        finish: The reason for stopping as the server reports it (`stop`, `length`, ...); empty if it reports none.
    """

    text: str
    usage: Usage | None
    latency: float
    finish: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its result.

    Attributes:
        number: Index from 0, in order of the requests.
        request: The request.
        reply: The reply; with a `failure`, the part that was received, or None.
        failure: Why there is no usable answer, as `E84x: message`; None for an answer.
        outcome: Result of validating the answer (`accepted`, ...); empty until settled.
        seconds: Duration with all retries.
    """

    number: int
    request: Request
    reply: Reply | None
    failure: str | None = None
    outcome: str = ""
    seconds: float = 0.0


class Transcript(Protocol):
    """Storage of exchanges. An exchange is durable when `add` returns, before its reply is used."""

    def find(self, digest: str, occurrence: int) -> Exchange | None:
        """The recorded exchange number `occurrence` (from 0) among those with this request digest, or None."""
        ...

    def add(self, exchange: Exchange) -> None:
        """Record an exchange. Its number must be the number of exchanges recorded before it."""
        ...

    def settle(self, number: int, outcome: str) -> None:
        """Record the outcome of a recorded exchange."""
        ...

    def exchanges(self) -> Sequence[Exchange]:
        """All recorded exchanges in order, each with its latest outcome."""
        ...


class MemoryTranscript:
    """A transcript in memory."""

    def __init__(self, exchanges: Sequence[Exchange] = ()) -> None:
        """Start with known exchanges, in order."""
        self._exchanges: list[Exchange] = []
        self._numbers: dict[str, list[int]] = {}
        for exchange in exchanges:
            self.add(exchange)

    def find(self, digest: str, occurrence: int) -> Exchange | None:
        """The exchange with this digest and occurrence, or None."""
        numbers = self._numbers.get(digest, ())
        return self._exchanges[numbers[occurrence]] if occurrence < len(numbers) else None

    def add(self, exchange: Exchange) -> None:
        """Add an exchange. Raises ValueError if its number is not the next."""
        if exchange.number != len(self._exchanges):
            raise ValueError(f"expected exchange {len(self._exchanges)}, got {exchange.number}")
        self._exchanges.append(exchange)
        self._numbers.setdefault(exchange.request.digest, []).append(exchange.number)

    def settle(self, number: int, outcome: str) -> None:
        """Set an outcome. Raises IndexError if there is no such exchange."""
        old = self._exchanges[number]
        self._exchanges[number] = Exchange(
            old.number, old.request, old.reply, old.failure, outcome, seconds=old.seconds
        )

    def exchanges(self) -> Sequence[Exchange]:
        """All exchanges in order."""
        return tuple(self._exchanges)


def canonical(value: object) -> str:
    """The canonical JSON of a value: sorted keys, no blanks, ASCII only. Raises ValueError for values not in JSON."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
