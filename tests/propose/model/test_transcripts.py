"""Transcripts on disk and replays: what was paid for is kept through a kill, and given back exactly or not at all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.propose.exchange import MODES, ROLES, TASKS, Exchange, Message, Reply, Request, Usage
from lapt_dsl.propose.model.budget import ModelBudget
from lapt_dsl.propose.model.client import Client
from lapt_dsl.propose.model.failures import failure, raised_again, recorded
from lapt_dsl.propose.model.options import ClientOptions
from lapt_dsl.propose.model.records import exchange_from_json, exchange_to_json
from lapt_dsl.propose.model.replay import ReplayTranscript
from lapt_dsl.propose.model.transcripts import FileTranscript, read_transcript
from tests.effort import examples
from tests.places import ROOT
from tests.propose.model.scripted_server import MODEL, ScriptedServer

NOWHERE = "http://127.0.0.1:9/v1"
QUESTION = Request("learn", (Message("user", "Top 50.\nBest: 0.91\nWrite."),), MODEL, "plain", None, None, {"seed": 1})
ANSWER = Exchange(0, QUESTION, Reply("principles p for any;\n", Usage(9, 5), 1.25, "stop"), seconds=1.5)

texts = st.text(st.characters(codec="utf-8"), max_size=30)
plain_json = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
objects = st.dictionaries(texts, plain_json, max_size=3)
seconds = st.floats(0, 1e6)
requests = st.builds(
    Request,
    st.sampled_from(TASKS),
    st.lists(st.builds(Message, st.sampled_from(ROLES), texts), max_size=3).map(tuple),
    texts,
    st.sampled_from(MODES),
    st.none() | texts,
    st.none() | objects,
    objects,
)
usages = st.builds(Usage, st.integers(0, 10**9), st.integers(0, 10**9))
replies = st.builds(Reply, texts, st.none() | usages, seconds, texts)
failures = st.builds("E84{}: {}".format, st.integers(1, 9), texts)
exchanges = st.builds(Exchange, st.integers(0, 99), requests, replies, st.none() | failures, texts, seconds=seconds)


@given(exchanges)
@examples(100)
def test_an_exchange_comes_back_from_json_as_it_was(exchange: Exchange) -> None:
    text = json.dumps(exchange_to_json(exchange), sort_keys=True)
    assert exchange_from_json(json.loads(text)) == exchange
    assert "base_url" not in text
    assert "key" not in exchange_to_json(exchange)


BARE = """
import sys
sys.modules.update(dict.fromkeys(("openai", "pydantic", "pydantic_core", "jsonschema", "llguidance")))
import lapt_dsl.search.run.history, lapt_dsl.search.store.run_store
from lapt_dsl.propose.model.client import Client
from lapt_dsl.propose.model.replay import ReplayTranscript
from lapt_dsl.propose.model.transcripts import read_transcript
print(read_transcript(sys.argv[1]).exchanges[0].reply.text)
"""


def test_a_transcript_is_read_without_the_extra(tmp_path: Path) -> None:
    with FileTranscript(tmp_path / "t.jsonl") as written:
        written.add(ANSWER)
    command = [sys.executable, "-c", BARE, str(tmp_path / "t.jsonl")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert (done.stdout.strip(), done.stderr) == ("principles p for any;", "")


def test_a_digest_is_of_what_determines_the_reply() -> None:
    assert replace(QUESTION, task="adapt").digest == QUESTION.digest
    changes: list[dict[str, Any]] = [
        {"messages": (Message("system", QUESTION.messages[0].content),)},
        {"model": "other"},
        {"mode": "vllm"},
        {"grammar": "start: "},
        {"schema": {}},
        {"parameters": {"seed": 2}},
    ]
    digests = {replace(QUESTION, **change).digest for change in changes}
    assert len(digests | {QUESTION.digest}) == len(changes) + 1


def test_a_transcript_goes_on_where_it_ended(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with FileTranscript(path) as transcript:
        transcript.add(ANSWER)
        transcript.settle(0, "accepted")
        transcript.settle(0, "accepted")
    first = path.read_bytes()
    with FileTranscript(path) as transcript:
        assert transcript.notes == []
        assert transcript.exchanges() == (replace(ANSWER, outcome="accepted"),)
        assert transcript.find(QUESTION.digest, 0) is not None
        assert transcript.find(QUESTION.digest, 1) is None
        transcript.add(replace(ANSWER, number=1, reply=None, failure="E844: late"))
    assert path.read_bytes().startswith(first)
    assert len(path.read_text().splitlines()) == 4


@pytest.mark.parametrize("lost", [1, 2, 50, "all"])
def test_a_line_torn_by_a_kill_is_left_out_with_a_word(tmp_path: Path, lost: int | str) -> None:
    path = tmp_path / "run.jsonl"
    with FileTranscript(path) as transcript:
        transcript.add(ANSWER)
        before = path.stat().st_size
        transcript.add(replace(ANSWER, number=1))
    size = path.stat().st_size
    kept = before + 1 if lost == "all" else size - int(lost)
    os.truncate(path, kept)
    # The last byte is the line break alone: without it the line is whole.
    whole = 2 if lost == 1 else 1
    assert len(ReplayTranscript(path).exchanges()) == whole
    with FileTranscript(path) as transcript:
        assert len(transcript.exchanges()) == whole
        assert len(transcript.notes) == (0 if lost == 1 else 1)
        assert all(
            "incomplete last line" in note and "1 exchanges before it are complete" in note for note in transcript.notes
        )
        transcript.add(replace(ANSWER, number=whole))
    assert len(read_transcript(path).exchanges) == whole + 1


KILLED = """
import os, signal, sys
from lapt_dsl.propose.model.transcripts import FileTranscript
from tests.propose.model.test_transcripts import ANSWER
FileTranscript(sys.argv[1]).add(ANSWER)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_was_added_survives_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    done = subprocess.run([sys.executable, "-c", KILLED, str(path)], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == -9, done.stderr
    assert read_transcript(path).exchanges == (ANSWER,)


def _damaged(change: Callable[[dict[str, Any]], Any]) -> bytes:
    value = {"exchange": exchange_to_json(ANSWER)}
    changed = change(value["exchange"])
    return json.dumps(value if changed is None else changed).encode()


WRONG_LINES: list[tuple[bytes, str]] = [
    (b"{", "damaged"),
    (b"\xff\xfe", "damaged"),
    (b"[" * 100_000, "nested too deeply"),
    (b"7", "neither an exchange nor an outcome"),
    (b'{"settle": 5, "outcome": "x"}', "damaged"),
    (b'{"settle": -1, "outcome": "x"}', "unknown exchange"),
    (_damaged(lambda one: one.update(number=4)), "expected exchange 0"),
    (_damaged(lambda one: one.update(number=True)), "`number` is no count"),
    (_damaged(lambda one: one.update(task="steal")), "`task` is none of"),
    (_damaged(lambda one: one.update(mode=["plain"])), "`mode` is none of"),
    (_damaged(lambda one: one["messages"][0].update(role="tool")), "`role` is none of"),
    (_damaged(lambda one: one["messages"][0].update(content="changed")), "not the one that its digest"),
    (_damaged(lambda one: one["messages"].append(3)), "a message is no object"),
    (_damaged(lambda one: one["reply"].update(text=7)), "`text` is no text"),
    (_damaged(lambda one: one["reply"].update(text="\ud800")), "half a character"),
    (_damaged(lambda one: one["reply"].update(latency=-1)), "`latency` is no number"),
    (_damaged(lambda one: one["reply"].update(latency=float("nan"))), "`latency` is no number"),
    (_damaged(lambda one: one["reply"].update(usage={"prompt_tokens": 10**12})), "`prompt_tokens` is no count"),
    (_damaged(lambda one: one.update(reply=None)), "neither a reply nor a failure"),
    (_damaged(lambda one: one.update(failure="rm -rf")), "no failure of a model"),
    (_damaged(lambda one: one.update(failure="E999: odd")), "no failure of a model"),
]


@pytest.mark.parametrize(("line", "words"), WRONG_LINES)
def test_a_damaged_line_is_refused_with_its_number(tmp_path: Path, line: bytes, words: str) -> None:
    path = tmp_path / "run.jsonl"
    with FileTranscript(path):
        pass
    path.write_bytes(path.read_bytes() + line + b"\n" + b"{}\n")
    before = path.read_bytes()
    for use in (ReplayTranscript, FileTranscript):
        with pytest.raises(LaptError, match=r"E854.*line 2") as caught:
            use(path)
        assert words in str(caught.value)
    assert path.read_bytes() == before


def test_what_is_no_transcript_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = tmp_path / "results.csv"
    table.write_text("arch,accuracy\n")
    for path in (table, tmp_path, tmp_path / "missing" / "run.jsonl"):
        for use in (ReplayTranscript, FileTranscript):
            with pytest.raises(LaptError, match="E854"):
                use(path)
    assert table.read_text() == "arch,accuracy\n"
    monkeypatch.setattr("lapt_dsl.propose.model.transcripts.LARGEST_FILE", 3)
    with pytest.raises(LaptError, match=r"E854.*larger than"):
        ReplayTranscript(table)
    monkeypatch.undo()
    monkeypatch.setattr("lapt_dsl.propose.model.transcripts.LONGEST_LINE", 3)
    with pytest.raises(LaptError, match=r"E854.*line 1 is longer"):
        ReplayTranscript(table)


def test_one_process_writes_a_transcript_at_a_time(tmp_path: Path) -> None:
    pytest.importorskip("fcntl")
    with FileTranscript(tmp_path / "run.jsonl"), pytest.raises(LaptError, match=r"E854.*another process"):
        FileTranscript(tmp_path / "run.jsonl")


def test_a_transcript_that_cannot_be_written_stops_the_run(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this system")
    with pytest.raises(LaptError, match=r"E854.*cannot write"):
        FileTranscript("/dev/full")


def test_a_replay_gives_the_same_replies_and_failures_without_a_server(tmp_path: Path) -> None:
    pytest.importorskip("openai", reason="openai is not installed")
    path, again = tmp_path / "run.jsonl", tmp_path / "again.jsonl"
    with ScriptedServer("vllm", ["one\r\n\x1b[31m ü", "two"]) as server, FileTranscript(path) as transcript:
        first = Client(ClientOptions(server.url, MODEL), transcript=transcript)
        replies = _converse(first)
        server.fault = "refusal"
        with pytest.raises(LaptError) as caught:
            first.ask(first.request("adapt", (Message("user", "More."),)))
    with FileTranscript(again) as transcript:
        options = ClientOptions(NOWHERE, MODEL)
        second = Client(options, transcript=transcript, replay=ReplayTranscript(path))
        assert _converse(second) == replies
        with pytest.raises(LaptError) as repeated:
            second.ask(second.request("adapt", (Message("user", "More."),)))
    assert repeated.value.diagnostics == caught.value.diagnostics
    # All but the probes that found the mode, which a replay does not need.
    recorded_lines = [line for line in path.read_text().splitlines() if '"task":"check"' not in line]
    assert [_unnumbered(line) for line in recorded_lines if "settle" not in line] == [
        _unnumbered(line) for line in again.read_text().splitlines() if "settle" not in line
    ]
    assert second.budget.spent.calls == 3
    assert second.budget.spent.seconds > 0


def _converse(client: Client) -> list[Reply]:
    found = []
    for _ in range(2):
        found.append(client.ask(client.request("learn", QUESTION.messages)))
        client.settle("accepted")
    return found


def _unnumbered(line: str) -> Any:
    value = json.loads(line)
    value.get("exchange", {}).pop("number", None)
    return value


def _replaying(tmp_path: Path, *known: Exchange, **options: Any) -> Client:
    path = tmp_path / "run.jsonl"
    with FileTranscript(path) as transcript:
        for exchange in known:
            transcript.add(exchange)
    return Client(ClientOptions(NOWHERE, MODEL, **options), replay=ReplayTranscript(path))


def test_a_changed_prompt_is_a_miss_that_says_what_changed(tmp_path: Path) -> None:
    client = _replaying(tmp_path, ANSWER, mode="plain")
    other = replace(QUESTION, messages=(Message("user", "Top 50.\nBest: 0.93\x1b[2J\nWrite."),))
    with pytest.raises(LaptError) as caught:
        client.ask(other)
    (finding,) = caught.value.diagnostics
    assert finding.code == "E851"
    assert "request 1 (learn) is not in" in finding.message
    assert "line 2 of the user message: recorded 'Best: 0.91', asked 'Best: 0.93\\x1b[2J'" in finding.message
    assert client.transcript.exchanges() == ()
    for change, words in (
        ({"model": "n"}, "model: recorded 'scripted', asked 'n'"),
        ({"parameters": {"seed": 2}}, """parameters: recorded '{"seed":1}', asked '{"seed":2}'"""),
        ({"grammar": "start: X"}, "line 1 of the grammar: recorded '', asked 'start: X'"),
        (
            {"messages": (*QUESTION.messages, Message("user", "More."))},
            "message 2: recorded nothing, asked 'user: More.'",
        ),
    ):
        with pytest.raises(LaptError) as caught:
            client.ask(replace(QUESTION, **change))
        assert words in caught.value.diagnostics[0].message


def test_a_replay_that_is_asked_too_much_says_so(tmp_path: Path) -> None:
    client = _replaying(tmp_path, ANSWER, mode="plain")
    client.ask(QUESTION)
    with pytest.raises(LaptError, match=r"request 2 .learn. was recorded 1 times in .* and is now requested once more"):
        client.ask(QUESTION)
    (tmp_path / "run.jsonl").unlink()
    with pytest.raises(LaptError, match=r"E851 .*holds no exchange"):
        _ = _replaying(tmp_path).mode


def test_a_replay_stops_where_the_budget_stopped_the_run(tmp_path: Path) -> None:
    client = _replaying(tmp_path, ANSWER, replace(ANSWER, number=1), mode="plain")
    client.budget = ModelBudget(calls=1)
    client.ask(QUESTION)
    with pytest.raises(LaptError, match="E850"):
        client.ask(QUESTION)


def test_failures_are_recorded_as_they_are_raised() -> None:
    error = failure("E844", "late: very\nlate")
    assert raised_again(recorded(error)).diagnostics == error.diagnostics
    with pytest.raises(ValueError, match="not a recorded failure"):
        raised_again("E850: never recorded")
