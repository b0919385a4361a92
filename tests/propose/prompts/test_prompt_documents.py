"""Prompt files: what is written is read back, and what was changed or never was one is refused."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.propose.exchange import Message
from lapt_dsl.propose.prompts.document import PromptContext, read_document, write_document
from lapt_dsl.propose.prompts.prompt import Prompt
from tests.effort import examples

PROMPT = Prompt("adapt", (Message("system", "You write."), Message("user", "Do it.\n\nNow.")), 9, 1, 0, "next")
CONTEXT = PromptContext(
    "adapt", "nas201", "d" * 64, "nas201", "next", PROMPT.digest, "1.0", extends="00-learn.lp", names=("a", "b"),
    principles="e" * 64, store="run.db", evaluated=20, keep=5,
)  # fmt: skip


def test_what_is_written_is_read_back() -> None:
    context, text = read_document(write_document(PROMPT, CONTEXT))
    assert context == CONTEXT
    assert text == PROMPT.text


@given(st.text(max_size=30), st.text(max_size=30))
@examples(60)
def test_no_name_or_path_closes_the_comment(store: str, column: str) -> None:
    context = replace(CONTEXT, store=store, column=f"--> {column}\n-->\n\n")
    document = write_document(PROMPT, context)
    assert document.count("-->") == 1
    assert read_document(document)[0] == context


def test_editors_may_change_line_ends_and_blanks() -> None:
    document = write_document(PROMPT, CONTEXT)
    changed = "\ufeff\r\n" + document.replace("\n", "  \r\n") + "\r\n\r\n"
    assert read_document(changed) == read_document(document)


@pytest.mark.parametrize(
    ("old", "new"),
    [("Do it.", "Do it not."), ('"evaluated": 20', '"evaluated": 21'), ("run.db", "other.db"), ('"a"', '"c"')],
)
def test_a_changed_file_is_refused(old: str, new: str) -> None:
    document = write_document(PROMPT, CONTEXT)
    assert old in document
    with pytest.raises(LaptError) as caught:
        read_document(document.replace(old, new), "p.md")
    found = caught.value.diagnostics[0]
    assert (found.code, found.span.file) == ("E892", "p.md")
    assert "changed" in found.message


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Dear model,",
        "<!-- lapt prompt\n{\n]\n}\n-->\n",
        "<!-- lapt prompt\n{\n" + "[" * 100_000 + "\n}\n-->\n",
        "<!-- lapt prompt\n{\n}\n-->\nText",
        "x" * 5_000_000,
    ],
)
def test_a_foreign_file_is_refused(text: str) -> None:
    with pytest.raises(LaptError) as caught:
        read_document(text)
    assert [item.code for item in caught.value.diagnostics] == ["E892"]


@pytest.mark.parametrize(
    ("key", "value"), [("top", "9"), ("task", "dance"), ("task", []), ("names", [1]), ("evaluated", True), ("more", 1)]
)
def test_other_types_are_refused(key: str, value: object) -> None:
    document = write_document(PROMPT, CONTEXT)
    begin, end = document.index("{"), document.index("\n-->")
    values = json.loads(document[begin:end])
    values[key] = value
    with pytest.raises(LaptError, match="unknown or missing fields"):
        read_document(document[:begin] + json.dumps(values, indent=1) + document[end:])


def test_a_context_of_another_prompt_is_no_context() -> None:
    with pytest.raises(ValueError, match="another prompt"):
        write_document(PROMPT, replace(CONTEXT, prompt="0" * 64))
