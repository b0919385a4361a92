"""A model server of our own on a real socket: it answers as its kind does, or goes wrong in a way that is asked for.

    with ScriptedServer("llamacpp", answers=["first", "second"]) as server:
        client = Client(ClientOptions(server.url, "scripted"))

Held to a grammar it says what the probe's grammar allows, or the next of its `answers`; it does not generate text.
What it was sent stands in `server.received`.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

import lark

from tests.propose.model.scripted_faults import FAULTS, Fault

Kind = Literal["openai", "openai-chat", "llamacpp", "vllm", "json_schema", "plain"]
GREETING = "Hello! How can I help you today?"
MODEL = "scripted"
PROBED = "zq7-"


@dataclass(frozen=True)
class Received:
    """One request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: dict[str, Any]


class ScriptedServer:
    """A server on 127.0.0.1 while it is entered.

    `kind`: whose interface and habits it has; `answers`: what it says in turn, the last one for ever, or a function of
    the request; `fault`: how completions go wrong, `times` how often before they go right again (None: always).
    `usage`, `honours_length`, `honours_grammar`: what may be switched off. `key`: the key it asks for. `elsewhere`:
    where the fault `redirect` points to.
    """

    def __init__(
        self,
        kind: Kind,
        answers: Iterable[str] | Callable[[dict[str, Any]], str] = (GREETING,),
        *,
        fault: Fault | None = None,
        times: int | None = None,
        usage: bool = True,
        honours_length: bool = True,
        honours_grammar: bool = True,
        key: str | None = None,
        elsewhere: str = "http://127.0.0.1:9/v1",
    ) -> None:
        self.kind = kind
        self.fault, self.times = fault, times
        self.usage, self.honours_length, self.honours_grammar = usage, honours_length, honours_grammar
        self.key, self.elsewhere = key, elsewhere
        self.received: list[Received] = []
        self.closing = threading.Event()
        self._answers = answers if callable(answers) else list(answers)
        self._lock = threading.Lock()
        self._http = _Listener(("127.0.0.1", 0), _Handler)
        self._http.script = self
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._http.server_address[1])

    @property
    def url(self) -> str:
        """What `base_url` is for it."""
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def completions(self) -> list[Received]:
        """The requests for completions alone."""
        return [one for one in self.received if one.method == "POST"]

    def __enter__(self) -> ScriptedServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()

    def next_fault(self) -> Fault | None:
        """The fault of this completion, if it has one."""
        with self._lock:
            if self.fault is None or self.times == 0:
                return None
            if self.times is not None:
                self.times -= 1
            return self.fault

    def text_for(self, body: dict[str, Any], constraint: str | None) -> str:
        """What is said to a request that is held to `constraint`, a grammar or schema, if to anything."""
        if constraint is not None and PROBED in constraint:
            return '{"zq7": "zq7-4718"}' if constraint.startswith("{") else "zq7-4711"
        if callable(self._answers):
            return self._answers(body)
        with self._lock:
            return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    script: ScriptedServer

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is part of the script."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Listener

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        script = self.server.script
        script.received.append(Received("GET", self.path, dict(self.headers.items()), {}))
        if self.path == "/v1/models":
            self._send(200, {"object": "list", "data": [{"id": MODEL, "object": "model"}]})
        elif self.path == "/props" and script.kind == "llamacpp":
            self._send(200, {"default_generation_settings": {}, "build_info": "scripted"})
        elif self.path == "/version" and script.kind == "vllm":
            self._send(200, {"version": "0.12.0"})
        else:
            self._send(404, {"error": {"message": "Not Found"}})

    def do_POST(self) -> None:
        script = self.server.script
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        script.received.append(Received("POST", self.path, dict(self.headers.items()), body))
        if script.key is not None and self.headers.get("Authorization") != f"Bearer {script.key}":
            self._send(401, {"error": {"message": "wrong key"}})
            return
        interface = "responses" if self.path == "/v1/responses" else "chat"
        if interface == "responses" and script.kind != "openai":
            self._send(404, {"error": {"message": "Not Found"}})
            return
        fault = script.next_fault()
        if fault is not None:
            FAULTS[fault](self, script, interface, body)
            return
        status, answer = complete(script, interface, body)
        self._send(status, answer)

    def _send(self, status: int, value: object) -> None:
        self.send_bytes(status, json.dumps(value).encode())

    def send_bytes(self, status: int, content: bytes, kind: str = "application/json", **headers: str) -> None:
        """Answer with `content`."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)


def complete(script: ScriptedServer, interface: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """What the kind of server answers: the status and its JSON."""
    grammar, schema, tool = constraint_of(script.kind, interface, body)
    if grammar is not None and not _is_valid(grammar):
        if script.kind != "llamacpp":
            return 400, {"error": {"message": "the grammar is not valid"}}
        grammar = None
    held = (grammar or schema) if script.honours_grammar else None
    text = script.text_for(body, held)
    finish = "stop"
    longest = body.get("max_tokens") or body.get("max_completion_tokens") or body.get("max_output_tokens")
    words = text.split(" ")
    if script.honours_length and longest is not None and len(words) > longest:
        text, finish = " ".join(words[:longest]), "length"
    counts = (len(json.dumps(body)) // 4, max(1, len(text.split())))
    if interface == "responses":
        return 200, response_body(script, text, finish, tool, counts)
    return 200, chat_body(script, text, finish, tool, counts)


def constraint_of(kind: Kind, interface: str, body: dict[str, Any]) -> tuple[str | None, str | None, bool]:
    """The grammar or schema that a kind of server sees in a request, and whether it is a tool's."""
    tools = body.get("tools") or []
    if kind == "openai" and interface == "responses" and tools:
        return tools[0]["format"]["definition"], None, True
    if kind in ("openai", "openai-chat") and interface == "chat" and tools:
        return tools[0]["custom"]["format"]["grammar"]["definition"], None, True
    if kind == "llamacpp" and "grammar" in body:
        head, _, grammar = body["grammar"].partition("\n")
        assert head == "%llguidance {}"
        return grammar, None, False
    if kind == "vllm" and "structured_outputs" in body:
        return body["structured_outputs"]["grammar"], None, False
    described = body.get("response_format")
    if kind != "plain" and described is not None and described["type"] == "json_schema":
        return None, json.dumps(described["json_schema"]["schema"]), False
    return None, None, False


def chat_body(script: ScriptedServer, text: str, finish: str, tool: bool, counts: tuple[int, int]) -> dict[str, Any]:
    """An answer as Chat Completions give it."""
    message: dict[str, Any] = {"role": "assistant", "content": text}
    if tool:
        call = {"id": "call_1", "type": "custom", "custom": {"name": "answer", "input": text}}
        message, finish = {"role": "assistant", "content": None, "tool_calls": [call]}, "tool_calls"
    answer = {"object": "chat.completion", "choices": [{"index": 0, "message": message, "finish_reason": finish}]}
    usage = {"prompt_tokens": counts[0], "completion_tokens": counts[1], "total_tokens": sum(counts)}
    return {**answer, "model": MODEL, **({"usage": usage} if script.usage else {})}


def response_body(
    script: ScriptedServer, text: str, finish: str, tool: bool, counts: tuple[int, int]
) -> dict[str, Any]:
    """An answer as Responses give it: reasoning first, as reasoning models do."""
    item: dict[str, Any] = {"type": "message", "content": [{"type": "output_text", "text": text}]}
    if tool:
        item = {"type": "custom_tool_call", "call_id": "call_1", "name": "answer", "input": text}
    answer: dict[str, Any] = {"object": "response", "status": "completed", "output": [{"type": "reasoning"}, item]}
    if finish == "length":
        answer |= {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}
    usage = {"input_tokens": counts[0], "output_tokens": counts[1], "total_tokens": sum(counts)}
    return {**answer, "model": MODEL, **({"usage": usage} if script.usage else {})}


def _is_valid(grammar: str) -> bool:
    try:
        lark.Lark(grammar, parser="lalr")
    except (lark.exceptions.LarkError, ValueError):
        return False
    return True
