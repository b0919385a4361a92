"""The grammars are LALR(1) for Lark, portable to constrained decoders, and what the parser really accepts."""

from __future__ import annotations

import json
import logging
import re
import string
from functools import cache

import lark
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lapt_dsl import grammars, spaces
from lapt_dsl.language.forms.keywords import reserved
from lapt_dsl.language.parsing import parse_table as tables
from lapt_dsl.language.parsing.parser import parse
from lapt_dsl.language.printing.printer import print_tree
from tests.effort import examples
from tests.language.printing.tree_strategies import files, tokens_of

LANGUAGES = pytest.mark.parametrize("language", grammars.NAMES)
# What the parser refuses beyond the grammar: a name that the other language reserves, and an empty block.
BEYOND = {"E010", "E016"}


@cache
def lark_parser(language: str) -> lark.Lark:
    return lark.Lark(grammars.text(language), parser="lalr", lexer="basic")


@LANGUAGES
def test_there_is_no_conflict(language: str, caplog: pytest.LogCaptureFixture) -> None:
    lark.logger.setLevel(logging.DEBUG)
    try:
        with caplog.at_level(logging.DEBUG, logger=lark.logger.name):
            lark.Lark(grammars.text(language), parser="lalr", debug=True)
    finally:
        lark.logger.setLevel(logging.CRITICAL)
    assert "onflict" not in caplog.text


@LANGUAGES
def test_every_terminal_is_named(language: str) -> None:
    assert all(re.fullmatch(r"[A-Z_]+", terminal.name) for terminal in lark_parser(language).terminals)
    assert not any(terminal.name.startswith("__") for terminal in lark_parser(language).terminals)


@LANGUAGES
def test_the_text_stays_inside_the_portable_subset(language: str) -> None:
    text = re.sub(r"//[^\n]*", "", grammars.text(language))
    rules = re.sub(r'"(?:[^"\\]|\\.)*"|(?m:(?<=: )/.*/$)', "", text)
    assert "'" not in rules
    assert "~" not in rules
    assert re.findall(r"%(\w+)", rules) == ["ignore", "ignore"]
    assert not re.search(r"^\s*[A-Za-z_]+\.\d", rules, re.MULTILINE), "a priority"
    patterns = [terminal.pattern.value for terminal in lark_parser(language).terminals if terminal.pattern.type == "re"]
    for pattern in patterns:
        assert "(?" not in pattern.replace("(?:", "(")
        assert not re.search(r"[+*}]\?|\\[1-9dDwWsS]", pattern)


@LANGUAGES
def test_decoders_accept_the_grammar_and_every_example(language: str) -> None:
    llguidance = pytest.importorskip("llguidance", reason="llguidance is not installed")
    tokenizer = llguidance.LLTokenizer("byte")
    grammar = llguidance.LLMatcher.grammar_from_lark(grammars.text(language))
    assert llguidance.LLMatcher.validate_grammar(grammar, tokenizer) == ""
    texts = [spaces.text(name) for name in spaces.names()] if language == "space" else [EXAMPLE]
    for whole in texts:
        # llguidance ignores nothing before the first token and after the last.
        text = re.sub(r"\A(//.*\n|\s)*", "", whole).rstrip()
        matcher = llguidance.LLMatcher(tokenizer, grammar)
        tokens = tokenizer.tokenize_str(text)
        assert matcher.validate_tokens(tokens) == len(tokens)


EXAMPLE = """\
principles darts_cifar100 for darts; // a comment
extends "chain.lp";

principle growing_cells "Convolve first in the normal cell, pool first in the reduction cell." evidence 3 of 5 {
  in normal    { early layers: only separable, dilated;  late layers: prefer shortcut, pooling by 1; }
  if layer 3: only skip; then layer 5: only convolution;
  network: params <= 1.3M;
  some path from input 0 to output: at least 3 any except pooling and never none;
}
"""


@LANGUAGES
def test_shipped_tables_are_current(language: str) -> None:
    shipped = json.loads(tables.path(language).read_text(encoding="utf-8"))
    built = tables.build(language)
    # Another Lark may number rules otherwise; what counts is the grammar it was built from.
    if shipped["lark"] == lark.__version__:
        assert shipped == json.loads(json.dumps(built)), "run `python -m lapt_dsl.language.parsing.parse_table`"
    assert shipped["grammar"] == tables.digest(language)


@LANGUAGES
def test_a_stale_or_missing_table_is_built_in_memory(language: str, monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    shipped = tables.load(language)
    monkeypatch.setattr(tables, "path", lambda name: tmp_path / f"{name}.json")
    assert tables.load(language) == shipped
    (tmp_path / f"{language}.json").write_text('{"format": 0}', encoding="utf-8")
    assert tables.load(language) == shipped


def test_reserved_words_are_those_the_grammars_do_not_allow_as_names() -> None:
    for language in grammars.NAMES:
        table = tables.load(language)
        keywords = {text: kind for text, kind in table.literals.items() if text[0] in string.ascii_letters}
        kept = {text for text, kind in keywords.items() if kind not in table.soft}
        if language == "principles":
            # `output` names the output wherever a place stands, so a space may not use it for another node.
            assert kept | {"output"} == reserved("principles")
        else:
            assert kept <= reserved("principles") | reserved("space")
            assert reserved("space") <= kept


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """The tokens of a random file, a few of them removed, doubled, swapped or replaced."""
    words = tokens_of(print_tree(draw(files())))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(1, max(1, len(words) - 1)))
        match draw(st.sampled_from(["remove", "double", "swap", "replace"])):
            case "remove":
                del words[at : at + 1]
            case "double":
                words[at:at] = words[at : at + 1]
            case "swap":
                words[at - 1 : at + 1] = reversed(words[at - 1 : at + 1])
            case _:
                words[at : at + 1] = [draw(st.sampled_from([*words, ";", "{", "}", "only", "x", "7"]))]
    return " ".join(words)


@examples(80)
@given(mutated())
def test_the_parser_accepts_what_the_grammar_accepts(text: str) -> None:
    language = "space" if text.startswith("space") else "principles"
    try:
        lark_parser(language).parse(text)
        accepted = True
    except lark.exceptions.UnexpectedInput:
        accepted = False
    tree, findings = parse(text)
    assert {finding.code for finding in findings} <= BEYOND or not accepted
    assert findings or tree is not None
    assert accepted or findings
