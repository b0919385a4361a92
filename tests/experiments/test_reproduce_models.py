"""`lapt reproduce models`: several endpoints side by side, those that go wrong among them, recorded and replayed."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lapt_dsl.commands.main import run
from lapt_dsl.commands.options.endpoints import parse_endpoint, read_endpoints
from lapt_dsl.commands.views.models_table import show
from tests.propose.model.scripted_server import Received, ScriptedServer
from tests.search.small_tables import TINY, small_space, write_table

pytest.importorskip("openai")

UPDATE = bool(os.environ.get("LAPT_UPDATE_GOLDEN"))
GOLDEN = Path(__file__).parent / "golden" / "reproduce_models.txt"
BASE = ["reproduce", "models", "--table", "table.csv", "--space", "tiny.space", "--source", "task0"]
QUICK = [*BASE, "--methods", "box,random", "--budget", "9", "--interval", "4", "--retries", "0", "--workers", "1"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in list(os.environ):
        if name.startswith(("LAPT_", "OPENAI_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    Path("tiny.space").write_text(TINY, encoding="utf-8")
    write_table(Path("table.csv"), small_space(TINY), (0, 1, 2))
    return tmp_path


def able(body: dict[str, Any]) -> str:
    """Each file forbids an operator at another layer than the one before, so that each leaves another set."""
    said = body["messages"][-1]["content"]
    extended = re.search(r'extends "(\d+)-\w+\.lp";', said)
    number = int(extended[1]) + 1 if extended else 0
    drop = "drop p;\n" if extended else ""
    head = f"principles a for tiny;\n{extended[0] if extended else ''}\n{drop}"
    return f"{head}principle p {{ layer {number % 3}: never {('skip', 'none')[number % 2]}; }}\n"


def forgetful(body: dict[str, Any]) -> str:
    """A wrong name first, and what is right when it is told."""
    said = body["messages"][-1]["content"]
    return able(body) if "correct your file" in said else able(body).replace("never", "never the")


@pytest.fixture
def servers() -> Iterator[dict[str, ScriptedServer]]:
    with (
        ScriptedServer("llamacpp", able) as good,
        ScriptedServer("plain", forgetful) as slow,
        ScriptedServer("plain", ["I would rather talk about the weather."]) as useless,
        ScriptedServer("llamacpp", able, key="another") as closed,
    ):
        yield {"good": good, "slow": slow, "useless": useless, "closed": closed}


def endpoints(servers: dict[str, ScriptedServer], *names: str) -> list[str]:
    modes = {"good": "llamacpp", "slow": "plain", "useless": "plain", "closed": "llamacpp"}
    return [
        word
        for name in names
        for word in ("--endpoint", f"{name}={servers[name].url},model=scripted,mode={modes[name]}")
    ]


DEAD = ["--endpoint", "dead=http://127.0.0.1:9/v1,model=scripted"]


def said(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> tuple[str, str]:
    capsys.readouterr()
    assert run(arguments) == code, capsys.readouterr().err
    out, err = capsys.readouterr()
    return out, err


def values(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(said(capsys, *arguments, "--json")[0])
    return found


def row(found: dict[str, Any], name: str) -> dict[str, Any]:
    return next(each for each in found["rows"] if each["name"] == name)


@pytest.mark.slow
def test_good_and_bad_endpoints_side_by_side(
    servers: dict[str, ScriptedServer], capsys: pytest.CaptureFixture[str]
) -> None:
    named = endpoints(servers, "good", "slow", "useless", "closed")
    found = values(capsys, *QUICK, *named, *DEAD, "--seeds", "2", "--rounds", "1")
    good, slow, useless = (row(found, name) for name in ("good", "slow", "useless"))
    assert [each["name"] for each in found["rows"]] == [
        "good", "slow", "useless", "closed", "dead", "box", "random",
    ]  # fmt: skip
    asked = good["asked"]
    # One to learn, and after 4 and 8 evaluations one to change, on two targets with two seeds.
    assert asked["files"] == asked["calls"] == asked["accepted_first_try"] == asked["compiled_first_try"] == 9
    assert asked["repair_rounds"] == asked["refused"] == asked["fell_back"] == 0
    assert not good["failed"]
    assert good["rank"]["runs"] == 2
    assert {name: rank["runs"] for name, rank in good["ranks"].items()} == {"task1": 2, "task2": 2}
    assert slow["asked"]["files"] == slow["asked"]["repair_rounds"] == 9
    assert slow["asked"]["accepted_first_try"] == slow["asked"]["compiled_first_try"] == 0
    # What is learned is the same, and so is what is found.
    assert slow["ranks"] == good["ranks"]
    assert [each["code"] for each in useless["failed"]] == ["E860"]
    assert (useless["asked"]["refused"], useless["asked"]["calls"], useless["rank"]["mean"]) == (1, 2, None)
    assert [each["code"] for each in row(found, "closed")["failed"]] == ["E842"]
    dead = row(found, "dead")
    assert (dead["mode"], dead["failed"][0]["code"], dead["asked"]["calls"]) == (None, "E841", 0)


@pytest.mark.slow
def test_golden(servers: dict[str, ScriptedServer], capsys: pytest.CaptureFixture[str]) -> None:
    found = values(capsys, *BASE, "--budget", "9", *endpoints(servers, "good", "slow", "useless"), *DEAD)
    for each in found["rows"]:
        if each["asked"] is not None:
            each["asked"]["seconds"] = 1.5 if each["asked"]["calls"] else 0.0
    capsys.readouterr()
    show(found)
    text = capsys.readouterr().out
    if UPDATE:
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_replay_gives_the_same_table_without_a_server(
    servers: dict[str, ScriptedServer], capsys: pytest.CaptureFixture[str]
) -> None:
    named = endpoints(servers, "good", "slow", "useless", "closed")
    first = said(capsys, *QUICK, *named, *DEAD, "--transcript", "talks", "--json")[0]
    asked = sum(len(server.received) for server in servers.values())
    written = {path.name for path in Path("talks").iterdir()}
    assert written == {"models.json", *(f"{name}.jsonl" for name in ("good", "slow", "useless", "closed", "dead"))}
    replay = ["reproduce", "models", "--table", "table.csv", "--replay", "talks"]
    assert said(capsys, *replay, "--json")[0] == first
    # Whoever records again asks nothing again, and only the one that was never reached is tried.
    assert said(capsys, *QUICK, *named, *DEAD, "--transcript", "talks", "--json")[0] == first
    assert sum(len(server.received) for server in servers.values()) == asked
    _, err = said(capsys, *replay, "--seeds", "3", code=2)
    assert "--replay takes --seeds from talks" in err
    _, err = said(capsys, *QUICK, *named, *DEAD, "--transcript", "talks", "--rounds", "0", code=2)
    assert "it was made with other options" in err


@pytest.mark.slow
def test_a_replay_of_another_table_ends_and_says_what_differs(
    servers: dict[str, ScriptedServer], capsys: pytest.CaptureFixture[str]
) -> None:
    said(capsys, *QUICK, *endpoints(servers, "good"), "--transcript", "talks")
    write_table(Path("table.csv"), small_space(TINY), (0, 3, 2))
    Path("other.csv").write_text(Path("table.csv").read_text(encoding="utf-8").replace("task3", "task1"), "utf-8")
    _, err = said(capsys, "reproduce", "models", "--table", "other.csv", "--replay", "talks", code=2)
    assert "E851" in err
    assert "differs in" in err


def test_a_fallback_writes_what_a_model_cannot(
    servers: dict[str, ScriptedServer], capsys: pytest.CaptureFixture[str]
) -> None:
    named = [*endpoints(servers, "useless"), *DEAD]
    found = values(capsys, *QUICK, *named, "--rounds", "0", "--fallback", "induction", "-o", "out")
    useless, dead = row(found, "useless"), row(found, "dead")
    assert useless["asked"]["fell_back"] == useless["asked"]["files"] > 0
    assert not useless["failed"]
    assert useless["rank"]["mean"] is not None
    # A server that was not there at the beginning is not waited for at every change.
    assert dead["failed"][0]["code"] == "E841"
    assert Path("out/useless.lp").read_text(encoding="utf-8") == found["principles"]["useless"]
    assert json.loads(Path("out/results.json").read_text(encoding="utf-8")) == found


@pytest.mark.slow
def test_a_budget_ends_one_model_and_leaves_the_next_its_own(
    servers: dict[str, ScriptedServer], capsys: pytest.CaptureFixture[str]
) -> None:
    found = values(capsys, *QUICK, *endpoints(servers, "good", "slow"), "--max-calls", "4")
    good, slow = row(found, "good"), row(found, "slow")
    assert (good["asked"]["calls"], slow["asked"]["calls"]) == (4, 4)
    assert {each["code"] for each in (*good["failed"], *slow["failed"])} == {"E850"}
    # The first target was searched, the second was not: no mean over both.
    assert good["ranks"]["task1"]["runs"] == 1
    assert good["rank"]["mean"] is None


def key_of(received: Received) -> str | None:
    return next((value for name, value in received.headers.items() if name.lower() == "authorization"), None)


@pytest.mark.slow
def test_only_what_is_named_is_searched_on(
    servers: dict[str, ScriptedServer], capsys: pytest.CaptureFixture[str]
) -> None:
    priced = [*endpoints(servers, "good")[:1], f"{endpoints(servers, 'good')[1]},price_in=1,price_out=2"]
    found = values(capsys, *QUICK, *priced, "--target", "task2")
    assert [each["name"] for each in found["targets"]] == ["task2"]
    asked = row(found, "good")["asked"]
    assert asked["money"] == pytest.approx((asked["prompt_tokens"] + 2 * asked["completion_tokens"]) / 1e6, abs=1e-6)
    assert "E712" in said(capsys, *QUICK, "--target", "task7", code=1)[1]
    assert "E831" in said(capsys, *QUICK, "--target", "task0", code=2)[1]


def test_a_server_that_goes_away_is_not_waited_for_again(capsys: pytest.CaptureFixture[str]) -> None:
    def leaving(body: dict[str, Any]) -> str:
        server.key = "changed"
        return able(body)

    with ScriptedServer("llamacpp", leaving) as server:
        found = values(capsys, *QUICK, "--endpoint", f"a={server.url},model=m,mode=llamacpp", "--seeds", "3")
        assert len(server.completions) == 2
    assert [each["code"] for each in row(found, "a")["failed"]] == ["E842"] * 6


def test_a_key_goes_where_it_belongs_and_stays_nowhere(
    servers: dict[str, ScriptedServer], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAPT_API_KEY", "general-secret")
    monkeypatch.setenv("MINE", "particular-secret")
    two = endpoints(servers, "good", "slow")
    two[1] += ",key_from=MINE"
    out, err = said(capsys, *QUICK, *two, "--transcript", "talks", "--max-calls", "1", "-o", "out")
    assert {key_of(each) for each in servers["good"].completions} == {"Bearer particular-secret"}
    assert not any("secret" in str(each.headers) for each in servers["slow"].received)
    said(capsys, *QUICK, *endpoints(servers, "slow"), "--max-calls", "1")
    assert key_of(servers["slow"].completions[-1]) == "Bearer general-secret"
    files = [path.read_text(encoding="utf-8") for path in (*Path("talks").iterdir(), *Path("out").iterdir())]
    assert not any(word in text for text in (out, err, *files) for word in ("secret", "127.0.0.1", "MINE"))
    _, err = said(capsys, *QUICK, "--endpoint", "a=http://127.0.0.1:9/v1,model=m,key_from=NONE", code=2)
    assert "variable NONE is not set" in err


def test_endpoints_in_a_file() -> None:
    Path("two.toml").write_text(
        '[[endpoint]]\nname = "a"\nurl = "http://127.0.0.1:1/v1"\nmodel = "m"\ntemperature = 1\n\n'
        '[[endpoint]]\nname = "b"\nurl = "http://127.0.0.1:2/v1"\nmodel = "n"\nmode = "plain"\n',
        encoding="utf-8",
    )
    Path("two.json").write_text(
        '{"endpoint": [{"name": "a", "url": "http://127.0.0.1:1/v1", "model": "m", "temperature": 1},'
        '{"name": "b", "url": "http://127.0.0.1:2/v1", "model": "n", "mode": "plain"}]}',
        encoding="utf-8",
    )
    given = [
        parse_endpoint("a=http://127.0.0.1:1/v1,model=m,temperature=1"),
        parse_endpoint("b=http://127.0.0.1:2/v1,model=n,mode=plain"),
    ]
    assert read_endpoints("two.toml") == read_endpoints("two.json") == given


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("http://127.0.0.1:1/v1", "write NAME=URL"),
        ("a=http://127.0.0.1:1/v1", "has no model"),
        ("a=,model=m", "has no address"),
        ("../a=http://127.0.0.1:1/v1,model=m", "is no name"),
        ("a=http://127.0.0.1:1/v1,model=m,mood=good", "there is no setting `mood`"),
        ("a=http://127.0.0.1:1/v1,model=m,mode=good", "there is no mode `good`"),
        ("a=http://127.0.0.1:1/v1,model=m,max_tokens=many", "`max_tokens` is not a number"),
        ("a=http://127.0.0.1:1/v1,model", "`model` has no value"),
        ("box=http://127.0.0.1:1/v1,model=m", "`box` is taken"),
        ("a=ftp://127.0.0.1/v1,model=m", "not an http or https address"),
    ],
)
def test_what_names_no_endpoint_is_refused(capsys: pytest.CaptureFixture[str], words: str, message: str) -> None:
    _, err = said(capsys, *QUICK, "--endpoint", words, code=2)
    assert message in err


@pytest.mark.parametrize("text", ["", "[[endpoint]]\n", "endpoint = 3\n", "[[endpoint]\n", '[endpoint]\nname = "a"\n'])
def test_what_is_no_file_of_endpoints_is_refused(capsys: pytest.CaptureFixture[str], text: str) -> None:
    Path("some.toml").write_text(text, encoding="utf-8")
    _, err = said(capsys, *QUICK, "--endpoints", "some.toml", code=2)
    assert "--endpoints" in err


@pytest.mark.parametrize("content", ["", "[]", '{"lapt": "models", "version": 2}', '{"lapt": "models", "version": 1}'])
def test_what_is_no_record_is_refused(capsys: pytest.CaptureFixture[str], content: str) -> None:
    Path("talks").mkdir()
    _, err = said(capsys, "reproduce", "models", "--table", "table.csv", "--replay", "talks", code=2)
    assert "E854" in err
    Path("talks/models.json").write_text(content, encoding="utf-8")
    _, err = said(capsys, "reproduce", "models", "--table", "table.csv", "--replay", "talks", code=2)
    assert "E854" in err
