"""Exchanges with a language model as rows of a run store."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lapt_dsl.propose.model.exchange import Exchange, Message, Reply, Request, Usage, canonical

EXCHANGE = "id, iteration, step, digest, request, reply, failure, outcome, latency, seconds"
"""The columns that `exchange_of` reads."""


@dataclass(frozen=True, slots=True)
class StoredExchange:
    """An exchange and where in the run it took place.

    `iteration`: the number of the principle file that was being written, `step`: how many architectures had been
    evaluated, `digest`: of the request.
    """

    exchange: Exchange
    iteration: int
    step: int
    digest: str


def exchange_columns(stored: StoredExchange) -> tuple[object, ...]:
    """An exchange as the columns of its table but `run`."""
    exchange = stored.exchange
    reply = exchange.reply
    return (
        exchange.number,
        stored.iteration,
        stored.step,
        exchange.request.task,
        stored.digest,
        _request_text(exchange.request),
        None if reply is None else _reply_text(reply),
        exchange.failure,
        exchange.outcome,
        None if reply is None else reply.latency,
        exchange.seconds,
    )


def exchange_of(row: tuple[Any, ...]) -> StoredExchange:
    """The inverse of `exchange_columns`, from the columns in EXCHANGE."""
    number, iteration, step, digest, request, reply, failure, outcome, latency, seconds = row
    answer = None if reply is None else _reply(json.loads(reply), latency)
    exchange = Exchange(number, _request(json.loads(request)), answer, failure, outcome, seconds=seconds)
    return StoredExchange(exchange, iteration, step, digest)


def _request_text(request: Request) -> str:
    return canonical(
        {
            "task": request.task,
            "messages": [[message.role, message.content] for message in request.messages],
            "model": request.model,
            "mode": request.mode,
            "grammar": request.grammar,
            "schema": request.schema,
            "parameters": request.parameters,
        }
    )


def _request(value: Mapping[str, Any]) -> Request:
    messages = tuple(Message(role, content) for role, content in value["messages"])
    return Request(
        value["task"],
        messages,
        value["model"],
        value["mode"],
        value["grammar"],
        value["schema"],
        value["parameters"],
    )


def _reply_text(reply: Reply) -> str:
    usage = None if reply.usage is None else [reply.usage.prompt_tokens, reply.usage.completion_tokens]
    return canonical({"text": reply.text, "usage": usage, "finish": reply.finish})


def _reply(value: Mapping[str, Any], latency: float | None) -> Reply:
    usage = None if value["usage"] is None else Usage(*value["usage"])
    return Reply(value["text"], usage, latency or 0.0, value["finish"])
