"""The decoder's grammar follows principles.lark, and takes what induction writes."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from lapt_dsl import grammars
from lapt_dsl.compiler.building.library import load_space
from lapt_dsl.compiler.refined.refined_space import full
from lapt_dsl.compiler.targets.decoder.grammar import decoder_grammar, validate
from lapt_dsl.language.forms import grammar_rules, reference
from lapt_dsl.language.parsing.parser import parse_or_raise
from lapt_dsl.language.tree import Drop, Principle, PrincipleFile
from lapt_dsl.propose.archive import Archive, Scored
from lapt_dsl.propose.induction import Induction
from lapt_dsl.propose.proposer import SearchState
from lapt_dsl.propose.revisions import compile_revision

llguidance = pytest.importorskip("llguidance", reason="llguidance is not installed")


@pytest.fixture
def changed(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A function that changes principles.lark for one test."""
    original = grammars.text

    def change(old: str, new: str) -> None:
        text = original("principles")
        assert old in text
        monkeypatch.setattr(reference.grammars, "text", lambda name: text.replace(old, new, 1))
        grammar_rules.rules.cache_clear()

    yield change
    monkeypatch.undo()
    grammar_rules.rules.cache_clear()


def small() -> str:
    return decoder_grammar(load_space("nas201"), max_statements=1, max_nesting=0, max_principles=1)


def test_a_new_alternative_of_known_parts_appears(changed: Callable[[str, str], None]) -> None:
    assert '"mostly"' not in small()
    changed(
        'predicate: "only" operators -> only', 'predicate: "mostly" operators -> mostly\n | "only" operators -> only'
    )
    assert '"mostly"' in small()
    assert validate(small()) == []


def test_a_changed_word_changes(changed: Callable[[str, str], None]) -> None:
    changed('"network" ":" metric', '"whole" ":" metric')
    assert 'network_rule: "whole" ":"' in small()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"same" "operator" -> same', '"same" "operator" colour -> same'),
        ("| path_rule", "| path_rule\n           | colour_rule"),
        ("operators: atoms except?", "operators: atoms except? colour?"),
        ("-> drop", "-> leave_out"),
        ('ranges: range ("," range)*', 'ranges: range ("," range)* "!"'),
    ],
)
def test_what_is_new_and_not_understood_is_refused(changed: Callable[[str, str], None], old: str, new: str) -> None:
    changed(old, new)
    with pytest.raises(ValueError, match=r"principles\.lark"):
        small()


@pytest.mark.slow
def test_what_induction_writes_is_accepted() -> None:
    space, rng = load_space("trans101"), random.Random(0)
    archive = Archive(space, "planted", [(arch, sum(arch.encoding[:3]) + rng.gauss(0, 1)) for arch in full(space)])
    inducer = Induction(space, archive)
    learned = inducer.learn(archive)
    assert taken(learned, None)
    found = tuple(Scored(full(space).unrank(rank), rng.random()) for rank in rng.sample(range(4096), 40))
    link = compile_revision(learned, "base.lp", {}, space)
    state = SearchState("base.lp", link.names, link.refined, found, True, 10, 20, 20)
    assert taken(inducer.adapt(learned, state), "base.lp")
    assert taken(inducer.explore(learned, state), "base.lp")


def taken(text: str, extends: str | None) -> bool:
    """Whether a file is accepted where its own names may stand."""
    tree = parse_or_raise(text)
    assert isinstance(tree, PrincipleFile)
    defines = tuple(item.name.text for item in tree.items if isinstance(item, Principle))
    dropped = tuple(item.name.text for item in tree.items if isinstance(item, Drop))
    bounds = {"max_statements": 150, "max_sentence": 2000, "max_nesting": 2}  # it writes long lists
    grammar = decoder_grammar(load_space("trans101"), extends=extends, names=dropped, defines=defines, **bounds)
    tokenizer = llguidance.LLTokenizer("byte")
    matcher = llguidance.LLMatcher(tokenizer, llguidance.LLMatcher.grammar_from_lark(grammar))
    return bool(matcher.consume_tokens(tokenizer.tokenize_str(text)) and matcher.is_accepting())
