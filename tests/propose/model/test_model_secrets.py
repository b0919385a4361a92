"""A key is nowhere but on its way to its server; prompts and replies are in no log that nobody turned on."""

from __future__ import annotations

import io
import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.diagnostics.render import render
from lapt_dsl.propose.exchange import Message
from lapt_dsl.propose.model.client import Client
from lapt_dsl.propose.model.options import ClientOptions, options_from
from lapt_dsl.propose.model.redact import HIDDEN, Redactor
from lapt_dsl.propose.model.transcripts import FileTranscript
from tests.propose.model.scripted_faults import FAULTS, Fault
from tests.propose.model.scripted_server import MODEL, ScriptedServer

KEY = "sk-Zebra/Quagga+Okapi=0123456789"
PROMPT = "the-recognisable-prompt"
REPLY = "the-recognisable-reply"
SLOW = ("timeout", "drip", "drip-headers")


@contextmanager
def everything_logged(level: int) -> Iterator[io.StringIO]:
    """All that any logger says: at `level` if it is not NOTSET, else at whatever level a plain program has."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(logging.Formatter("%(name)s %(message)s %(args)s"))
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    if level != logging.NOTSET:
        root.setLevel(level)
    try:
        yield text
    finally:
        root.removeHandler(handler)
        root.setLevel(before)


def converse(fault: Fault | None, path: Path) -> tuple[str, str]:
    """A conversation with a fault: all that can be seen of it, and the headers that the server got."""
    seen = []
    with ScriptedServer("openai", [REPLY], fault=fault) as server, FileTranscript(path) as transcript:
        options = ClientOptions(
            server.url, MODEL, key=KEY, mode="openai", timeout=0.1 if fault in SLOW else 20, retries=1
        )
        client = Client(options, transcript=transcript, wait=lambda _: None, say=seen.append)
        try:
            reply = client.ask(client.request("learn", (Message("user", PROMPT),), 'start: "a"'))
            seen.append(repr(reply))
        except LaptError as error:
            seen += ["".join(traceback.format_exception(error, chain=True)), str(error), repr(error)]
            seen.append(render(error.diagnostics, {}, "text"))
            seen += _chained(error)
        seen += [repr(client), repr(client.wire), repr(options), str(options), repr(client.last)]
        sent = str(server.received)
    return "\n".join(seen), sent


def _chained(error: BaseException) -> list[str]:
    """What a chain of causes says, also where Python would not show it."""
    links: list[str] = []
    link: BaseException | None = error
    while link is not None:
        links.append(f"{link!r} {vars(link)}")
        link = link.__cause__ or link.__context__
    return links


@pytest.mark.parametrize("level", [logging.NOTSET, logging.DEBUG], ids=["default", "debug"])
@pytest.mark.parametrize("fault", [None, *FAULTS])
def test_a_key_is_nowhere(fault: Fault | None, level: int, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("openai")
    path = tmp_path / "run.jsonl"
    with everything_logged(level) as log:
        seen, sent = converse(fault, path)
    logged = log.getvalue()
    out, err = capfd.readouterr()
    stored = path.read_text()
    # The test could fail: the key went out, and the rest arrived.
    assert KEY in sent
    assert PROMPT in sent
    assert PROMPT in stored
    escaped = stored.encode().decode("unicode_escape")
    for where in (seen, logged, out, err, stored, escaped):
        assert KEY not in where
        assert "Zebra" not in where
    if level == logging.DEBUG:
        assert logged
    else:
        for secret in (PROMPT, REPLY):
            assert secret not in logged + out + err


@pytest.mark.parametrize("form", [KEY, "sk-Zebra\\/Quagga+Okapi=0123456789", "sk-Zebra%2FQuagga%2BOkapi%3D0123456789"])
def test_a_key_is_hidden_however_it_is_written(form: str) -> None:
    assert Redactor(KEY)(f"wrong key {form}!") == f"wrong key {HIDDEN}!"


def test_what_is_no_secret_is_left_alone() -> None:
    # Servers without keys are given such words.
    for key in (None, "", "none", "EMPTY"):
        assert Redactor(key)("none is EMPTY") == "none is EMPTY"


def test_a_key_is_in_no_message_about_settings() -> None:
    for wrong in (f"{KEY}\n", f" {KEY}"):
        with pytest.raises(LaptError) as caught:
            ClientOptions("http://127.0.0.1/v1", MODEL, key=wrong)
        assert "Zebra" not in str(caught.value)
    for address in (f"https://:{KEY}@host/v1", f"https://host/v1?key={KEY}", f"http://{KEY}@host:x/v1"):
        with pytest.raises(LaptError) as caught:
            options_from({}, base_url=address, model=MODEL)
        assert "Zebra" not in str(caught.value)
