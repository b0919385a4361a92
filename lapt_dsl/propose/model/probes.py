"""Probes: requests that only a model constrained by a grammar answers as expected."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from lapt_dsl.propose.exchange import JSON, Exchange, Message, Mode, Request, Task
from lapt_dsl.propose.model.options import ClientOptions

QUESTION = "Say hello."
GRAMMAR = 'start: "zq7-" DIGIT DIGIT DIGIT DIGIT\nDIGIT: "0".."9"\n'
SCHEMA: Mapping[str, JSON] = {
    "type": "object",
    "properties": {"zq7": {"type": "string", "enum": ["zq7-4718", "zq7-4719"]}},
    "required": ["zq7"],
    "additionalProperties": False,
}
BROKEN_GRAMMAR = 'start: "zq7-" missing_rule\n'
LONGEST: Mapping[Mode, int] = {"openai": 2048, "openai-chat": 2048, "json_schema": 64}
"""Tokens for an answer; 24 in other modes. In the modes of OpenAI, reasoning counts too."""

Status = Literal["honoured", "ignored", "refused", "failed"]


class ProbeClient(Protocol):
    """The part of `client.Client` that a probe needs, without the choice of a mode."""

    @property
    def options(self) -> ClientOptions:
        """Address, model and decoding options."""
        ...

    def request(
        self,
        task: Task,
        messages: Sequence[Message],
        grammar: str | None = None,
        schema: Mapping[str, JSON] | None = None,
        *,
        mode: Mode | None = None,
        parameters: Mapping[str, JSON] | None = None,
    ) -> Request:
        """A request in a mode."""
        ...

    def exchange(self, request: Request) -> Exchange:
        """Send a request. A failure of the server is returned in the exchange."""
        ...

    def settle(self, outcome: str) -> None:
        """Record the outcome of the last reply."""
        ...

    def look(self, path: str) -> str:
        """Get a path outside the OpenAI interface."""
        ...


@dataclass(frozen=True, slots=True)
class Probe:
    """The result of a probe: its status, the reason in words, and the exchange."""

    mode: Mode
    status: Status
    why: str
    exchange: Exchange


def probe(client: ProbeClient, mode: Mode) -> Probe:
    """Ask in a mode for a text that an unconstrained model would not write.

    The status is `honoured` if the model wrote it, `ignored` if it wrote something else, `refused` if the server
    rejects such requests, and `failed` otherwise. Raises LaptError as `Client.exchange` does.
    """
    request = client.request(
        "check",
        (Message("user", QUESTION),),
        GRAMMAR,
        SCHEMA,
        mode=mode,
        parameters={"max_tokens": LONGEST.get(mode, 24)},
    )
    exchange = client.exchange(request)
    status, why = _status(mode, exchange)
    client.settle(status)
    return Probe(mode, status, why, exchange)


def says_so(mode: Mode, text: str) -> bool:
    """Whether a text is what the probe's grammar, or in mode `json_schema` its schema, allows.

    >>> says_so("vllm", "zq7-0042"), says_so("vllm", "Hello!"), says_so("json_schema", '{"zq7": "zq7-4718"}')
    (True, False, True)
    """
    if mode != "json_schema":
        return re.fullmatch(r"zq7-[0-9]{4}", text.strip()) is not None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return value in ({"zq7": "zq7-4718"}, {"zq7": "zq7-4719"})


def _status(mode: Mode, exchange: Exchange) -> tuple[Status, str]:
    code = (exchange.failure or "")[:4]
    words = (exchange.failure or "")[6:]
    if exchange.failure is None and exchange.reply is not None:
        if mode == "plain":
            return "honoured", "answers"
        if says_so(mode, exchange.reply.text):
            return "honoured", "replied as only the grammar requires"
        return "ignored", "replied as without a grammar"
    if code in ("E846", "E847", "E852") and exchange.reply is not None:
        # A long greeting is an unconstrained answer.
        if mode == "plain":
            return ("failed", words) if code == "E846" else ("honoured", "answers")
        return "ignored", words if code == "E846" else "replied as without a grammar"
    if code in ("E845", "E852"):
        return "refused", words
    return "failed", words
