"""Model and manual proposers, `lapt accept` and `lapt history` as a user runs them, with a server of our own."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lapt_dsl.commands.main import run
from lapt_dsl.search.store.run_store import RunStore
from tests.propose.model.scripted_server import ScriptedServer
from tests.search.small_tables import TINY, small_space, write_table

pytest.importorskip("openai")

SEARCH = ["search", "--space", "tiny.space", "--table", "table.csv", "--task", "task1", "--budget", "12"]
FROM_SOURCE = [*SEARCH, "--source", "table.csv", "--source-task", "task0"]
KEY = "sk-not-to-be-seen-0123456789"

Said = Callable[..., tuple[str, str]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("LAPT_", "OPENAI_"))]:
        monkeypatch.delenv(name)
    Path("tiny.space").write_text(TINY, encoding="utf-8")
    write_table(Path("table.csv"), small_space(TINY), (0, 1, 2))
    return tmp_path


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Said:
    def say(*arguments: str, code: int = 0) -> tuple[str, str]:
        found = run(arguments)
        out, err = capsys.readouterr()
        assert found == code, err
        return out, err

    return say


def file_for(question: str) -> str:
    """What an obedient model writes to a question: each file forbids an operator at another layer."""
    extended = re.search(r'extends "(\d+)-\w+\.lp";', question)
    layer = (int(extended[1]) + 1) % 3 if extended else 0
    extends = f"{extended[0]}\n" if extended else ""
    return f"principles p for tiny;\n{extends}principle p1_a {{ layer {layer}: never skip; }}\n"


def obedient(body: dict[str, Any]) -> str:
    return f"Here:\n```lapt\n{file_for(body['messages'][-1]['content'])}```"


def by_llm(server: ScriptedServer, *more: str, mode: str = "plain") -> list[str]:
    return ["--proposer", "llm", "--model", "scripted", "--base-url", server.url, "--mode", mode, *more]


def digest(path: str) -> str:
    with RunStore.open(path, read_only=True) as store:
        return store.digest()


def test_a_model_learns(folder: Path, said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAPT_API_KEY", KEY)
    with ScriptedServer("plain", obedient, key=KEY) as server:
        learn = ["learn", "table.csv", "--space", "tiny.space", "--task", "task0", "--top", "6"]
        out, err = said(*learn, *by_llm(server, "-o", "general.lp", "--transcript", "learn.jsonl"))
        assert out == ""
        assert "learn: accepted after 1 reply" in err
        assert "scripted, mode plain: 1 call," in err
        assert "18 architectures remain -> general.lp" in err
        assert Path("general.lp").read_text(encoding="utf-8") == file_for("")
        asked = len(server.completions)
    out, _ = said(*learn, "--proposer", "llm", "--replay", "learn.jsonl", "--mode", "plain")
    assert (out, asked) == (file_for(""), 1)
    for path in folder.rglob("*"):
        assert not path.is_file() or KEY.encode() not in path.read_bytes()


def test_a_search_with_a_model_is_stored_resumed_and_replayed(folder: Path, said: Said) -> None:
    with ScriptedServer("plain", obedient) as server:
        store = ["--store", "run.db", "--json"]
        out, err = said(*FROM_SOURCE, *by_llm(server), *store)
        found = json.loads(out)
        assert found["evaluated"] == 12
        assert found["principles"][0]["kind"] == "learn"
        assert len(found["principles"]) == 3
        assert "3 calls" in err
        calls = len(server.completions)
        assert said(*FROM_SOURCE, *by_llm(server), *store, "--resume")[0] == out
        assert len(server.completions) == calls
        # Neither prompts nor replies are shown, and no address is stored.
        assert "researcher" not in err
        assert "never skip" not in err
        assert str(server.port).encode() not in Path("run.db").read_bytes()
    lines, _ = said("history", "run.db", "--exchanges")
    Path("run.jsonl").write_text(lines, encoding="utf-8")
    replay = ["--proposer", "llm", "--mode", "plain", "--replay", "run.jsonl", "--store", "again.db", "--json"]
    assert said(*FROM_SOURCE, *replay)[0] == out
    assert digest("again.db") == digest("run.db")
    history, _ = said("history", "run.db", "--space", "tiny.space")
    assert history.count("written by scripted (mode plain), 1 reply: accepted") == 3
    files = json.loads(said("history", "run.db", "--space", "tiny.space", "--json")[0])["files"]
    assert [(file["by"], file["model"], file["replies"]) for file in files] == [("llm", "scripted", ["accepted"])] * 3
    _, err = said(*FROM_SOURCE, "--proposer", "llm", "--mode", "plain", "--replay", "run.jsonl", "--no-digest", code=2)
    assert "E851" in err
    assert "differs in" in err


def test_the_server_may_find_its_mode_and_a_replay_needs_none(folder: Path, said: Said) -> None:
    def answer(body: dict[str, Any]) -> str:
        return file_for(body["messages"][-1]["content"])

    with ScriptedServer("llamacpp", answer) as server:
        short = [*FROM_SOURCE, "--budget", "4"]
        out, err = said(*short, *by_llm(server, "--store", "run.db", "--json", mode="auto"))
        assert "mode llamacpp" in err
    Path("run.jsonl").write_text(said("history", "run.db", "--exchanges")[0], encoding="utf-8")
    replay = ["--proposer", "llm", "--replay", "run.jsonl", "--store", "again.db", "--json"]
    assert said(*short, *replay)[0] == out
    assert digest("again.db") == digest("run.db")


def test_a_search_stops_or_falls_back_where_the_model_cannot(folder: Path, said: Said) -> None:
    with ScriptedServer("plain", ["I cannot say."]) as server:
        arguments = [*FROM_SOURCE, *by_llm(server, "--rounds", "1"), "--store", "run.db"]
        _, err = said(*arguments, code=2)
        assert "E860" in err
        assert "sent back 1 time" in err
        assert "--fallback induction" in err
        assert "the run is recorded in run.db: continue with --resume" in err
        assert len(server.completions) == 2
        said(*arguments, "--resume", code=2)
        assert len(server.completions) == 2
        said(*arguments, "--resume", "--rounds", "2", code=2)
        assert len(server.completions) == 3
        assert "E810" in said(*arguments, "--resume", "--keep-share", "0", code=2)[1]
        _, err = said(*arguments, "--resume", "--fallback", "induction")
        assert "learn: fell back after 2 replies" in err
        assert len(server.completions) > 2
    history, _ = said("history", "run.db", "--space", "tiny.space")
    assert "written by induction in place of scripted (mode plain), 2 replies: sent back, fell back" in history


def test_what_is_wrong_with_the_options_is_said(folder: Path, said: Said) -> None:
    assert "--model requires --proposer llm" in said(*SEARCH, "--model", "m", code=2)[1]
    assert (
        "--strategy lapt" in said(*SEARCH, "--strategy", "random", "--proposer", "manual", "--store", "x.db", code=2)[1]
    )
    assert "--store" in said(*SEARCH, "--proposer", "manual", code=2)[1]
    assert "--fixed" in said(*SEARCH, "--proposer", "llm", "--fixed", code=2)[1]
    assert "E840" in said(*SEARCH, "--proposer", "llm", code=2)[1]
    assert "--general" in said("learn", "table.csv", "--proposer", "llm", "--general", code=2)[1]
    assert not Path("x.db").exists()


def answer_manually(said: Said, kinds: list[str]) -> None:
    """Answer everything that a run with a manual proposer asks."""
    search = [*FROM_SOURCE, "--proposer", "manual", "--store", "hand.db"]
    for number, kind in enumerate(kinds):
        _, err = said(*search, *(["--resume"] if number else []), code=4)
        commands = [line.strip() for line in err.splitlines() if line.startswith("  lapt ")]
        assert commands[0].startswith(f"lapt prompt {kind}")
        assert commands[1].startswith("lapt accept reply.md --prompt prompt.md --store hand.db")
        said(*commands[0].split()[1:])
        question = Path("prompt.md").read_text(encoding="utf-8")
        Path("reply.md").write_text(f"Sure.\n```\n{file_for(question)}```\n", encoding="utf-8")
        said("accept", "reply.md", "--prompt", "prompt.md", "--store", "hand.db")


def test_a_manual_search_ends_as_one_that_was_never_interrupted(folder: Path, said: Said) -> None:
    with ScriptedServer("plain", obedient) as server:
        whole = json.loads(said(*FROM_SOURCE, *by_llm(server), "--store", "llm.db", "--json")[0])
    answer_manually(said, [file["kind"] for file in whole["principles"]])
    out, _ = said(*FROM_SOURCE, "--proposer", "manual", "--store", "hand.db", "--resume", "--json")
    assert json.loads(out) == whole
    with RunStore.open("hand.db", read_only=True) as hand, RunStore.open("llm.db", read_only=True) as llm:
        assert hand.proposals() == llm.proposals()
        assert hand.evaluations() == llm.evaluations()
        assert [hand.state(step) for step in range(12)] == [llm.state(step) for step in range(12)]
        assert [stored.exchange.outcome for stored in hand.exchanges()] == ["accepted"] * 3
    assert said("history", "hand.db", "--space", "tiny.space")[0].count("manual answer, accepted") == 3


def test_an_answer_that_does_not_hold_is_refused_and_not_recorded(folder: Path, said: Said) -> None:
    learn = ["prompt", "learn", "table.csv", "--space", "tiny.space", "--task", "task0", "--top", "6"]
    said(*learn, "-o", "prompt.md")
    assert "E808" in said(*learn, "-o", "no.md", "--store", "nowhere.db", code=2)[1]
    assert not Path("no.md").exists()
    accept = ["accept", "reply.md", "--prompt", "prompt.md", "-o", "out.lp"]
    reply = Path("reply.md")
    reply.write_text("So:\n\n```\nprinciples p for tiny;\nprinciple a { layer 0: only Conv; }\n```\n", encoding="utf-8")
    _, err = said(*accept, code=1)
    assert "reply.md:5:29: error[E231]" in err
    assert "reply.md is refused; nothing was recorded; 1 of 1 fixable with --fix" in err
    assert not Path("out.lp").exists()
    _, err = said(*accept, "--fix")
    assert "fixed E231" in err
    assert "only conv;" in Path("out.lp").read_text(encoding="utf-8")
    reply.write_text("principles p for tiny;\nprinciple a { layer 2: only none; }\n", encoding="utf-8")
    assert "E863" in said(*accept, "--fix", code=1)[1]
    said(*accept, "--keep-share", "0")
    reply.write_bytes(b"\x1b[31m" + b"x" * 3_000_000)
    _, err = said(*accept, code=1)
    assert "E866" in err
    assert "\x1b" not in err
    assert len(err) < 2_000
    reply.write_text('principles p for tiny;\nextends "../../etc/passwd";\n', encoding="utf-8")
    assert "E304" in said(*accept, code=1)[1]


def test_the_prompt_itself_is_no_answer(folder: Path, said: Said) -> None:
    said("prompt", "learn", "table.csv", "--space", "tiny.space", "--task", "task0", "--top", "6", "-o", "prompt.md")
    accept = ["accept", "talk.md", "--prompt", "prompt.md", "--keep-share", "0"]
    question = Path("prompt.md").read_text(encoding="utf-8")
    Path("talk.md").write_text(question, encoding="utf-8")
    assert "E036" in said(*accept, code=1)[1]
    Path("talk.md").write_text(f"{question}\n{file_for('')}", encoding="utf-8")
    assert said(*accept)[0] == file_for("")
    wrong = file_for("").replace("layer 0", "layer 99")
    Path("talk.md").write_text(f"{question}\n{wrong}", encoding="utf-8")
    line = len(question.splitlines()) + 3
    assert f"talk.md:{line}:" in said(*accept, code=1)[1]


def test_a_run_without_a_file_has_a_history(folder: Path, said: Said) -> None:
    said(*FROM_SOURCE, "--proposer", "manual", "--store", "run.db", code=4)
    history, _ = said("history", "run.db", "--space", "tiny.space")
    assert history == "0 architectures evaluated; this search has no principles yet\n"
    out, _ = said("history", "run.db", "--space", "tiny.space", "--json")
    assert json.loads(out)["files"] == []


def test_an_answer_belongs_to_its_prompt_and_its_place_in_the_run(folder: Path, said: Said) -> None:
    search = [*SEARCH, "--proposer", "manual", "--store", "run.db"]
    said(*search, code=4)
    prompt = ["prompt", "explore", "--store", "run.db", "--space", "tiny.space", "-o"]
    adapt = ["prompt", "adapt", "--store", "run.db", "--space", "tiny.space", "-o"]
    said(*prompt, "other.md")
    said(*adapt, "first.md")
    question = Path("first.md").read_text(encoding="utf-8")
    Path("reply.md").write_text(file_for(question), encoding="utf-8")
    before = digest("run.db")
    accept = ["accept", "reply.md", "--prompt"]
    assert "E867" in said(*accept, "other.md", code=2)[1]
    Path("changed.md").write_text(question.replace("never", "always"), encoding="utf-8")
    assert "E892" in said(*accept, "changed.md", code=2)[1]
    assert digest("run.db") == before
    assert "accepted as 01-adapt.lp" in said(*accept, "first.md")[1]
    assert "does not wait" in said(*accept, "first.md", code=2)[1]
    said(*search, "--resume", code=4)
    _, err = said(*accept, "first.md", code=2)
    assert "E867" in err
