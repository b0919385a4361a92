"""How a scripted server goes wrong: what each fault sends in place of an answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Literal, get_args

Fault = Literal[
    "timeout",
    "drip",
    "drip-headers",
    "rate-limited",
    "rate-limited-long",
    "failing",
    "overloaded-page",
    "cut",
    "hang-up",
    "nothing",
    "empty",
    "blank",
    "endless",
    "huge",
    "not-utf8",
    "half-character",
    "html",
    "not-json",
    "nested",
    "wrong-shape",
    "no-choice",
    "error-in-200",
    "refusal",
    "no-tool",
    "bad-request",
    "key-echoed",
    "key-in-reason",
    "key-in-reply",
    "redirect",
]
PAUSE = 0.02


def answers(status: int, message: str, **headers: str) -> Callable[..., None]:
    def send(handler: Any, script: Any, interface: str, body: dict[str, Any]) -> None:
        handler.send_bytes(status, json.dumps({"error": {"message": message}}).encode(), **headers)

    return send


def _ok(content: bytes, kind: str = "application/json") -> Callable[..., None]:
    def send(handler: Any, script: Any, interface: str, body: dict[str, Any]) -> None:
        handler.send_bytes(200, content, kind)

    return send


def _answer(interface: str, text: Any, finish: str = "stop") -> dict[str, Any]:
    """An answer of the right shape, the text where a model without a tool would put it."""
    if interface == "responses":
        answer = {
            "status": "completed",
            "output": [{"type": "message", "content": [{"type": "output_text", "text": text}]}],
        }
        if finish == "length":
            answer |= {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}
        return answer
    return {"choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish}]}


def _called(interface: str, body: dict[str, Any], text: str, finish: str = "stop") -> dict[str, Any]:
    """An answer of the right shape, through the tool where there is one."""
    if not body.get("tools"):
        return _answer(interface, text, finish)
    if interface == "responses":
        answer: dict[str, Any] = _answer(interface, text, finish)
        answer["output"] = [{"type": "custom_tool_call", "call_id": "c", "name": "answer", "input": text}]
        return answer
    answer = _answer(interface, None, finish if finish == "length" else "tool_calls")
    answer["choices"][0]["message"]["tool_calls"] = [{"id": "c", "type": "custom", "custom": {"input": text}}]
    return answer


def _says(text: str, finish: str = "stop") -> Callable[..., None]:
    def send(handler: Any, script: Any, interface: str, body: dict[str, Any]) -> None:
        handler.send_bytes(200, json.dumps(_called(interface, body, text, finish)).encode())

    return send


def _without_tool(handler: Any, script: Any, interface: str, body: dict[str, Any]) -> None:
    handler.send_bytes(200, json.dumps(_answer(interface, "I would rather talk about it.")).encode())


def _timeout(handler: Any, script: Any, interface: str, body: dict[str, Any]) -> None:
    script.closing.wait(30)


def _drip(handler: Any, script: Any, interface: str, body: dict[str, Any]) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    while not script.closing.wait(PAUSE):
        handler.wfile.write(b" ")


def _drip_headers(handler: Any, script: Any, interface: str, body: dict[str, Any]) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not script.closing.wait(PAUSE):
        handler.wfile.write(b"z")


def _cut(handler: Any, script: Any, interface: str, body: dict[str, Any]) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "5000")
    handler.end_headers()
    handler.wfile.write(b'{"choices": [{"mess')
    handler.close_connection = True


def _hang_up(handler: Any, script: Any, interface: str, body: dict[str, Any]) -> None:
    handler.close_connection = True


def _huge(handler: Any, script: Any, interface: str, body: dict[str, Any]) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Connection", "close")
    handler.end_headers()
    handler.wfile.write(b'{"choices": "')
    while not script.closing.is_set():
        handler.wfile.write(b"x" * 65_536)


def _redirect(handler: Any, script: Any, interface: str, body: dict[str, Any]) -> None:
    handler.send_bytes(307, b"", Location=script.elsewhere + handler.path.removeprefix("/v1"))


def _refusal(handler: Any, script: Any, interface: str, body: dict[str, Any]) -> None:
    answer = _answer(interface, None)
    if interface == "responses":
        answer["output"][0]["content"] = [{"type": "refusal", "refusal": "I must not."}]
    else:
        answer["choices"][0]["message"]["refusal"] = "I must not."
    handler.send_bytes(200, json.dumps(answer).encode())


def _key_echoed(handler: Any, script: Any, interface: str, body: dict[str, Any]) -> None:
    key = handler.headers.get("Authorization", "")
    error = {"error": {"message": f"bad header: {key}", "code": key}}
    handler.send_bytes(401, json.dumps(error).encode(), X_Your_Key=key)


def _key_in_reason(handler: Any, script: Any, interface: str, body: dict[str, Any]) -> None:
    key = handler.headers.get("Authorization", "")
    handler.send_response(400, f"Bad {key}")
    handler.send_header("Content-Length", "0")
    handler.send_header("X-Your-Key", key)
    handler.end_headers()


def _key_in_reply(handler: Any, script: Any, interface: str, body: dict[str, Any]) -> None:
    key = handler.headers.get("Authorization", "")
    escaped = "".join(f"\\u{ord(char):04x}" for char in key)
    text = json.dumps(_called(interface, body, f"{key} and SPELLED")).replace("SPELLED", escaped)
    handler.send_bytes(200, text.encode())


FAULTS: dict[Fault, Callable[..., None]] = {
    "timeout": _timeout,
    "drip": _drip,
    "drip-headers": _drip_headers,
    "rate-limited": answers(429, "slow down", Retry_After="2"),
    "rate-limited-long": answers(429, "come back tomorrow", Retry_After="86400"),
    "failing": answers(503, "out of memory"),
    "overloaded-page": lambda handler, script, interface, body: handler.send_bytes(502, b"<html>502", "text/html"),
    "cut": _cut,
    "hang-up": _hang_up,
    "nothing": _ok(b""),
    "empty": _says(""),
    "blank": _says(" \n\t"),
    "endless": _says("again and again", "length"),
    "huge": _huge,
    "not-utf8": _ok(b'{"choices": [{"message": {"content": "\xff\xfe"}}]}'),
    "half-character": lambda handler, script, interface, body: handler.send_bytes(
        200, json.dumps(_called(interface, body, "HALF")).replace("HALF", "\\ud83d").encode()
    ),
    "html": _ok(b"<!DOCTYPE html><html><body>Welcome</body></html>", "text/html"),
    "not-json": _ok(b"principles p for any;", "text/plain"),
    "nested": _ok(b"[" * 200_000),
    "wrong-shape": _ok(b'{"choices": {"0": "hello"}, "output": "hello"}'),
    "no-choice": _ok(b'{"choices": [], "output": [7]}'),
    "error-in-200": _ok(b'{"error": {"message": "model crashed"}}'),
    "refusal": _refusal,
    "no-tool": _without_tool,
    "bad-request": answers(400, "context is full\x1b[31m"),
    "key-echoed": _key_echoed,
    "key-in-reason": _key_in_reason,
    "key-in-reply": _key_in_reply,
    "redirect": _redirect,
}
assert set(FAULTS) == set(get_args(Fault))
