from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lapt_dsl.compiler.building.library import load_space, space_of_text
from lapt_dsl.compiler.space.model import Architecture, Space
from lapt_dsl.compiler.space.notations.template import compact
from lapt_dsl.diagnostics.diagnostic import Diagnostic, LaptError
from tests.bounds import little_work
from tests.effort import examples

NAS201 = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|nor_conv_1x1~0|avg_pool_3x3~1|nor_conv_3x3~2|"
NORMAL = "('sep_conv_3x3', 0), ('none', 1), ('skip_connect', 0), ('none', 2), ('none', 0), ('none', 1), "
GENOTYPE = (
    f"Genotype(normal=[{NORMAL}('none', 0), ('none', 1)], normal_concat=range(2, 6), "
    f"reduce=[{NORMAL}('none', 0), ('none', 4)], reduce_concat=range(2, 6))"
)
NO_NOTATION = """
space s {
  operator skip = identity();
  operator conv = relu_conv_bn();
  cell a {
    input x, z;
    node b = layer 0 (x) + layer 1 (one of {z, x});
    output y = layer 2 (any of {x, b}) + layer 3 (some of {x, z, b});
    layers choose skip, conv;
    layer width choose 8, 16, 116;
  }
  cell c { input x; output y = layer 0 (x); layers choose skip, conv; }
  network { a(channels=width); c; head pool_linear(); }
}
"""


def refusal(space: Space, text: str) -> Diagnostic:
    with pytest.raises(LaptError) as caught:
        space.parse_arch(text)
    (finding,) = caught.value.diagnostics
    assert 0 <= finding.span.start <= finding.span.end <= len(text)
    assert finding.hint
    return finding


def test_white_space_outside_quotes_does_not_count() -> None:
    nas201, darts = load_space("nas201"), load_space("darts")
    spaced = " " + NAS201.replace("|", " | ").replace("+", "\n+\t") + "\n"
    assert nas201.parse_arch(spaced) == nas201.parse_arch(NAS201)
    assert darts.parse_arch(compact(GENOTYPE)) == darts.parse_arch(GENOTYPE)
    assert refusal(darts, GENOTYPE.replace("'none'", "' none'", 1)).code == "E602"


def test_every_spelling_of_a_genotype_is_read() -> None:
    space = load_space("darts")
    arch = space.parse_arch(GENOTYPE)
    listed = GENOTYPE.replace("range(2, 6)", "[2, 3, 4, 5]")
    mixed = GENOTYPE.replace("range(2, 6)", "[2, 3, 4, 5]", 1)
    assert space.parse_arch(listed) == space.parse_arch(mixed) == arch
    assert space.format_arch(arch) == GENOTYPE


def test_the_pairs_of_a_stage_come_in_any_order() -> None:
    space = load_space("darts")
    swapped = GENOTYPE.replace("('skip_connect', 0), ('none', 2)", "('none', 2), ('skip_connect', 0)")
    assert swapped != GENOTYPE
    assert space.format_arch(space.parse_arch(swapped)) == GENOTYPE


def test_a_stage_that_reads_one_node_twice_is_refused() -> None:
    text = GENOTYPE.replace("('skip_connect', 0), ('none', 2)", "('skip_connect', 0), ('none', 0)", 1)
    finding = refusal(load_space("darts"), text)
    assert finding.code == "E604"
    assert finding.span.start == text.index("('none', 0), ('none', 0)") + len("('none', ")
    assert finding.message == "two layers of `s2` in cell `normal` read `0`"


@pytest.mark.parametrize(
    ("old", "new", "code", "column", "message", "hint"),
    [
        (
            "skip_connect",
            "skip_conect",
            "E602",
            26,
            "`skip_conect` is not the operator of layer 2 in cell `main`",
            "did you mean `skip_connect`?",
        ),
        ("~1|+", "~2|+", "E601", 39, "`1|+|` is expected here, not `2`", "an architecture is written like `|none~0|"),
        ("none~0", "~0", "E602", 19, "the operator of layer 1 in cell `main` is missing here", "write one of none, "),
        (NAS201, "", "E601", 1, "`|` is expected here, not the end of the text", "an architecture is written like"),
        (NAS201, NAS201 + "|", "E601", 88, "the architecture ends before `|`", "remove the rest"),
        (NAS201, f"\n {NAS201[:-2]}", "E601", 87, "`2|` is expected here, not the end of the text", "an arch"),
    ],
)
def test_refusals_say_what_and_where(old: str, new: str, code: str, column: int, message: str, hint: str) -> None:
    finding = refusal(load_space("nas201"), NAS201.replace(old, new, 1))
    assert (finding.code, finding.span.column, finding.message) == (code, column, message)
    assert finding.hint is not None
    assert finding.hint.startswith(hint)


def test_a_budget_is_kept() -> None:
    space = load_space("nb101")
    full = [[int(column > row) for column in range(7)] for row in range(7)]
    operators = ["input", *["conv3x3-bn-relu"] * 5, "output"]
    finding = refusal(space, f"ModelSpec(matrix={full}, ops={operators})")
    assert (finding.code, finding.message) == (
        "E605",
        "the layers of cell `main` read 21 sources together; at most 9 are allowed",
    )
    with pytest.raises(LaptError, match="E606"):
        space.format_arch(Architecture(space, tuple(len(layer.choices) - 1 for layer in space.layers)))


def test_a_layer_written_twice_must_agree() -> None:
    cell = "cell c { input x; output y = layer 0 (x); layers choose a, b; }"
    operators = "operator a = identity(); operator b = zero() : absent;"
    space = space_of_text(f'space s {{ {operators} {cell} notation "{{0}}/{{0}}"; }}')
    assert space.format_arch(space.parse_arch("b/b")) == "b/b"
    assert refusal(space, "a/b").code == "E603"


def test_no_word_of_the_space_is_written() -> None:
    space = load_space("nas201")
    for labels in [(0,) * 5, (0,) * 7, (0, 0, 0, 0, 0, 5), (0, 0, 0, 0, 0, -1)]:
        with pytest.raises(LaptError, match="E606"):
            space.format_arch(Architecture(space, labels))


def test_a_space_without_notation_gets_one() -> None:
    space = space_of_text(NO_NOTATION)
    text = "a.width=116 a.0=conv(x) a.1=skip(z) a.2=skip() a.3=conv(x+b) c.0=skip(x)"
    assert space.format_arch(space.parse_arch(text)) == text
    assert refusal(space, text.replace("x+b", "b+x")).code == "E602"
    rng = random.Random(7)
    for _ in range(200):
        arch = Architecture(space, tuple(rng.randrange(len(layer.choices)) for layer in space.layers))
        assert space.parse_arch(space.format_arch(arch)) == arch
        assert space.parse_arch(compact(space.format_arch(arch))) == arch


@examples(100)
@given(st.data())
def test_mutilated_texts_are_read_or_refused(data: st.DataObject) -> None:
    space = load_space(data.draw(st.sampled_from(["nas201", "darts", "nb101", "trans101", "mobilenet"])))
    text = space.codec.example()
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 30)))
    text = text[:start] + data.draw(st.text(alphabet=text + "'\" \n\0é{}", max_size=12)) + text[end:]
    try:
        arch = space.parse_arch(text)
    except LaptError:
        assert refusal(space, text).code.startswith("E6")
    else:
        assert space.parse_arch(space.format_arch(arch)) == arch


@pytest.mark.parametrize("filler", ["'", '"', "|", " ", "none~0|", "'none', 0), ("])
def test_long_texts_are_refused_quickly(filler: str) -> None:
    text = filler * (300_000 // len(filler))
    with little_work():
        for name in ("nas201", "darts"):
            refusal(load_space(name), text)
            refusal(load_space(name), load_space(name).codec.example() + text + "!")


def test_a_text_without_end_is_refused_unread() -> None:
    assert refusal(load_space("nas201"), "|" * 1_000_001).code == "E607"
