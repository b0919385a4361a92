"""Every mode against a server that has it, and every way in which a server can go wrong, over real sockets."""

from __future__ import annotations

import json
import re
import socket
from typing import Any, get_args

import pytest

from lapt_dsl.diagnostics.codes import CODES
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.propose.exchange import MODES, Exchange, MemoryTranscript, Message, Mode, Request
from lapt_dsl.propose.model.client import Client
from lapt_dsl.propose.model.options import ClientOptions, options_from
from tests.propose.model.scripted_faults import FAULTS, Fault, answers
from tests.propose.model.scripted_server import MODEL, Kind, ScriptedServer

pytest.importorskip("openai")

GRAMMAR = 'start: "principles p for any;" "\\n"\n'
SCHEMA = {"type": "object", "properties": {"principles": {"type": "array", "items": {"type": "string"}}}}
MESSAGES = (Message("system", "You design networks."), Message("user", "Write principles.\nUse ümläuts."))
KINDS: tuple[Kind, ...] = MODES

EXPECTED: dict[Fault, str] = {
    "timeout": "E844",
    "drip": "E844",
    "drip-headers": "E844",
    "rate-limited": "E843",
    "rate-limited-long": "E843",
    "failing": "E845",
    "overloaded-page": "E845",
    "cut": "E857",
    "hang-up": "E857",
    "nothing": "E846",
    "empty": "E846",
    "blank": "E846",
    "endless": "E847",
    "huge": "E847",
    "not-utf8": "E848",
    "half-character": "E848",
    "html": "E848",
    "not-json": "E848",
    "nested": "E848",
    "wrong-shape": "E848",
    "no-choice": "E848",
    "error-in-200": "E845",
    "refusal": "E849",
    "no-tool": "E852",
    "bad-request": "E845",
    "key-echoed": "E842",
    "key-in-reason": "E845",
    "redirect": "E856",
}
SLOW = ("timeout", "drip", "drip-headers")
REPEATED = ("rate-limited", "failing", "overloaded-page", "cut", "hang-up")


def client_for(server: ScriptedServer, mode: Any, waits: list[float] | None = None, **options: Any) -> Client:
    pauses = waits if waits is not None else []
    return Client(
        ClientOptions(server.url, MODEL, mode=mode, retries=options.pop("retries", 2), **options), wait=pauses.append
    )


def ask(client: Client) -> Request:
    return client.request("learn", MESSAGES, GRAMMAR, SCHEMA)


@pytest.mark.parametrize("mode", MODES)
def test_a_mode_gets_its_answer(mode: Mode) -> None:
    with ScriptedServer(mode, ["principles p for any;\n"]) as server:
        client = client_for(server, mode, seed=3, temperature=0.5, max_tokens=99)
        reply = client.ask(ask(client))
    assert reply.text == "principles p for any;\n"
    assert reply.usage is not None
    assert reply.usage.prompt_tokens > 10
    assert reply.latency > 0
    sent = server.completions[0]
    assert "authorization" not in {name.lower() for name in sent.headers}
    assert sent.body["temperature"] == 0.5
    longest = {"openai": "max_output_tokens", "openai-chat": "max_completion_tokens"}.get(mode, "max_tokens")
    assert sent.body[longest] == 99
    # The Responses interface has no seed.
    assert sent.body.get("seed") == (None if mode == "openai" else 3)
    assert [message["content"] for message in sent.body.get("messages") or sent.body["input"]] == [
        message.content for message in MESSAGES
    ]


@pytest.mark.parametrize("mode", MODES)
def test_a_grammar_stands_where_the_server_looks_for_it(mode: Mode) -> None:
    with ScriptedServer(mode) as server:
        client = client_for(server, mode)
        client.ask(ask(client))
    body = server.completions[0].body
    places: dict[Mode, Any] = {
        "openai": lambda: body["tools"][0]["format"]["definition"],
        "openai-chat": lambda: body["tools"][0]["custom"]["format"]["grammar"]["definition"],
        "llamacpp": lambda: body["grammar"].removeprefix("%llguidance {}\n"),
        "vllm": lambda: body["structured_outputs"]["grammar"],
        "json_schema": lambda: body["response_format"]["json_schema"]["schema"],
        "plain": lambda: None,
    }
    assert places[mode]() == {"json_schema": SCHEMA, "plain": None}.get(mode, GRAMMAR)
    assert ("grammar" in json.dumps(body)) == (mode not in ("json_schema", "plain"))


def test_every_fault_is_covered() -> None:
    assert set(EXPECTED) | {"key-in-reply"} == set(get_args(Fault))


@pytest.mark.parametrize("fault", EXPECTED)
@pytest.mark.parametrize("mode", MODES)
def test_a_fault_ends_in_its_code_and_is_recorded(mode: Mode, fault: Fault) -> None:
    has_tool = mode in ("openai", "openai-chat")
    if fault == "no-tool" and not has_tool:
        pytest.skip("there is no tool in this mode")
    waits: list[float] = []
    with ScriptedServer(mode, fault=fault) as server:
        seconds = 0.15 if fault in SLOW else 30.0
        client = client_for(server, mode, waits, timeout=seconds, max_bytes=500_000, key="key-of-this-test")
        with pytest.raises(LaptError) as caught:
            client.ask(ask(client))
    (finding,) = caught.value.diagnostics
    assert finding.code == EXPECTED[fault]
    assert CODES[finding.code].severity == finding.severity
    assert finding.hint
    assert "\x1b" not in finding.message
    (exchange,) = client.transcript.exchanges()
    assert exchange.failure is not None
    assert exchange.failure.startswith(finding.code)
    assert len(server.completions) == (3 if fault in REPEATED else 1)
    assert len(waits) == (2 if fault in REPEATED else 0)


@pytest.mark.parametrize("fault", REPEATED)
@pytest.mark.parametrize("mode", MODES)
def test_what_passes_is_overcome(mode: Mode, fault: Fault) -> None:
    waits: list[float] = []
    with ScriptedServer(mode, ["at last"], fault=fault, times=2) as server:
        client = client_for(server, mode, waits)
        assert client.ask(ask(client)).text == "at last"
    assert len(server.completions) == 3
    assert client.budget.spent.calls == 1
    if fault == "rate-limited":
        assert waits == [2.0, 2.0]
    else:
        assert waits[0] < waits[1]


def test_no_attempt_is_made_after_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FAULTS, "rate-limited", answers(429, "slow down", Retry_After="120"))
    waits: list[float] = []
    with ScriptedServer("plain", fault="rate-limited") as server:
        client = client_for(server, "plain", waits, timeout=60.0)
        with pytest.raises(LaptError, match=r"E843.*time-out of 60 seconds"):
            client.ask(ask(client))
    assert waits == []
    assert len(server.completions) == 1


def test_nobody_listens() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # taken, so nobody else listens there either
        port = held.getsockname()[1]
        url = f"http://127.0.0.1:{port}/v1"
        client = Client(ClientOptions(url, MODEL, mode="plain", retries=1), wait=lambda _: None)
        with pytest.raises(LaptError, match=f"E841.*:{port}"):
            client.ask(ask(client))


def test_a_redirect_takes_nothing_elsewhere() -> None:
    with ScriptedServer("plain") as other, ScriptedServer("plain", fault="redirect", elsewhere=other.url) as server:
        client = client_for(server, "plain", key="key-of-this-test")
        with pytest.raises(LaptError, match=f"E856.*:{other.port}"):
            client.ask(ask(client))
    assert other.received == []


@pytest.mark.parametrize("mode", [mode for mode in MODES if mode not in ("plain", "json_schema")])
def test_an_invalid_grammar_is_not_sent(mode: Mode) -> None:
    with ScriptedServer(mode) as server:
        client = client_for(server, mode)
        with pytest.raises(LaptError, match="E853"):
            client.ask(client.request("learn", MESSAGES, 'start: "a" missing\n'))
    assert server.received == []
    assert client.transcript.exchanges() == ()


@pytest.mark.parametrize("kind", KINDS)
def test_auto_finds_what_a_server_honours(kind: Kind) -> None:
    said: list[str] = []
    with ScriptedServer(kind) as server:
        client = Client(ClientOptions(server.url, MODEL), say=said.append)
        mode = client.mode
        assert client.mode == mode
    # Both interfaces of OpenAI take the grammar; its address, not its behaviour, tells which to prefer.
    assert mode == {"openai": "openai-chat"}.get(kind, kind)
    assert said[0].startswith(f"mode {mode}: ")
    assert len(said) == 1
    outcomes = [exchange.outcome for exchange in client.transcript.exchanges()]
    assert outcomes.count("honoured") == (kind != "plain")


@pytest.mark.parametrize("kind", ["llamacpp", "vllm", "openai-chat"])
def test_auto_is_not_taken_in_by_a_server_that_ignores_grammars(kind: Kind) -> None:
    with ScriptedServer(kind, honours_grammar=False) as server:
        client = Client(ClientOptions(server.url, MODEL))
        assert client.mode == "plain"


def test_auto_stops_where_every_mode_would_fail() -> None:
    with ScriptedServer("plain", key="the right key") as server:
        client = Client(ClientOptions(server.url, MODEL, key="the wrong key"))
        with pytest.raises(LaptError, match="E842"):
            _ = client.mode
        assert len(server.completions) == 1


def test_a_resumed_run_asks_nothing_twice() -> None:
    transcript = MemoryTranscript()
    with ScriptedServer("plain", ["one", "two", "three"]) as server:
        first = Client(ClientOptions(server.url, MODEL, mode="plain"), transcript=transcript)
        texts = [first.ask(ask(first)).text for _ in range(2)]
        first.settle("accepted")
        resumed = Client(ClientOptions(server.url, MODEL), transcript=transcript)
        assert resumed.mode == "plain"
        assert resumed.budget.spent == first.budget.spent
        assert [resumed.ask(ask(resumed)).text for _ in range(3)] == [*texts, "three"] == ["one", "two", "three"]
        skipped = Client(ClientOptions(server.url, MODEL), transcript=MemoryTranscript(transcript.exchanges()[:2]))
        skipped.skip(2)
        assert skipped.ask(ask(skipped)).text == "three"
    assert [exchange.outcome for exchange in transcript.exchanges()] == ["", "accepted", ""]


def test_a_recorded_failure_fails_again_without_a_call() -> None:
    transcript = MemoryTranscript()
    with ScriptedServer("plain", fault="refusal") as server:
        for _ in range(2):
            client = Client(ClientOptions(server.url, MODEL, mode="plain"), transcript=transcript)
            with pytest.raises(LaptError, match="E849 the model refused: I must not"):
                client.ask(ask(client))
    assert len(server.completions) == 1


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"base_url": "ftp://host/v1"}, "not an http or https"),
    ({"base_url": "host/v1"}, "not an http or https"),
    ({"base_url": "http://host:99999/v1"}, "not an http or https"),
    ({"base_url": "http://ho st/v1"}, "not an http or https"),
    ({"base_url": "http://host/v1\n"}, "not an http or https"),
    ({"base_url": "http://h\u2603st/v1"}, "not an http or https"),
    ({"base_url": "http://" + "a" * 64 + "/v1"}, "not an http or https"),
    ({"base_url": "https://user:pass@host/v1"}, "a user, a password"),
    ({"base_url": "https://host/v1?key=abc"}, "a query"),
    ({"base_url": "http://example.com/v1", "key": "abcdefgh"}, "unencrypted to example.com"),
    ({"key": "abc\ndef"}, "a line break"),
    ({"key": " abcdefgh"}, "outer blanks"),
    ({"mode": "gbnf"}, "no mode `gbnf`"),
    ({"model": ""}, "no model"),
    ({"max_tokens": 0}, "`max_tokens`"),
    ({"timeout": float("nan")}, "time-out"),
    ({"temperature": float("inf")}, "temperature"),
]


@pytest.mark.parametrize(("wrong", "words"), WRONG)
def test_settings_that_cannot_work_are_refused(wrong: dict[str, Any], words: str) -> None:
    settings: dict[str, Any] = {"base_url": "http://127.0.0.1/v1", "model": MODEL, **wrong}
    with pytest.raises(LaptError, match=f"E840 .*{words}"):
        ClientOptions(**settings)


def test_settings_come_from_the_environment() -> None:
    said: list[str] = []
    both = {"LAPT_BASE_URL": "http://127.0.0.1:1/v1", "LAPT_MODEL": "m", "OPENAI_API_KEY": "of-openai"}
    local = options_from(both, say=said.append)
    assert (local.base_url, local.model, local.key) == ("http://127.0.0.1:1/v1", "m", None)
    assert "OPENAI_API_KEY is sent to OpenAI only" in said[0]
    assert options_from({**both, "LAPT_API_KEY": "mine"}).key == "mine"
    assert options_from({"OPENAI_API_KEY": "of-openai"}, model="m") == ClientOptions(
        "https://api.openai.com/v1", "m", "of-openai"
    )
    theirs = {"OPENAI_BASE_URL": "https://proxy.example/v1", "OPENAI_API_KEY": "of-openai"}
    assert options_from(theirs, model="m").key == "of-openai"
    assert options_from(theirs, model="m", base_url="https://other.example/v1").key is None
    with pytest.raises(LaptError, match="E840 no model"):
        options_from({})
    assert options_from({}, base_url="http://h.example/v1", model="m", key="abcdefgh", insecure=True).insecure


def test_usage_that_cannot_be_is_as_good_as_none() -> None:
    from lapt_dsl.propose.model.answers import read

    for counts in ({"prompt_tokens": -1, "completion_tokens": 2}, {"prompt_tokens": True, "completion_tokens": 2}, 7):
        body = {"choices": [{"message": {"content": "x"}, "finish_reason": None}], "usage": counts}
        assert read("chat", body).usage is None


BROKEN: list[tuple[Any, str]] = [
    ([], "the reply is no object"),
    ({}, "`choices` is missing"),
    ({"choices": []}, "`choices` is empty"),
    ({"choices": [{"message": "hello"}]}, "`choices[0].message` is no object"),
    ({"choices": [{"message": {"content": 7}}]}, "`choices[0].message.content` is no list"),
    ({"choices": [{"message": {"content": [{"text": 7}]}}]}, "`choices[0].message.content[0].text` is no text"),
    ({"choices": [{"message": {"refusal": {"a": 1}}}]}, "`choices[0].message.refusal` is no text"),
    ({"output": [{"type": "reasoning"}, 7]}, "`output[1]` is no object"),
    ({"output": [{"type": "custom_tool_call"}]}, "`output[0].custom_tool_call.input` is missing"),
    ({"output": [{"type": "message", "content": None}]}, "`output[0].message.content` is no list"),
]


@pytest.mark.parametrize(("body", "message"), BROKEN)
def test_a_reply_of_another_format_names_the_place(body: Any, message: str) -> None:
    from lapt_dsl.propose.model.answers import read

    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        read("responses" if "output" in body else "chat", body)


def test_what_holds_no_answer_is_not_checked() -> None:
    from lapt_dsl.propose.model.answers import read

    parts = [{"type": "refusal", "refusal": 7}, {"type": "image"}, {"type": "output_text", "text": "x"}]
    items = [{"type": "reasoning", "content": 7}, {"type": "message", "content": parts}]
    found = read("responses", {"output": items, "status": None, "incomplete_details": 7, "id": 7})
    assert (found.text, found.finish, found.refusal, found.usage) == ("x", "", "no reason given", None)
    message = {"content": "x", "refusal": "", "reasoning": 7, "tool_calls": [{"function": {}}, {"custom": None}]}
    answer = read("chat", {"choices": [{"message": message, "finish_reason": 7}], "usage": "?"})
    assert (answer.text, answer.finish, answer.refusal, answer.called) == ("x", "", None, False)


def test_an_exchange_tells_what_it_took() -> None:
    with ScriptedServer("plain") as server:
        client = client_for(server, "plain")
        exchange = client.exchange(ask(client))
    assert isinstance(exchange, Exchange)
    assert client.last == exchange
    assert exchange.reply is not None
    assert exchange.seconds >= exchange.reply.latency > 0
