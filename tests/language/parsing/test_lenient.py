"""No text at all makes the front end fail: a slice of the longer run in benchmarks/."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lapt_dsl import spaces
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.diagnostics.render import FORMATS, render
from lapt_dsl.language.parsing.parser import parse
from lapt_dsl.language.parsing.suppression import suppress
from lapt_dsl.language.printing.formatter import format_text
from lapt_dsl.language.printing.printer import print_tree
from lapt_dsl.language.replies.extract import extract
from tests.effort import either, examples

SEEDS = [
    spaces.text("nas201"),
    'principles p for s;\nextends "a.lp"; drop b; // c\nprinciple q "d" evidence 1 of 2 {\n'
    "  if layer 3: only x; then late layers: at most 2 any except y;\n"
    "  one of { in a, b { each stage: reads previous stage, input 0; } some path from x to output: same operator; }\n"
    "  network: live layers >= 1.5k; layers into b: prefer a over 16..32 by 0.5; // lapt: allow W401\n}\n",
]
SNIPPETS = [
    "{",
    "}",
    ";",
    '"',
    "//",
    "\x00",
    "\n",
    "principle q {",
    "only",
    "é",
    "\udc80",
    "..",
    "9" * 30,
    "if",
    "then",
]


def survives(text: str) -> None:
    tree, findings = parse(text, "f")
    assert findings or tree is not None
    assert all(0 <= f.span.start <= f.span.end <= len(text) for f in findings)
    assert len({(f.code, f.span) for f in findings}) == len(findings), "said twice"
    for form in FORMATS:
        assert "__" not in render(findings, {"f": text}, form) or "__" in text
    suppress(text, findings, "f")
    extract(text)
    if tree is not None:
        print_tree(tree)
    try:
        format_text(text)
    except LaptError:
        assert findings


@pytest.mark.parametrize("seed", range(either(300, 5000)))
def test_mutated_texts(seed: int) -> None:
    rng = random.Random(seed)
    text = rng.choice(SEEDS)
    for _ in range(rng.randint(1, 6)):
        at, size = rng.randrange(len(text)), rng.choice([0, 1, 3, 30])
        match rng.randrange(3):
            case 0:
                text = text[:at] + text[at + size :]
            case 1:
                text = text[:at] + rng.choice(SNIPPETS) + text[at + size :]
            case _:
                other = rng.randrange(len(text))
                text = text[:at] + text[other : other + size] + text[at:]
    survives(text)


@examples(100)
@given(st.text(max_size=60) | st.lists(st.sampled_from([*SNIPPETS, "principles p for s;", "space s {"])).map(" ".join))
def test_random_texts(text: str) -> None:
    survives(text)
