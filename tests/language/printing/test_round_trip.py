"""Printing, parsing and formatting keep every tree, every comment and the meaning."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lapt_dsl import spaces
from lapt_dsl.compiler.building.space import build_space
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.language import tree as t
from lapt_dsl.language.parsing.parser import parse_or_raise
from lapt_dsl.language.printing.formatter import format_text
from lapt_dsl.language.printing.printer import print_tree
from tests.effort import examples
from tests.language.printing.tree_strategies import files, layouts, tokens_of


@st.composite
def laid_out(draw: st.DrawFn) -> tuple[t.File, str, list[str]]:
    """A file, its tokens in another layout with comments between them, and those comments."""
    file = draw(files())
    return file, *draw(layouts(print_tree(file)))


@examples(100)
@given(laid_out())
def test_a_file_survives_printing_another_layout_and_formatting(drawn: tuple[t.File, str, list[str]]) -> None:
    file, text, comments = drawn
    printed = print_tree(file)
    assert parse_or_raise(printed) == file
    assert format_text(printed) == printed
    # All on one line, it is the same file still.
    formatted = format_text(" ".join(tokens_of(printed)))
    assert parse_or_raise(formatted) == file
    assert format_text(formatted) == formatted
    tidy = format_text(text)
    assert parse_or_raise(text) == parse_or_raise(tidy) == file
    assert format_text(tidy) == tidy
    kept = re.findall(r"(?<!\S)// \d+.*", re.sub(r'"(?:[^"\\\n]|\\.)*"', '""', tidy))
    assert sorted(kept) == sorted(comments)


@pytest.mark.parametrize("name", spaces.names())
def test_shipped_spaces_survive(name: str) -> None:
    text = spaces.text(name)
    tidy = format_text(text)
    assert parse_or_raise(tidy) == parse_or_raise(text)
    assert format_text(tidy) == tidy


@pytest.mark.parametrize("name", spaces.names())
def test_comments_and_layout_do_not_change_a_space(name: str) -> None:
    commented = "// What this space is for.\n" + re.sub(r";$", "; // here", spaces.text(name), flags=re.MULTILINE)
    plain = parse_or_raise(spaces.text(name))
    assert isinstance(plain, t.SpaceFile)
    for text in (commented, format_text(commented), print_tree(plain)):
        tree = parse_or_raise(text)
        assert isinstance(tree, t.SpaceFile)
        assert build_space(tree) == build_space(plain)
        assert build_space(tree).digest == build_space(plain).digest


def test_spans_cover_what_was_read() -> None:
    text = 'principles p for s;\nprinciple q "é" {\n  layers: only a, b;\n}\n'
    file = parse_or_raise(text)
    assert isinstance(file, t.PrincipleFile)
    principle = file.items[0]
    assert isinstance(principle, t.Principle)
    assert text[principle.span.start : principle.span.end].startswith('principle q "é" {')
    rule = principle.statements[0]
    assert text[rule.span.start : rule.span.end] == "layers: only a, b;"
    assert (rule.span.line, rule.span.column) == (3, 3)
    assert isinstance(rule, t.LayerRule)
    assert isinstance(rule.predicate, t.Only)
    last = rule.predicate.operators.include[1]
    assert text[last.span.start : last.span.end] == "b"


def test_a_text_with_errors_is_not_formatted() -> None:
    with pytest.raises(LaptError, match="E002"):
        format_text("principles p for s")


@given(st.sampled_from(["\r\n", "\n"]))
def test_line_ends_do_not_matter(newline: str) -> None:
    text = f"principles p for s;{newline}// c{newline}{newline}drop a;{newline}"
    assert format_text(text) == "principles p for s;\n// c\n\ndrop a;\n"
