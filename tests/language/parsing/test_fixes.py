"""Mistakes with one reading: each is said with its code, and its fix gives what was meant and touches nothing else."""

from __future__ import annotations

import pytest

from lapt_dsl.diagnostics.codes.syntax_fixes import SYNTAX_FIX_CODES
from lapt_dsl.diagnostics.diagnostic import Diagnostic, Fix
from lapt_dsl.diagnostics.fixes import apply_fixes
from lapt_dsl.diagnostics.span import Span
from lapt_dsl.language.parsing.parser import parse

FRAME = "principles p for s;\nprinciple q {{\n  {}\n  layers: never z;  // kept\n}}\n"


def fixed(text: str) -> tuple[str, list[str]]:
    """The text after the fixes of one parse, and their codes."""
    fixed_text, applied = apply_fixes(text, parse(text, "a.lp")[1], "a.lp")
    return fixed_text, [item.code for item in applied]


@pytest.mark.parametrize(
    ("code", "wrong", "right"),
    [
        ("E002", "layers: only a", "layers: only a;"),
        ("E002", "if layers: only a then layers: only b;", "if layers: only a; then layers: only b;"),
        ("E021", 'layers: only "a";', "layers: only a;"),
        ("E021", "layers: at most 2 'a', “b”, c;", "layers: at most 2 a, b, c;"),
        ("E022", "layer_3: only a;", "layer 3: only a;"),
        ("E022", "Layer3: only a;", "layer 3: only a;"),
        ("E022", "layer-3: only a;", "layer 3: only a;"),
        ("E022", "stage_2: only a;", "stage 2: only a;"),
        ("E023", "Layer 3: only a;", "layer 3: only a;"),
        ("E023", "layers: Only a;", "layers: only a;"),
        ("E024", "layer 0, 1: only a;", "layers 0, 1: only a;"),
        ("E024", "stage 1..2: only a;", "stages 1..2: only a;"),
        ("E025", "layer 3 only a;", "layer 3: only a;"),
        ("E025", "each stage reads x;", "each stage: reads x;"),
        ("E025", "some path at least 1 a;", "some path: at least 1 a;"),
        ("E026", "network: params ≤ 3M;", "network: params <= 3M;"),
        ("E026", "layers 0-2, 4 – 5: only a;", "layers 0..2, 4..5: only a;"),
        ("E027", "layers: only [a, b];", "layers: only a, b;"),
        ("E027", "layers: only ['a', \"b\",];", "layers: only a, b;"),
        ("E027", "layers: at most 1 {a, b};", "layers: at most 1 a, b;"),
        ("E027", "layers: never (a);", "layers: never a;"),
        ("E027", "layer[3]: only a;", "layer 3: only a;"),
        ("E028", "layers: only a and b;", "layers: only a, b;"),
        ("E028", "layers: only a, b, and c;", "layers: only a, b, c;"),
        ("E028", "layers: only a, or b;", "layers: only a, b;"),
        ("E028", "layers: at most 1 a or b;", "layers: at most 1 a, b;"),
        ("E028", "some path: only a and b;", "some path: only a, b;"),
        ("E028", "layers 0 and 1: only a;", "layers 0, 1: only a;"),
        ("E028", "in a and b { layers: only c; }", "in a, b { layers: only c; }"),
        ("E029", "layers: only a, b,;", "layers: only a, b;"),
        ("E029", "layers: only a, except b;", "layers: only a except b;"),
        ("E030", "# why\n  layers: only a;", "// why\n  layers: only a;"),
        ("E030", "layers: only a; /* why */", "layers: only a; // why"),
        ("E032", "layers: only a;;", "layers: only a;"),
        ("E032", "in c { layers: only a; };;", "in c { layers: only a; }"),
        ("E032", "layers: only a;\n  ;", "layers: only a;\n  "),
    ],
)
def test_a_mistake_with_one_reading(code: str, wrong: str, right: str) -> None:
    fixed_text, applied = fixed(FRAME.format(wrong))
    assert fixed_text == FRAME.format(right)
    assert set(applied) == {code}
    assert parse(fixed_text)[1] == []


@pytest.mark.parametrize("inputs", ["x", "x, y", "through_x, y"])
def test_the_earlier_keyword_of_preprocessing(inputs: str) -> None:
    frame = "space s {{ cell c {{ input {} {} conv_bn(kernel=1); }} }}\n"
    fixed_text, applied = fixed(frame.format(inputs, "through"))
    assert fixed_text == frame.format(inputs, "preprocess")
    assert applied == ["E033"]


@pytest.mark.parametrize(
    "wrong",
    [
        "layers: only a b;",  # a list, or one name in two words
        "layers: onyl a;",  # what is nearest by letters is a guess
        "layers: at most 1 a and b;",  # one count or two
        "layers: reads x and y;",  # some of both, or each
        "network: params < 3M;",  # whether the end counts
        "network: params => 3M;",
        "layers 0:2: only a;",  # whether the end counts
        "layer #3: only a;",  # what follows would become a comment
        "layers: only a,, b;",  # an item may be missing
        "layers: at least a;",
        "layers: ;",  # what is said of them is missing
        "if layers: only a; layers: only b;",
    ],
)
def test_what_a_person_must_decide(wrong: str) -> None:
    text = FRAME.format(wrong)
    assert parse(text)[1] != []
    assert fixed(text) == (text, [])


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("principle a { layers: only x;", "principle a { layers: only x;\n}\n"),
        ("principle a {\n  layers: only x;  // why\n", "principle a {\n  layers: only x;  // why\n}\n"),
        ("principle a {\r\n  layers: only x;\r\n", "principle a {\r\n  layers: only x;\r\n}\r\n"),
        (
            "principle a {\n  in c { layers: only x; }\n  layers: only y;\n",
            "principle a {\n  in c { layers: only x; }\n  layers: only y;\n}\n",
        ),
        (
            "principle a {\n  one of {\n    layers: only x;\n    layers: only y;\n",
            "principle a {\n  one of {\n    layers: only x;\n    layers: only y;\n}\n}\n",
        ),
        (
            "principle a {\n  layers: only x;  // why\n\n// b\nprinciple b { layers: only y; }\n",
            "principle a {\n  layers: only x;  // why\n}\n\n// b\nprinciple b { layers: only y; }\n",
        ),
        # Where the inner block ends is not known, or the text was cut off inside a statement.
        ("principle a { in c { layers: only x; } layers: only y;", None),
        ("principle a {\n  in c {\n    layers: only x;\n  layers: only y;\n}\n", None),
        ("principle a { in c { layers: only x; layers: only y;", None),
        ("principle a {\n  layers: only x", None),
        ("principle a {\n  layers: only x,", None),
    ],
)
def test_a_block_that_is_not_closed(wrong: str, right: str | None) -> None:
    head = "principles p for s;\r\n" if "\r" in wrong else "principles p for s;\n"
    fixed_text, _ = fixed(head + wrong)
    assert fixed_text == head + (wrong if right is None else right)


def test_a_semicolon_behind_a_principle() -> None:
    text = "principles p for s;;\nprinciple a { layers: only x; };\nprinciple b { layers: only y; };\n"
    fixed_text, codes = fixed(text)
    assert fixed_text == text.replace(";;", ";").replace("};", "}")
    assert codes == ["E032"] * 3


def test_strings_in_other_quotes() -> None:
    head, rules = "principles p for s;\n", ("{ layers: only x; }\n", "{ layers: only y; }\n")
    wrong = f"{head}principle a 'It\u2019s light.' {rules[0]}principle b “So.” {rules[1]}"
    fixed_text, codes = fixed(wrong)
    assert fixed_text == wrong.replace("'It", '"It').replace(".'", '."').replace("“", '"').replace("”", '"')
    assert codes == ["E020", "E020"]


def test_a_space_file_is_fixed_too() -> None:
    text = "space s {\n  operator a = identity() : 'x';\n}\n"
    assert fixed(text)[0] == text.replace("'", '"')


def test_a_block_of_a_larger_text() -> None:
    block = FRAME.format("layer_3: only a;")
    found = parse(block, "r.md", offset=70, line=9)[1]
    assert found[0].fix is not None
    assert (found[0].fix.span.start, found[0].span.line) == (70 + block.index("layer_3"), 11)
    assert apply_fixes(block, found, "r.md", offset=70)[0] == FRAME.format("layer 3: only a;")


def finding(start: int, end: int, new: str, file: str = "a.lp") -> Diagnostic:
    span = Span(start, end, 1, start + 1, file)
    return Diagnostic("E001", "error", "m", span, None, (), Fix(span, new))


def test_fixes_that_touch_wait_for_the_next_round() -> None:
    text = "abcdef"
    first, inside, insertion, other = finding(1, 3, "X"), finding(2, 4, "Y"), finding(3, 3, "!"), finding(5, 6, "Z")
    assert apply_fixes(text, [other, inside, insertion, first], "a.lp") == ("aXdeZ", [first, other])
    assert apply_fixes(text, [finding(0, 0, ">"), finding(0, 1, "A")], "a.lp")[0] == ">abcdef"
    outside = [finding(-1, 2, "N"), finding(5, 9, "N"), finding(0, 1, "N", "b.lp")]
    assert apply_fixes(text, outside, "a.lp") == (text, [])


SYNTAX = [code for code in SYNTAX_FIX_CODES if code < "E035" and code != "E031"]
"""E031 needs the operators of a space."""


@pytest.mark.parametrize("code", SYNTAX)
def test_the_documented_example_is_fixed_as_documented(code: str) -> None:
    known = SYNTAX_FIX_CODES[code]
    frame = "principles p for s;\n{}\n" if known.avoid.startswith("principle") else FRAME
    if known.avoid.startswith("input"):
        frame = "space s {{ cell c {{ {} }} }}\n"
    fixed_text, codes = fixed(frame.format(known.avoid))
    assert fixed_text == frame.format(known.prefer)
    assert code in codes
