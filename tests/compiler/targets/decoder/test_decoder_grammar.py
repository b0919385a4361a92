"""What a decoder's grammar generates compiles, and what the formatter prints it accepts."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.lark import from_lark

import lapt_dsl as lapt
from lapt_dsl.compiler.building.library import load_space
from lapt_dsl.compiler.program.inheritance import ImportScope, check_program
from lapt_dsl.compiler.program.source_files import source_of_text
from lapt_dsl.compiler.refined.compiled import lower_program
from lapt_dsl.compiler.space.model import Space
from lapt_dsl.compiler.targets.decoder.grammar import decoder_grammar, validate
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.language import tree as t
from lapt_dsl.language.parsing.parser import parse_or_raise
from lapt_dsl.language.printing.formatter import format_text
from lapt_dsl.language.printing.printer import print_tree
from tests.bounds import little_work
from tests.compiler.small_spaces import random_space
from tests.compiler.targets.decoder.grammar_sampler import Sampler
from tests.effort import either, examples
from tests.places import ROOT
from tests.properties.cases import principle_file, shipped, tiny_spaces
from tests.properties.principle_trees import principle_files

llguidance = pytest.importorskip("llguidance", reason="llguidance is not installed")

GOLDEN = Path(__file__).parent / "golden"
SMALL = ("nas201", "trans101")
LARGE = ("darts", "nb101")
TINY = {"max_statements": 4, "max_nesting": 2, "max_principles": 3}
OVER_LIMITS = {"E503", "E501", "E502"}  # too many states, or nothing left: neither is malformed


@cache
def sampler(name: str) -> Sampler:
    return Sampler(decoder_grammar(load_space(name)))


@cache
def tokenizer() -> Any:
    return llguidance.LLTokenizer("byte")


def matcher(grammar: str) -> Any:
    return llguidance.LLMatcher(tokenizer(), llguidance.LLMatcher.grammar_from_lark(grammar))


def accepted(fresh: Any, text: str) -> bool:
    """Whether a text is accepted whole, token for token, by a matcher that has taken nothing yet."""
    one = fresh.deep_copy()
    return bool(one.consume_tokens(tokenizer().tokenize_str(text)) and one.is_accepting())


def resolves(text: str, space: Space, texts: dict[str, str] | None = None) -> None:
    """Assert that a text parses, reads only `texts` and resolves against the space."""
    program, found = check_program(source_of_text(text, "reply.lp"), ImportScope(texts=texts or {}))
    assert program is not None
    _, more = lower_program(program, space)
    assert not [item for item in (*found, *more) if item.severity == "error"], text


def compiles(text: str, space: Space) -> None:
    """Assert that a text compiles, if perhaps to nothing or to more than may be explored."""
    found: set[str] = set()
    try:
        lapt.compile(principle_file(text), space, max_nodes=20_000)
    except LaptError as error:
        found = {item.code for item in error.diagnostics}
    assert found <= OVER_LIMITS, text


# --- what is generated compiles -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SMALL)
@examples(15)
@given(seed=st.integers(0, 10**9))
def test_what_is_generated_compiles(name: str, seed: int) -> None:
    text = sampler(name).draw(seed)
    space = load_space(name)
    resolves(text, space)
    compiles(text, space)


@pytest.mark.parametrize("name", LARGE)
@examples(20)
@given(seed=st.integers(0, 10**9))
def test_what_is_generated_resolves_in_large_spaces(name: str, seed: int) -> None:
    resolves(sampler(name).draw(seed), load_space(name))


@pytest.mark.slow
@examples(20)
@given(seed=st.integers(0, 10**9))
def test_what_is_generated_resolves_where_layers_are_numbers(seed: int) -> None:
    resolves(sampler("mobilenet").draw(seed), load_space("mobilenet"))


@examples(2)
@given(tiny_spaces(), st.integers(0, 10**9))
def test_what_is_generated_compiles_over_random_spaces(space: Space, seed: int) -> None:
    drawn = Sampler(decoder_grammar(space, **TINY), room=200)
    for number in range(8):
        text = drawn.draw(seed + number)
        resolves(text, space)
        compiles(text, space)


@pytest.mark.parametrize("seed", range(either(5, 60)))
def test_what_is_generated_resolves_over_spaces_made_in_code(seed: int) -> None:
    # Their networks cannot be laid out, so nothing may be said of params; their cells differ in layers and places.
    space = random_space(seed)
    grammar = decoder_grammar(space, **TINY)
    drawn = Sampler(grammar, room=200)
    for number in range(25):
        resolves(drawn.draw(number), space)


@pytest.mark.slow
@examples(2)
@given(st.data())
def test_hypothesis_can_generate_from_it(data: st.DataObject) -> None:
    resolves(data.draw(from_lark(_bounded("nas201").parser)), load_space("nas201"))


@cache
def _bounded(name: str) -> Sampler:
    return Sampler(decoder_grammar(load_space(name), max_statements=2, max_nesting=0, max_principles=1, max_sentence=8))


def test_a_reply_that_extends_drops_and_replaces_only_what_is_there() -> None:
    space = load_space("nas201")
    parent = (ROOT / "examples" / "nas201_imagenet.lp").read_text(encoding="utf-8")
    names = ("convolve_early", "p7_compact")
    texts = {"parent.lp": parent.replace("compact", "p7_compact")}
    drawn = Sampler(decoder_grammar(space, extends="parent.lp", names=names))
    seen = set()
    for seed in range(120):
        text = drawn.draw(seed)
        assert re.match(r'principles\s+\w+\s+for\s+nas201;\s+extends\s+"parent.lp";\s', text)
        resolves(text, space, texts)
        seen |= set(re.findall(r"drop\s+(\w+);|principle\s+(\w+?)(?:_[a-z]\w*)?\s", text))
    assert {drop for drop, _ in seen} >= set(names)
    assert "p8" in {name for _, name in seen}
    assert not {name for _, name in seen} & {"p1", "p6"}


# --- what is printed is accepted ----------------------------------------------------------------------------------


def defined(text: str) -> tuple[str, ...]:
    """The names of the principles of a file."""
    tree = parse_or_raise(text)
    assert isinstance(tree, t.PrincipleFile)
    return tuple(item.name.text for item in tree.items if isinstance(item, t.Principle))


@pytest.mark.parametrize("name", SMALL)
@examples(20)
@given(data=st.data())
def test_what_is_printed_is_accepted(name: str, data: st.DataObject) -> None:
    space, _ = shipped(name)
    file = data.draw(principle_files(space))
    assert accepted(_printed(name), print_tree(file)), print_tree(file)


@examples(15)
@given(data=st.data())
def test_what_is_printed_is_accepted_in_a_large_space(data: st.DataObject) -> None:
    file = data.draw(principle_files(load_space("darts")))
    assert accepted(_printed("darts"), print_tree(file)), print_tree(file)


@examples(8)
@given(tiny_spaces(), st.data())
def test_what_is_printed_is_accepted_over_random_spaces(space: Space, data: st.DataObject) -> None:
    fresh = matcher(decoder_grammar(space, defines=("p0", "p1", "p2")))
    for _ in range(3):
        text = print_tree(data.draw(principle_files(space)))
        assert accepted(fresh, text), text


@cache
def _printed(name: str) -> Any:
    return matcher(decoder_grammar(load_space(name), defines=("p0", "p1", "p2")))


@pytest.mark.parametrize(
    ("file", "extends"), [("nas201_imagenet", None), ("chain", None), ("darts_cifar100", "chain.lp")]
)
def test_the_examples_are_accepted(file: str, extends: str | None) -> None:
    text = (ROOT / "examples" / f"{file}.lp").read_text(encoding="utf-8")
    bare = re.sub(r"\A(//.*\n)+", "", text)
    space = load_space("darts" if "darts" in text else "nas201")
    assert bare == format_text(bare)
    assert accepted(matcher(decoder_grammar(space, extends=extends, defines=defined(bare))), bare)


@pytest.mark.parametrize("name", SMALL)
def test_what_is_generated_is_accepted_before_and_after_formatting(name: str) -> None:
    fresh = matcher(decoder_grammar(load_space(name)))
    for seed in range(60):
        text = sampler(name).draw(seed)
        assert accepted(fresh, text)
        assert accepted(fresh, format_text(text))


@pytest.mark.parametrize(
    "statement",
    [
        "layers: only max_pool3x3;",  # of another space
        "layer 6: only skip;",
        "layers 3..2: only skip;",
        "layers: only skip, conv1x1 except shortcut, convolution;",  # nothing is left
        "each stage: only skip;",
        "stage 1: only skip;",
        "layers into x: only skip;",
        "layers from y: only skip;",
        "layers: reads previous stage;",
        "some path from y to x: at least 1 convolution;",
        "some path from c to y: at least 1 convolution;",
        "layers: at most 10 skip;",
        "layers: prefer skip by 51;",
        "network: latency <= 3;",
        "layer width: only 16;",
        "if layers: prefer skip; then layers: only skip;",
        "in normal {\n    layers: only skip;\n  }",
        "one of {\n  }",
    ],
)
def test_what_the_space_does_not_have_is_refused(statement: str) -> None:
    fresh = _printed("nas201")
    text = "principles some_file for nas201;\n\nprinciple p0 {{\n  {}\n}}\n"
    assert accepted(fresh, text.format("layers: only skip;"))
    assert not accepted(fresh, text.format(statement))


@pytest.mark.parametrize("head", ["principles for for nas201;", "principles f for any;", "principles f for trans101;"])
def test_the_header_names_this_space(head: str) -> None:
    assert not accepted(_printed("nas201"), f"{head}\n\nprinciple p0 {{\n  layers: only skip;\n}}\n")


# --- the text itself ----------------------------------------------------------------------------------------------


def test_golden() -> None:
    path = GOLDEN / "decoder_nas201.lark"
    text = decoder_grammar(load_space("nas201"), max_principles=3, max_statements=3, max_nesting=1)
    if os.environ.get("LAPT_UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_the_same_text_in_every_process() -> None:
    script = (
        "from lapt_dsl.compiler.building.library import load_space\n"
        "from lapt_dsl.compiler.targets.decoder.grammar import decoder_grammar\n"
        "print(decoder_grammar(load_space('darts')), end='')\n"
    )
    for seed in ("1", "2"):
        run = subprocess.run(
            [sys.executable, "-c", script],
            capture_output=True,
            encoding="utf-8",
            cwd=ROOT,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        )
        assert run.stdout == decoder_grammar(load_space("darts"))


@pytest.mark.parametrize("name", [*SMALL, *LARGE, "mobilenet"])
def test_decoders_take_it_and_are_quick(name: str) -> None:
    grammar = decoder_grammar(load_space(name))
    text = sampler("nas201").draw(5) if name == "nas201" else None
    with little_work():  # tens of milliseconds
        problem = llguidance.LLMatcher.validate_grammar(llguidance.LLMatcher.grammar_from_lark(grammar), tokenizer())
        fresh = matcher(grammar)
        assert problem == ""
        fresh.compute_bitmask()
        for token in tokenizer().tokenize_str(text) if text else ():
            assert fresh.consume_token(token)
            fresh.compute_bitmask()
    assert len(grammar) < 250_000
    assert max(len(line.split(" | ")) for line in grammar.splitlines()) < 200


def test_it_stays_inside_the_portable_subset() -> None:
    text = decoder_grammar(load_space("darts"))
    rules = re.sub(r'"(?:[^"\\]|\\.)*"|/(?:[^/\\]|\\.)*/', "", re.sub(r"(?m)^//.*$", "", text))
    assert not re.search(r"['~%{}.]", rules)
    assert "(?" not in re.sub(r'"(?:[^"\\]|\\.)*"', "", text)
    assert not re.search(r"[+*}]\?", text)


def test_validation_finds_what_either_library_finds() -> None:
    good = decoder_grammar(load_space("trans101"), max_nesting=0, max_statements=1, max_principles=1)
    assert validate(good) == []
    assert validate(good.replace('header: "principles"', 'header: "principles" ((')) != []
    assert any(problem.startswith("Lark") for problem in validate(good + "unreached: missing\n"))
    assert any(problem.startswith("llguidance") for problem in validate("start: A\nA: /(?=x)x/\n"))
    assert validate("") != []


@pytest.mark.parametrize(
    "given", [{"names": ("a", "a")}, {"names": ("for",)}, {"defines": ("a b",)}, {"extends": 'a"b'}, {"extends": ""}]
)
def test_names_that_cannot_be_written_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"principle|written"):
        decoder_grammar(load_space("nas201"), **given)
