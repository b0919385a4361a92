"""Architectures as people and other tools write them: what is read, what it is read as, and what a refusal says."""

from __future__ import annotations

import contextlib
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lapt_dsl as lapt
from lapt_dsl.compiler.space.interchange.forms import FORMS
from lapt_dsl.compiler.space.interchange.literals import NotLiteral, read_literal
from lapt_dsl.compiler.space.interchange.writers import write_form

NORMAL = [
    ("sep_conv_3x3", 0), ("sep_conv_3x3", 1), ("sep_conv_3x3", 0), ("sep_conv_3x3", 1),
    ("sep_conv_3x3", 1), ("skip_connect", 0), ("skip_connect", 0), ("dil_conv_3x3", 2),
]  # fmt: skip
REDUCE = [
    ("max_pool_3x3", 0), ("max_pool_3x3", 1), ("skip_connect", 2), ("max_pool_3x3", 1),
    ("max_pool_3x3", 0), ("skip_connect", 2), ("skip_connect", 2), ("max_pool_3x3", 1),
]  # fmt: skip
PUBLISHED = f"Genotype(normal={NORMAL}, normal_concat=[2, 3, 4, 5], reduce={REDUCE}, reduce_concat=[2, 3, 4, 5])"


def nested(pairs: list[tuple[str, int]]) -> list[list[tuple[str, int]]]:
    return [pairs[start : start + 2] for start in range(0, 8, 2)]


DARTS_FORMS = {
    "prefix": f"DARTS_V2 = {PUBLISHED}",
    "log": f"03/12 10:11:12 AM genotype = {PUBLISHED}",
    "stamp": f"2019-04-01 10:11:12,123 - train.py:42 - INFO - genotype = {PUBLISHED}",
    "module": f"genotypes.{PUBLISHED}",
    "quotes": PUBLISHED.replace("'", '"'),
    "lines": PUBLISHED.replace(", ", ",\n   "),
    "trailing": PUBLISHED.replace("])", "],)"),
    "tuples": PUBLISHED.replace("[", "(").replace("]", ")"),
    "lists": PUBLISHED.replace("(", "[").replace(")", "]").replace("Genotype[", "Genotype(")[:-1] + ")",
    "range": f"Genotype(normal={NORMAL}, normal_concat=list(range(2, 6)), reduce={REDUCE}, reduce_concat=range(2, 6))",
    "no concat": f"Genotype(normal={NORMAL}, reduce={REDUCE})",
    "order": f"Genotype(reduce={REDUCE}, reduce_concat=range(2, 6), normal_concat=range(2, 6), normal={NORMAL})",
    "positional": f"Genotype({NORMAL}, range(2, 6), {REDUCE}, range(2, 6))",
    "extra none": PUBLISHED[:-1] + ", normal_bottleneck=None)",
    "nested": f"Genotype(normal={nested(NORMAL)}, normal_concat=[2, 3, 4, 5], reduce={nested(REDUCE)})",
    "numpy": PUBLISHED.replace(", 0)", ", np.int64(0))"),
    "json": json.dumps({"normal": NORMAL, "normal_concat": [2, 3, 4, 5], "reduce": REDUCE}),
    "dictionary": str({"normal": NORMAL, "reduce": REDUCE}),
    "semicolon": PUBLISHED + ";",
}  # fmt: skip


@pytest.fixture(scope="module")
def darts() -> lapt.Space:
    return lapt.load_space("darts")


@pytest.fixture(scope="module")
def nas201() -> lapt.Space:
    return lapt.load_space("nas201")


@pytest.mark.parametrize("name", DARTS_FORMS)
def test_a_genotype_means_the_same_in_every_form(darts: lapt.Space, name: str) -> None:
    assert darts.parse_arch(DARTS_FORMS[name]) == darts.parse_arch(PUBLISHED)


def config_of(cells: dict[str, list[tuple[str, int]]], prefix: str) -> dict[str, str]:
    """NAS-Bench-301's dictionary, made from its definition: edges numbered by target, then by source."""
    found = {}
    for cell, pairs in cells.items():
        first = 0
        for node in range(2, 6):
            here = sorted(pairs[2 * (node - 2) : 2 * (node - 1)], key=lambda pair: pair[1])
            for operator, source in here:
                found[f"{prefix}edge_{cell}_{first + source}"] = operator
            if node > 2:
                found[f"{prefix}inputs_node_{cell}_{node}"] = "_".join(str(source) for _, source in here)
            first += node
    return found


@pytest.mark.parametrize(
    "prefix", ["NetworkSelectorDatasetInfo:darts:", "NetworkSelectorDatasetInfo_COLON_darts_COLON_"]
)
def test_nasbench301_configuration(darts: lapt.Space, prefix: str) -> None:
    config = config_of({"normal": NORMAL, "reduce": REDUCE}, prefix)
    assert darts.parse_arch(json.dumps(config)) == darts.parse_arch(PUBLISHED)
    config[f"{prefix}inputs_node_normal_3"] = "0_2"
    assert refusal(darts, json.dumps(config)).endswith("node 3 of normal: its edges and its inputs `0_2` disagree")


OPERATORS = [
    "max_pool_3x3",
    "avg_pool_3x3",
    "skip_connect",
    "sep_conv_3x3",
    "sep_conv_5x5",
    "dil_conv_3x3",
    "dil_conv_5x5",
]


def test_naslib_compact_tuples_are_named(darts: lapt.Space) -> None:
    compact = tuple(tuple((source, OPERATORS.index(name)) for name, source in cell) for cell in (NORMAL, REDUCE))
    assert darts.parse_arch(f"naslib:{compact}") == darts.parse_arch(PUBLISHED)
    assert "write `naslib:` before them" in refusal(darts, str(compact))


def test_naslib_orders_edges_and_operators_differently(nas201: lapt.Space) -> None:
    # NASLib: edges (1,2) (1,3) (1,4) (2,3) (2,4) (3,4); operators skip, none, conv3x3, conv1x1, pool.
    wanted = "|nor_conv_3x3~0|+|skip_connect~0|nor_conv_1x1~1|+|none~0|avg_pool_3x3~1|skip_connect~2|"
    assert str(nas201.parse_arch("naslib:(2, 0, 1, 3, 4, 0)")) == wanted
    assert "do not say whose order" in refusal(nas201, "(2, 0, 1, 3, 4, 0)")
    trans = lapt.load_space("trans101")
    assert str(trans.parse_arch("naslib: [2, 0, 1, 3, 2, 0]")) == "64-41414-3_12_031"


def test_edges_of_a_node_in_any_order_and_nni(nas201: lapt.Space) -> None:
    arch = nas201.parse_arch("|nor_conv_3x3~0|+|skip_connect~0|nor_conv_1x1~1|+|none~0|avg_pool_3x3~1|skip_connect~2|")
    permuted = " |nor_conv_3x3~0| + |nor_conv_1x1~1|skip_connect~0| + |skip_connect~2|none~0|avg_pool_3x3~1|\n"
    assert nas201.parse_arch(permuted) == arch
    assert nas201.parse_arch(f"arch_str = '{permuted.strip()}'") == arch
    edges = {"0_1": "conv_3x3", "0_2": "skip_connect", "1_2": "conv_1x1"}
    edges |= {"0_3": "none", "1_3": "avg_pool_3x3", "2_3": "skip_connect"}
    assert nas201.parse_arch(str(edges)) == arch
    assert nas201.parse_arch(json.dumps(edges)) == arch


REFUSED = {
    "seven": (PUBLISHED.replace("('dil_conv_3x3', 2)", ""), "normal has 7 edges, the space has 8"),
    "nasnet": (f"Genotype(normal={NORMAL + NORMAL[:2]}, reduce={REDUCE})", "this is a NASNet or AmoebaNet cell"),
    "concat": (PUBLISHED.replace("[2, 3, 4, 5], reduce=", "[4, 5, 6], reduce="), "normal_concat is fixed to 2..5"),
    "one cell": (f"Genotype(normal={NORMAL}, normal_concat=[2, 3, 4, 5])", "the genotype has no cell `reduce`"),
    "pair": (PUBLISHED.replace("('dil_conv_3x3', 2)", "5"), "`5` in normal is no pair"),
    "operator": (f"X = {PUBLISHED}".replace("dil_conv_3x3", "conv_7x1_1x7"), "`conv_7x1_1x7` is not the operator"),
    "same node": (f"X = {PUBLISHED}".replace("'sep_conv_3x3', 1)", "'sep_conv_3x3', 0)", 1), "two layers of"),
}  # fmt: skip


def refusal(space: lapt.Space, text: str) -> str:
    with pytest.raises(lapt.LaptError) as caught:
        space.parse_arch(text)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.span.start == 0
    return diagnostic.message


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_outside_the_space_is_named_in_the_words_of_the_field(darts: lapt.Space, name: str) -> None:
    text, message = REFUSED[name]
    assert message in refusal(darts, text)


def test_a_macro_architecture_is_named() -> None:
    assert "a macro architecture" in refusal(lapt.load_space("trans101"), "64-1234-basic")


@pytest.mark.parametrize("space", ["darts", "nas201", "trans101"])
def test_the_notation_itself_is_read_as_before(space: str) -> None:
    refined = lapt.compile(lapt.parse("principles p for any;"), space=space)
    for arch in refined.sample(20, np.random.default_rng(0)):
        assert refined.space.parse_arch(str(arch)) == arch


@pytest.mark.parametrize(
    "text", ["__import__('os').system('true')", "[x for x in y]", "(" * 400, "lambda: 0", "{**a}", "f'{x}'"]
)
def test_nothing_but_plain_values_is_read(darts: lapt.Space, text: str) -> None:
    with pytest.raises(lapt.LaptError):
        darts.parse_arch(text)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(NotLiteral):
        read_literal(text)


def test_every_form_has_a_name_and_a_summary() -> None:
    assert all(form.name == name and form.summary for name, form in FORMS.items())


@pytest.mark.parametrize("space", ["darts", "nas201", "trans101"])
@pytest.mark.parametrize("form", [*FORMS, "json"])
def test_every_form_reads_back_what_it_writes(space: str, form: str) -> None:
    refined = lapt.compile(lapt.parse("principles p for any;"), space=space)
    written = 0
    for arch in refined.sample(50, np.random.default_rng(1)):
        text = write_form(form, str(arch), refined.space.notation)
        if text is not None:
            assert refined.space.parse_arch(text) == arch
            written += 1
    assert (written > 0) == ((space, form) in WRITTEN)


WRITTEN = {
    ("darts", "genotype"), ("darts", "json"), ("darts", "nasbench301"), ("darts", "naslib"),
    ("nas201", "cell"), ("nas201", "nni"), ("nas201", "json"), ("nas201", "naslib"),
    ("trans101", "trans101"), ("trans101", "naslib"),
}  # fmt: skip
