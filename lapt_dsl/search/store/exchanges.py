"""Exchanges with a language model as rows of a run store."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from lapt_dsl.propose.exchange import Exchange, canonical
from lapt_dsl.propose.model.records import exchange_from_json, exchange_to_json

EXCHANGE = "id, iteration, step, digest, request, reply, failure, outcome, latency, seconds"
"""The columns that `exchange_of` reads."""

DIGESTED = (
    "iteration, step, task, digest, request, reply, failure, outcome FROM exchanges "
    "WHERE task <> 'check' AND (failure IS NULL OR outcome NOT IN ('', 'failed')) ORDER BY id"
)
"""What the digest of a run covers. Excluded are durations, probes of the server's mode, and failures that stopped the
run until it was resumed: an uninterrupted run has none of them."""

_REQUEST = ("task", "model", "mode", "parameters", "messages", "grammar", "schema")


@dataclass(frozen=True, slots=True)
class StoredExchange:
    """An exchange and its place in the run.

    Attributes:
        exchange: The exchange.
        iteration: Number of the principle file that the exchange was for.
        step: Number of architectures evaluated before it.
    """

    exchange: Exchange
    iteration: int
    step: int


def is_answer(exchange: Exchange) -> bool:
    """Whether the run continued after an exchange: it has a reply, or its failure was handled."""
    return exchange.failure is None or exchange.outcome not in ("", "failed")


def exchange_columns(stored: StoredExchange) -> tuple[object, ...]:
    """An exchange as the columns of its table, without `run`."""
    value = exchange_to_json(stored.exchange)
    reply = dict(value["reply"] or {})
    latency = reply.pop("latency", None)
    return (
        stored.exchange.number,
        stored.iteration,
        stored.step,
        value["task"],
        value["digest"],
        canonical({key: value[key] for key in _REQUEST}),
        canonical(reply) if reply else None,
        value["failure"],
        value["outcome"],
        latency,
        value["seconds"],
    )


def exchange_of(row: tuple[Any, ...]) -> StoredExchange:
    """The inverse of `exchange_columns`, from the columns in EXCHANGE. Raises ValueError for an invalid row."""
    number, iteration, step, digest, request, reply, failure, outcome, latency, seconds = row
    value = {
        **json.loads(request),
        "number": number,
        "digest": digest,
        "reply": None if reply is None else {**json.loads(reply), "latency": latency},
        "failure": failure,
        "outcome": outcome,
        "seconds": seconds,
    }
    return StoredExchange(exchange_from_json(value), iteration, step)
