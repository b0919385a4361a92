"""Printing, parsing and formatting keep every tree and its meaning."""

from __future__ import annotations

import re

import pytest
from hypothesis import given

from lapt_dsl import spaces
from lapt_dsl.compiler.building.space import build_space
from lapt_dsl.language import tree as t
from lapt_dsl.language.parsing.parser import parse_or_raise
from lapt_dsl.language.printing.formatter import format_text
from lapt_dsl.language.printing.printer import print_tree
from tests.effort import examples
from tests.properties.cases import Case, tiny_cases
from tests.properties.space_trees import space_files


@examples(60)
@given(tiny_cases(most=2))
def test_principle_files_survive_print_parse_and_format(case: Case) -> None:
    text = print_tree(case.file)
    assert parse_or_raise(text, "drawn.lp") == case.file
    # Everything on one line is the same file; formatting brings it back to the canonical text.
    squeezed = " ".join(text.split())
    formatted = format_text(squeezed, "drawn.lp")
    again = parse_or_raise(formatted, "drawn.lp")
    assert again == case.file
    assert format_text(formatted, "drawn.lp") == formatted


@examples(60)
@given(space_files())
def test_space_files_survive_print_parse_and_format(file: t.SpaceFile) -> None:
    text = print_tree(file)
    assert parse_or_raise(text, "drawn.space") == file
    formatted = format_text(" ".join(text.split()), "drawn.space")
    again = parse_or_raise(formatted, "drawn.space")
    assert again == file
    assert format_text(formatted, "drawn.space") == formatted
    assert isinstance(again, t.SpaceFile)
    assert build_space(again).digest == build_space(file).digest


@pytest.mark.parametrize("name", spaces.names())
def test_comments_do_not_change_a_space(name: str) -> None:
    commented = "// What this space is for.\n" + re.sub(r";$", "; // here", spaces.text(name), flags=re.MULTILINE)
    tree, plain = parse_or_raise(commented), parse_or_raise(spaces.text(name))
    assert isinstance(tree, t.SpaceFile)
    assert isinstance(plain, t.SpaceFile)
    assert build_space(tree) == build_space(plain)
