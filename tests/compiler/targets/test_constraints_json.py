"""constraints.json keeps to its published schema, holds exact numbers, and is the same bytes for the same input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lapt_dsl import api, spaces
from lapt_dsl.compiler.targets.constraints_json import constraints_json
from tests.places import ROOT

jsonschema = pytest.importorskip("jsonschema", reason="needs jsonschema, which checks the published schema")

SCHEMA = json.loads((ROOT / "docs" / "constraints.schema.json").read_text(encoding="utf-8"))
GENERAL = api.parse("principles g for any; principle p { layers: at least 1 convolution; }")


@pytest.mark.parametrize("name", spaces.names())
def test_every_space_keeps_to_the_schema(name: str) -> None:
    text = constraints_json(api.compile_principles(GENERAL, name))
    jsonschema.validate(json.loads(text), SCHEMA)
    assert text == constraints_json(api.compile_principles(GENERAL, name))


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("*.lp")), ids=lambda path: path.stem)
def test_the_examples_keep_to_the_schema_and_count_what_they_remove(path: Path) -> None:
    compiled = api.compile_principles(path, "nas201" if path.stem == "any_transfer" else None)
    value = json.loads(constraints_json(compiled))
    jsonschema.validate(value, SCHEMA)
    assert int(value["size"]) == compiled.refined.size
    for principle in value["principles"]:
        removes = principle["removes"]
        assert 0 <= int(removes["given_the_rest"]) <= int(removes["alone"]) < int(value["space"]["size"])
    assert value["inputs"][0]["file"] == path.name


def test_layers_speak_of_what_some_architecture_uses() -> None:
    tree = api.parse("principles p for nas201; principle q { layer 3: only skip; layers: exactly 1 shortcut; }")
    compiled = api.compile_principles(tree)
    layers = {layer["layer"]: layer for layer in json.loads(constraints_json(compiled))["cells"][0]["layers"]}
    assert layers[3]["operators"]["left"] == ["skip"]
    assert all("skip" in layer["operators"]["removed"] for number, layer in layers.items() if number != 3)
