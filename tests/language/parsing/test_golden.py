"""Every file of golden/ and what is said about it, to the character. LAPT_UPDATE_GOLDEN=1 rewrites the answers."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lapt_dsl.diagnostics.render import render
from lapt_dsl.language.parsing.parser import parse

HERE = Path(__file__).parent / "golden"
CASES = sorted(path for path in HERE.iterdir() if path.suffix != ".txt")


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name)
def test_findings(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    _, findings = parse(text, path.name)
    said = render(findings, {path.name: text})
    answer = path.with_name(path.name + ".txt")
    if os.environ.get("LAPT_UPDATE_GOLDEN") == "1":
        answer.write_text(said, encoding="utf-8")
    assert said == answer.read_text(encoding="utf-8")
    assert "__" not in said
    assert "\x1b" not in said
