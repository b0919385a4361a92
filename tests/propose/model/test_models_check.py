"""`lapt models check`: what it finds out about servers of every kind, and how it ends."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest
from click.testing import CliRunner

from lapt_dsl.commands.main import lapt, run
from lapt_dsl.commands.options.model import ServerOptions, TranscriptOptions, build_client
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.propose.exchange import MODES
from tests.propose.model.scripted_server import MODEL, Kind, ScriptedServer

pytest.importorskip("openai")

LONG = " ".join(f"river {number}" for number in range(100))
HONOURED: dict[Kind, set[str]] = {
    "openai": {"openai", "openai-chat", "json_schema", "plain"},
    "openai-chat": {"openai-chat", "json_schema", "plain"},
    "llamacpp": {"llamacpp", "json_schema", "plain"},
    "vllm": {"vllm", "json_schema", "plain"},
    "json_schema": {"json_schema", "plain"},
    "plain": {"plain"},
}


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("LAPT_", "OPENAI_")):
            monkeypatch.delenv(name)


def checked(server: ScriptedServer, *options: str) -> tuple[int, dict[str, Any]]:
    arguments = ["models", "check", "--base-url", server.url, "--model", MODEL, "--json", *options]
    result = CliRunner().invoke(lapt, arguments, standalone_mode=False)
    assert result.exception is None, result.output
    return int(result.return_value), json.loads(result.stdout)


def facts(report: dict[str, Any]) -> dict[str, str]:
    return {fact["question"]: fact["finding"] for fact in report["facts"]}


@pytest.mark.parametrize("kind", HONOURED)
def test_it_finds_out_which_modes_are_honoured(kind: Kind) -> None:
    with ScriptedServer(kind, [LONG]) as server:
        code, report = checked(server)
    assert {row["mode"] for row in report["modes"]} == set(MODES)
    assert {row["mode"] for row in report["modes"] if row["verdict"] == "honoured"} == HONOURED[kind]
    assert code == (1 if kind == "plain" else 0)
    assert report["best"] in HONOURED[kind]
    assert report["server"] == {"llamacpp": "llama.cpp", "vllm": "vLLM"}.get(kind)
    found = facts(report)
    assert found["model listed"] == "yes"
    assert found["tokens reported"] == "yes"
    assert found["longest reply kept"] == "yes"
    assert found["same reply at temperature 0"] == "yes"
    # llama.cpp answers an invalid grammar with whatever the model says.
    expected = {"llamacpp": "no", "plain": "unknown", "json_schema": "unknown"}.get(kind, "yes")
    assert found["invalid grammar refused"] == expected
    assert report["spent"]["calls"] == len(server.completions)


def test_it_is_not_taken_in() -> None:
    numbers = iter(range(1000))
    with ScriptedServer(
        "llamacpp", lambda body: f"{next(numbers)} {LONG}", honours_grammar=False, honours_length=False, usage=False
    ) as server:
        code, report = checked(server)
    assert code == 1
    assert report["best"] == "plain"
    verdicts = {row["mode"]: row["verdict"] for row in report["modes"]}
    assert verdicts["llamacpp"] == verdicts["json_schema"] == "ignored"
    found = facts(report)
    assert found["tokens reported"] == "no"
    assert found["longest reply kept"] == "no"
    assert found["same reply at temperature 0"] == "no"
    assert found["seed honoured at temperature 1"] == "no"


def test_a_seed_that_matters_is_seen() -> None:
    with ScriptedServer("plain", lambda body: f"seed {body.get('seed')}") as server:
        _, report = checked(server)
    assert facts(report)["seed honoured at temperature 1"] == "yes"


@pytest.mark.parametrize("fault", ["html", "key-echoed", "failing", "refusal"])
def test_where_nobody_answers_it_says_why(fault: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAPT_API_KEY", "key-of-this-test")
    with ScriptedServer("plain", fault=fault) as server:
        arguments = ["models", "check", "--base-url", server.url, "--model", MODEL, "--retries", "0"]
        assert run(arguments) == 2


def test_it_keeps_to_its_time(capsys: pytest.CaptureFixture[str]) -> None:
    with ScriptedServer("plain", fault="drip") as server:
        assert run(["models", "check", "--base-url", server.url, "--model", MODEL, "--seconds", "0.4"]) == 2
    assert "E844" in capsys.readouterr().err


@pytest.mark.slow
def test_where_time_runs_out_the_rest_is_not_asked(capsys: pytest.CaptureFixture[str]) -> None:
    def once(body: dict[str, Any]) -> str:
        if len(server.completions) > 1:
            server.closing.wait(20)
        return "hello"

    with ScriptedServer("plain", once) as server:
        assert run(["models", "check", "--base-url", server.url, "--model", MODEL, "--seconds", "4"]) == 1
    out = capsys.readouterr().out
    assert "there was no time left to ask" in out
    assert "no constrained mode works" in out


def test_the_table_is_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    with ScriptedServer("vllm", [LONG]) as server:
        assert run(["models", "check", "--base-url", server.url, "--model", "other"]) == 0
    out = capsys.readouterr().out
    assert "vLLM" in out.splitlines()[0]
    assert out.rstrip().endswith("use --mode vllm")
    assert f"the list holds: {MODEL}" in out


def test_a_replay_needs_no_address_model_or_key(tmp_path: Any) -> None:
    from lapt_dsl.propose.exchange import Message

    path = str(tmp_path / "run.jsonl")
    with ScriptedServer("vllm", ["hello"]) as server:
        first = build_client(
            ServerOptions(base_url=server.url, model=MODEL),
            transcripts=TranscriptOptions(transcript=path),
            say=lambda _: None,
        )
        reply = first.ask(first.request("learn", (Message("user", "hi"),)))
    said: list[str] = []
    again = build_client(ServerOptions(), transcripts=TranscriptOptions(replay=path), say=said.append)
    assert again.ask(again.request("learn", (Message("user", "hi"),))) == reply
    assert said == ["mode vllm, as recorded"]


def test_a_key_is_taken_from_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    import click

    monkeypatch.setenv("MY_KEY", "key-of-this-test")
    assert build_client(ServerOptions(model=MODEL, key_from="MY_KEY")).options.key == "key-of-this-test"
    with pytest.raises(click.UsageError, match="variable OTHER is not set"):
        build_client(ServerOptions(model=MODEL, key_from="OTHER"))
    with pytest.raises(LaptError, match="E840"):
        build_client(ServerOptions())
