"""Printing, parsing and formatting keep every tree, every comment and the meaning."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lapt_dsl import spaces
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.language import tree as t
from lapt_dsl.language.parsing.parser import parse_or_raise
from lapt_dsl.language.printing.formatter import format_text
from lapt_dsl.language.printing.printer import print_tree
from tests.effort import examples
from tests.language.printing.tree_strategies import files, layouts

some = examples(150)


@some
@given(files())
def test_what_is_printed_parses_to_the_same_tree(file: t.File) -> None:
    text = print_tree(file)
    assert parse_or_raise(text) == file
    assert format_text(text) == text


@some
@given(files().flatmap(lambda file: layouts(print_tree(file))))
def test_formatting_keeps_comments_and_meaning_and_is_idempotent(drawn: tuple[str, list[str]]) -> None:
    text, comments = drawn
    tidy = format_text(text)
    assert parse_or_raise(tidy) == parse_or_raise(text)
    assert format_text(tidy) == tidy
    kept = re.findall(r"(?<!\S)// \d+.*", re.sub(r'"(?:[^"\\\n]|\\.)*"', '""', tidy))
    assert sorted(kept) == sorted(comments)


@pytest.mark.parametrize("name", spaces.names())
def test_shipped_spaces_survive(name: str) -> None:
    text = spaces.text(name)
    tidy = format_text(text)
    assert parse_or_raise(tidy) == parse_or_raise(text)
    assert format_text(tidy) == tidy


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
