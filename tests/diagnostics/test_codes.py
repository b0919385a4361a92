"""The table of codes, and that the examples of the syntax codes are what they say."""

from __future__ import annotations

import re

import pytest

from lapt_dsl.diagnostics.codes import CODES
from lapt_dsl.diagnostics.codes.syntax import SYNTAX_CODES
from lapt_dsl.language.parsing.parser import parse

WRAPPED = "principles p for s;\n{}"
IN_PRINCIPLE = "principles p for s;\nprinciple q {{ {} }}"


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_field_is_filled(code: str) -> None:
    known = CODES[code]
    assert known.code == code
    assert re.fullmatch(r"[EW]\d{3}", code)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", known.name)
    assert known.summary.strip()
    assert known.why.strip()
    # A note states a fact: there is nothing to avoid.
    assert known.severity == "note" or (known.avoid.strip() and known.prefer.strip())
    assert known.severity in ("error", "warning", "note")
    assert known.severity == "error" or code[0] == "W" or code == "E014"


def test_names_are_unique() -> None:
    assert len({known.name for known in CODES.values()}) == len(CODES)


def wrap(example: str) -> str:
    if example.startswith(("principles ", "space ")):
        return example
    if example.startswith(("drop ", "extends ", "principle ")):
        return WRAPPED.format(example)
    return IN_PRINCIPLE.format(example)


TEXTS = [code for code, known in SYNTAX_CODES.items() if ";" in known.avoid and code not in ("E012", "E015")]


@pytest.mark.parametrize("code", TEXTS)
def test_examples_of_syntax_codes(code: str) -> None:
    known = SYNTAX_CODES[code]
    assert code in {finding.code for finding in parse(wrap(known.avoid))[1]}
    assert parse(wrap(known.prefer))[1] == []
