"""The reference itself, against published numbers and cases worked out by hand."""

from __future__ import annotations

import pytest

import lapt_dsl as lapt
from lapt_dsl.language import tree as t
from tests.reference.costs import params
from tests.reference.evaluator import holds, log_weight, members
from tests.reference.graph import network_depth, network_live_layers
from tests.reference.neighbours import distance, neighbours

DARTS_V2 = (
    "Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('sep_conv_3x3', 1), "
    "('sep_conv_3x3', 1), ('skip_connect', 0), ('skip_connect', 0), ('dil_conv_3x3', 2)], normal_concat=[2, 3, 4, 5], "
    "reduce=[('max_pool_3x3', 0), ('max_pool_3x3', 1), ('skip_connect', 2), ('max_pool_3x3', 1), ('max_pool_3x3', 0), "
    "('skip_connect', 2), ('skip_connect', 2), ('max_pool_3x3', 1)], reduce_concat=[2, 3, 4, 5])"
)


@pytest.mark.parametrize(("name", "size"), [("nas201", 15_625), ("trans101", 4_096)])
def test_published_sizes(name: str, size: int) -> None:
    words = list(members(lapt.load_space(name)))
    assert len(words) == len(set(words)) == size
    assert words == sorted(words)


@pytest.mark.parametrize(
    ("name", "text", "published"),
    [
        ("nas201", "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|{0}~0|{0}~1|{0}~2|", 1_531_546),
        ("nas201", "|skip_connect~0|+|skip_connect~0|skip_connect~1|+|{1}~0|{1}~1|{1}~2|", 73_306),
        ("nas201", "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|{1}~0|{0}~1|{0}~2|", 1_288_506),
        ("darts", DARTS_V2, 3_349_342),
    ],
)
def test_published_parameter_counts(name: str, text: str, published: int) -> None:
    space = lapt.load_space(name)
    arch = space.parse_arch(text.format("nor_conv_3x3", "skip_connect"))
    assert params(space, arch.encoding) == published


def word_of(text: str) -> tuple[int, ...]:
    """A NAS-Bench-201 word from six letters: n(one), s(kip), 1, 3, p(ooling)."""
    return tuple("ns13p".index(letter) for letter in text)


@pytest.mark.parametrize(
    ("letters", "depth", "live"),
    [
        ("333333", 45, 90),  # x-a-b-y in fifteen cells
        ("nnn3nn", 15, 15),
        ("n33n33", 30, 30),  # layer 2 reads a, which nothing feeds; the path is x-b-y
        ("3n3nnn", 0, 0),  # nothing reaches y
        ("3nn33n", 30, 45),
    ],
)
def test_depth_and_live_layers_by_hand(letters: str, depth: int, live: int) -> None:
    space = lapt.load_space("nas201")
    assert network_depth(space, word_of(letters)) == depth
    assert network_live_layers(space, word_of(letters)) == live


@pytest.mark.parametrize(
    ("body", "inside", "outside"),
    [
        ("layer 3: only skip, conv1x1;", "nnn1nn", "nnn3nn"),
        ("late layers: at most 1 pooling;", "pppnpn", "nnnnpp"),
        ("early layers: only convolution;", "13nnnn", "1s3333"),
        ("some path: at least 3 convolution;", "3n3nn3", "33nnn3"),
        ("every path: at least 1 convolution;", "nnnnnn", "nnnsnn"),
        ("some path from a to y: only skip;", "nnnnsn", "nnssn3"),
        ("if layer 0: only none; then layers from a: only none;", "n1n1n1", "nn3nnn"),
        ("layers into b: same operator;", "n33nnn", "n31nnn"),
        ("layers from a: distinct operators;", "nn3n1n", "nn3n3n"),
        ("one of { layer 0: only skip; layer 1: only skip; }", "ns3333", "333sss"),
        ("network: depth >= 45;", "3n3nn3", "33333n"),
        ("layers: exactly 2 any except none;", "13nnnn", "nnnnn3"),
    ],
)
def test_rules_by_hand(body: str, inside: str, outside: str) -> None:
    space = lapt.load_space("nas201")
    tree = lapt.parse(f"principles p for nas201; principle a {{ {body} }}")
    assert isinstance(tree, t.PrincipleFile)
    assert holds(tree, space, word_of(inside))
    assert not holds(tree, space, word_of(outside))


def test_weights_by_hand() -> None:
    space = lapt.load_space("nas201")
    tree = lapt.parse("principles p for nas201; principle a { late layers: prefer conv3x3, pooling over skip by 2; }")
    assert isinstance(tree, t.PrincipleFile)
    assert log_weight(tree, space, word_of("333333")) == 4.0
    assert log_weight(tree, space, word_of("3333sp")) == 0.0
    assert log_weight(tree, space, word_of("3333ss")) == -4.0


def test_neighbours_by_hand() -> None:
    space = lapt.load_space("nas201")
    everything = list(members(space))
    found = neighbours(space, word_of("nnnnnn"), everything)
    assert len(found) == 24
    assert all(distance(space, word_of("nnnnnn"), word) == 1 for word in found)
