"""Exchanges as JSON and back, exactly; what is read back is checked first, since a transcript is a file like any."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from lapt_dsl.propose.exchange import MODES, ROLES, TASKS, Exchange, Message, Reply, Request, Usage
from lapt_dsl.propose.model.failures import is_recorded

MOST_TOKENS = 10**9
"""More tokens than this in one call is a mistake of whoever counted."""

Name = TypeVar("Name", bound=str)


def exchange_to_json(exchange: Exchange) -> dict[str, Any]:
    """An exchange as JSON values."""
    request, reply = exchange.request, exchange.reply
    return {
        "number": exchange.number,
        "digest": request.digest,
        "task": request.task,
        "model": request.model,
        "mode": request.mode,
        "parameters": request.parameters,
        "messages": [{"role": message.role, "content": message.content} for message in request.messages],
        "grammar": request.grammar,
        "schema": request.schema,
        "reply": None if reply is None else _reply_to_json(reply),
        "failure": exchange.failure,
        "outcome": exchange.outcome,
        "seconds": exchange.seconds,
    }


def exchange_from_json(value: object) -> Exchange:
    """The exchange that JSON values stand for. Raises ValueError for anything else, and for one that was changed."""
    fields = _mapping(value, "an exchange")
    messages = tuple(_message(item) for item in _list(fields.get("messages"), "`messages`"))
    request = Request(
        _one_of(fields.get("task"), TASKS, "`task`"),
        messages,
        _text(fields.get("model"), "`model`"),
        _one_of(fields.get("mode"), MODES, "`mode`"),
        _maybe_text(fields.get("grammar"), "`grammar`"),
        None if fields.get("schema") is None else _mapping(fields["schema"], "`schema`"),
        _mapping(fields.get("parameters"), "`parameters`"),
    )
    if request.digest != fields.get("digest"):
        raise ValueError("the request is not the one that its digest was made of")
    failure = _maybe_text(fields.get("failure"), "`failure`")
    if failure is not None and not is_recorded(failure):
        raise ValueError("`failure` is no failure of a model")
    reply = None if fields.get("reply") is None else _reply(fields["reply"])
    if reply is None and failure is None:
        raise ValueError("there is neither a reply nor a failure")
    number = _count(fields.get("number"), "`number`")
    outcome = _text(fields.get("outcome"), "`outcome`")
    return Exchange(number, request, reply, failure, outcome, seconds=_seconds(fields.get("seconds"), "`seconds`"))


def _reply_to_json(reply: Reply) -> dict[str, Any]:
    usage = reply.usage
    return {
        "text": reply.text,
        "usage": None
        if usage is None
        else {"prompt_tokens": usage.prompt_tokens, "completion_tokens": usage.completion_tokens},
        "latency": reply.latency,
        "finish": reply.finish,
    }


def _reply(value: object) -> Reply:
    fields = _mapping(value, "`reply`")
    usage = None
    if fields.get("usage") is not None:
        counts = _mapping(fields["usage"], "`usage`")
        usage = Usage(
            _count(counts.get("prompt_tokens"), "`prompt_tokens`"),
            _count(counts.get("completion_tokens"), "`completion_tokens`"),
        )
    return Reply(
        _text(fields.get("text"), "`text`"),
        usage,
        _seconds(fields.get("latency"), "`latency`"),
        _text(fields.get("finish"), "`finish`"),
    )


def _message(value: object) -> Message:
    fields = _mapping(value, "a message")
    return Message(_one_of(fields.get("role"), ROLES, "`role`"), _text(fields.get("content"), "`content`"))


def _mapping(value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{what} is no object")
    return value


def _list(value: object, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(f"{what} is no list")
    return value


def _text(value: object, what: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{what} is no text")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError(f"{what} holds half a character") from error
    return value


def _maybe_text(value: object, what: str) -> str | None:
    return None if value is None else _text(value, what)


def _one_of(value: object, words: Iterable[Name], what: str) -> Name:
    for word in words:
        if value == word:
            return word
    raise ValueError(f"{what} is none of {', '.join(words)}")


def _count(value: object, what: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MOST_TOKENS:
        raise ValueError(f"{what} is no count")
    return value


def _seconds(value: object, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise ValueError(f"{what} is no number of seconds")
    return float(value)
