"""What passes between a proposer and a language model, as values: requests, replies, and where both are kept."""

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
    """One turn of a conversation."""

    role: Role
    content: str


@dataclass(frozen=True)
class Request:
    """One question to a model, with everything that determines the answer, and neither address nor key.

    Attributes:
        task: What the answer is for; it is not sent.
        messages: The conversation so far, in order.
        model: The model's name as the server knows it.
        mode: How the server is held to the grammar.
        grammar: The Lark grammar of a reply, in modes that take one.
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
        """SHA-256, as hexadecimal digits, of everything that determines the reply.

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
    """How many tokens a call took, as the server counts them."""

    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model answered.

    Attributes:
        text: The answer as it came, nothing removed.
        usage: What the server says it took; None where it says nothing.
        latency: Seconds from the question to the end of the answer.
        finish: Why the model stopped, in the server's word (`stop`, `length`, ...); empty if it is not told.
    """

    text: str
    usage: Usage | None
    latency: float
    finish: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and what became of it.

    Attributes:
        number: From 0, in the order in which they were asked.
        request: What was asked.
        reply: What was answered; with a `failure`, as much of it as came, or None where nothing did.
        failure: Why there is no answer to use, as `E84x: message`; None for an answer.
        outcome: What became of the answer, in words of whoever asked (`accepted`, ...); empty until settled.
        seconds: How long it took, with all retries.
    """

    number: int
    request: Request
    reply: Reply | None
    failure: str | None = None
    outcome: str = ""
    seconds: float = 0.0


class Transcript(Protocol):
    """Where exchanges are kept. An exchange is safe when `add` returns, which is before its reply is used."""

    def find(self, digest: str, occurrence: int) -> Exchange | None:
        """The recorded exchange of the request with this digest, the `occurrence`-th (from 0) of them, or None."""
        ...

    def add(self, exchange: Exchange) -> None:
        """Record an exchange. Its number is the number of exchanges recorded before it."""
        ...

    def settle(self, number: int, outcome: str) -> None:
        """Record what became of the reply of a recorded exchange."""
        ...

    def exchanges(self) -> Sequence[Exchange]:
        """All recorded exchanges in order, each with the outcome it was settled with last."""
        ...


class MemoryTranscript:
    """A transcript that lives as long as the process."""

    def __init__(self, exchanges: Sequence[Exchange] = ()) -> None:
        """Begin with what is known already, in order."""
        self._exchanges: list[Exchange] = []
        self._numbers: dict[str, list[int]] = {}
        for exchange in exchanges:
            self.add(exchange)

    def find(self, digest: str, occurrence: int) -> Exchange | None:
        """The exchange with this digest and occurrence, or None."""
        numbers = self._numbers.get(digest, ())
        return self._exchanges[numbers[occurrence]] if occurrence < len(numbers) else None

    def add(self, exchange: Exchange) -> None:
        """Keep an exchange. Raises ValueError where its number is not the next."""
        if exchange.number != len(self._exchanges):
            raise ValueError(f"exchange {exchange.number} is not the next: that is {len(self._exchanges)}")
        self._exchanges.append(exchange)
        self._numbers.setdefault(exchange.request.digest, []).append(exchange.number)

    def settle(self, number: int, outcome: str) -> None:
        """Keep an outcome. Raises IndexError where there is no such exchange."""
        old = self._exchanges[number]
        self._exchanges[number] = Exchange(
            old.number, old.request, old.reply, old.failure, outcome, seconds=old.seconds
        )

    def exchanges(self) -> Sequence[Exchange]:
        """All exchanges in order."""
        return tuple(self._exchanges)


def canonical(value: object) -> str:
    """The one JSON text of a value: keys sorted, no blanks, ASCII only. Raises ValueError for what JSON has not."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
