"""Replies in JSON: the schema has the words of the space, and a reply becomes text or is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lapt_dsl.compiler.building.library import load_space
from lapt_dsl.compiler.targets.decoder.grammar import principles_from_json, principles_schema
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.language.printing.formatter import format_text
from tests.effort import examples

jsonschema = pytest.importorskip("jsonschema", reason="needs jsonschema, which checks the published schema")

NETWORK = {"say": "network", "metric": "params", "comparison": "<=", "limit": 1300000}
ONLY = {
    "say": "layers",
    "cells": ["main"],
    "layers": "early layers",
    "rule": "only",
    "count": 0,
    "operators": ["convolution"],
    "except": ["conv1x1"],
}


def reply(*statements: dict[str, Any], **changes: Any) -> str:
    principle = {"name": "early_conv", "sentence": 'It "sees".', "statements": list(statements)}
    return json.dumps({"principles": [{**principle, **changes}]})


@st.composite
def values(draw: st.DrawFn, schema: dict[str, Any], whole: dict[str, Any]) -> Any:
    """A value that keeps to a schema."""
    if "$ref" in schema:
        schema = whole["$defs"]["rule"]
    if "anyOf" in schema:
        return draw(st.sampled_from(schema["anyOf"]).flatmap(lambda each: values(each, whole)))
    if "const" in schema or "enum" in schema:
        return draw(st.sampled_from(schema.get("enum", [schema.get("const")])))
    if schema["type"] == "object":
        return {key: draw(values(part, whole)) for key, part in schema["properties"].items()}
    if schema["type"] == "array":
        most = min(schema["maxItems"], schema.get("minItems", 0) + 2)
        return draw(st.lists(values(schema["items"], whole), min_size=schema.get("minItems", 0), max_size=most))
    if schema["type"] == "integer":
        return draw(st.integers(schema["minimum"], schema["maximum"]))
    return draw(st.from_regex(schema["pattern"], fullmatch=True)) if "pattern" in schema else 'A "word" \\ more.'


@pytest.mark.parametrize("name", ["nas201", "darts", "mobilenet"])
@examples(7)
@given(data=st.data())
def test_what_keeps_to_the_schema_becomes_text(name: str, data: st.DataObject) -> None:
    space = load_space(name)
    schema = principles_schema(space)
    value = data.draw(values(schema, schema))
    jsonschema.validate(value, schema)
    text = principles_from_json(json.dumps(value), space)
    assert text == format_text(text)
    assert text.startswith(f"principles reply for {name};")


def test_a_reply_as_text() -> None:
    space = load_space("nas201")
    text = principles_from_json(reply(ONLY, {"say": "if", "condition": NETWORK, "consequence": ONLY}), space)
    assert "    early layers: only convolution except conv1x1;\n" in text
    assert '  "It \\"sees\\"."\n' in text
    dropped = json.dumps({"principles": [], "drop": ["old_one"]})
    extended = principles_from_json(dropped, space, extends="base.lp", names=("old_one",))
    assert extended == 'principles reply for nas201;\nextends "base.lp";\ndrop old_one;\n'


@pytest.mark.parametrize(
    "text",
    [
        "",
        "principles p for nas201;",
        "[]",
        "[" * 100_000,
        "9" * 5_000,
        '"' + "x" * 1_000_001 + '"',
        '{"principles": []}',
        reply(),
        reply({**ONLY, "operators": ["max_pool3x3"]}),
        reply({**ONLY, "layers": "layers; } drop x; //"}),
        reply({**ONLY, "count": 10**30}),
        reply({**ONLY, "count": True}),
        reply({**ONLY, "cells": [["main"]]}),
        reply({**ONLY, "more": 1}),
        reply({**NETWORK, "limit": float("nan")}),
        reply({"say": {}}),
        reply(ONLY, name="for"),
        reply(ONLY, name="a_b\n"),
        reply(ONLY, sentence="\x1b[31m"),
        reply(ONLY, sentence="\ud800"),
        reply({"say": "if", "condition": {"say": "if"}, "consequence": ONLY}),
    ],
)
def test_what_does_not_keep_to_it_is_refused(text: str) -> None:
    with pytest.raises(LaptError) as caught:
        principles_from_json(text, load_space("nas201"))
    assert [item.code for item in caught.value.diagnostics] == ["E869"]
    assert "\x1b" not in caught.value.diagnostics[0].message


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[]", "the reply must have principles and nothing else"),
        (
            reply(NETWORK, {**ONLY, "count": 99}),
            "`principles[0].statements[1].count` must be a whole number from 0 to 9",
        ),
        (
            reply({**ONLY, "say": "no"}),
            "`principles[0].statements[0]` must be an object whose `say` is one of `layers`, ",
        ),
        (
            reply({"say": "if", "condition": NETWORK, "consequence": {**ONLY, "except": ["conv9x9"]}}),
            "`principles[0].statements[0].consequence.except[0]` is none of `none`, `skip`, `conv1x1`, `conv3x3`, ",
        ),
        (reply(ONLY, name="for"), "`principles[0].name` does not match ^[a-z]"),
        (reply(ONLY, sentence="\x1b[31m"), "`principles[0].sentence` has control characters"),
    ],
)
def test_the_place_and_what_is_allowed_there_are_named(text: str, problem: str) -> None:
    with pytest.raises(LaptError) as caught:
        principles_from_json(text, load_space("nas201"))
    message = caught.value.diagnostics[0].message
    assert message.startswith(f"the reply does not keep to its JSON schema: {problem}")
    assert len(message) < 1_000


def test_a_long_list_of_words_is_cut() -> None:
    first = json.loads(reply({**ONLY, "cells": ["normal"], "layers": "layer"}))
    with pytest.raises(LaptError, match=r"statements\[0\]\.layers` is none of .*, and \d+ more"):
        principles_from_json(json.dumps(first), load_space("darts"))
