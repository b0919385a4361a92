"""Every form of the principle language, against what it says in plain Python on an enumerated space."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

import lapt_dsl as lapt
from lapt_dsl.compiler.lowering.constraints import And, Bound, CountConstraint
from lapt_dsl.compiler.refined.refined_space import full
from tests.compiler.texts import STAGED, TWO_CELLS, codes, compiled, principles, space

# A cell's choices: per operator layer (operator, source), and the number of `width`.
Choices = Mapping[int, tuple[str, str]]
Says = Callable[[Choices, int], bool]


def read(arch: lapt.Architecture) -> tuple[dict[int, tuple[str, str]], int]:
    choices: dict[int, tuple[str, str]] = {}
    width = 0
    cell = arch.space.cells[0]
    for layer, label in arch.choices():
        if isinstance(layer.key, int) and label.operator is not None:
            choices[layer.key] = (label.operator.name, cell.nodes[label.sources[0]].name)
        elif label.number is not None:
            width = label.number
    return choices, width


def ops(c: Choices, *layers: int) -> list[str]:
    return [c[layer][0] for layer in layers]


def sources(c: Choices, *layers: int) -> list[str]:
    return [c[layer][1] for layer in layers]


FORMS: list[tuple[str, Says]] = [
    ("layer 3: only skip;", lambda c, w: c[3][0] == "skip"),
    ("layers 0..1, 3: only skip, conv;", lambda c, w: "none" not in ops(c, 0, 1, 3)),
    ("layers: only any except absent;", lambda c, w: "none" not in ops(c, 0, 1, 2, 3)),
    ("layers: never shortcut, absent;", lambda c, w: set(ops(c, 0, 1, 2, 3)) == {"conv"}),
    ("layers: at least 2 convolution;", lambda c, w: ops(c, 0, 1, 2, 3).count("conv") >= 2),
    ("layers: at most 1 skip;", lambda c, w: ops(c, 0, 1, 2, 3).count("skip") <= 1),
    ("layers: exactly 2 any except conv;", lambda c, w: ops(c, 0, 1, 2, 3).count("conv") == 2),
    ("layers: at least 0 skip;", lambda c, w: True),
    ("layers: at least 5 skip;", lambda c, w: False),
    ("layers: at most 999999999999 skip;", lambda c, w: True),
    ("layers 0, 3: same operator;", lambda c, w: c[0][0] == c[3][0]),
    ("layers 0..2: distinct operators;", lambda c, w: len(set(ops(c, 0, 1, 2))) == 3),
    ("layers: distinct operators;", lambda c, w: False),
    # Two stages: one early, one late; layer 3 feeds no stage.
    ("early layers: only conv;", lambda c, w: c[0][0] == "conv"),
    ("late layers: only conv;", lambda c, w: ops(c, 1, 2) == ["conv", "conv"]),
    ("each stage: at least 1 conv;", lambda c, w: c[0][0] == "conv" and "conv" in ops(c, 1, 2)),
    ("stages 1..2: exactly 1 conv;", lambda c, w: ops(c, 0, 1, 2).count("conv") == 1),
    ("stage 2: same operator;", lambda c, w: c[1][0] == c[2][0]),
    ("layers into s2: never conv;", lambda c, w: "conv" not in ops(c, 1, 2)),
    ("layers into output: only conv;", lambda c, w: c[3][0] == "conv"),
    ("layers into stage 1: only conv;", lambda c, w: c[0][0] == "conv"),
    ("layers from a: only conv;", lambda c, w: all(op == "conv" for op, source in c.values() if source == "a")),
    ("layers from input 1: at most 1 conv;", lambda c, w: list(c.values()).count(("conv", "b")) <= 1),
    (
        "layers from stage 1: same operator;",
        lambda c, w: len({op for op, source in c.values() if source == "s1"}) <= 1,
    ),
    ("layers: reads stage 1;", lambda c, w: "s1" in sources(c, 1, 2)),
    ("layers 0..2: reads only a, s1;", lambda c, w: "b" not in sources(c, 0, 1, 2)),
    ("layers: never reads input 0;", lambda c, w: "a" not in sources(c, 0, 1, 2)),
    ("each stage: reads previous stage;", lambda c, w: "s1" in sources(c, 1, 2)),
    ("layers: reads only previous stage;", lambda c, w: sources(c, 1, 2) == ["s1", "s1"]),
    ("each stage: never reads previous stage, a;", lambda c, w: set(sources(c, 1, 2)) == {"b"}),
    ("layer width: only 8..12;", lambda c, w: w <= 12),
    ("layer width: never 16, 8;", lambda c, w: w == 12),
    ("layer width: at least 1 any except 9..20;", lambda c, w: w == 8),
    ("if layer 0: only skip; then layer width: only 8;", lambda c, w: c[0][0] != "skip" or w == 8),
    ("one of { layer 0: only skip; layer width: only 8; }", lambda c, w: c[0][0] == "skip" or w == 8),
    (
        "one of { if layer 0: only skip; then layer 1: only skip; in main { layers 2, 3: only conv; } }",
        lambda c, w: c[0][0] != "skip" or c[1][0] == "skip" or ops(c, 2, 3) == ["conv", "conv"],
    ),
    ("in main { layer 0: only skip; layer 3: only conv; }", lambda c, w: (c[0][0], c[3][0]) == ("skip", "conv")),
    ("some path: at least 1 any;", lambda c, w: bool(live_paths(c))),
    ("some path: exactly 3 conv;", lambda c, w: ["conv"] * 3 in live_paths(c)),
    ("every path: only conv;", lambda c, w: all(set(path) == {"conv"} for path in live_paths(c))),
    ("some path from b to output: never conv;", lambda c, w: any("conv" not in p for p in live_paths(c, "b"))),
    (
        "some path: at least 1 conv and at most 1 skip;",
        lambda c, w: any("conv" in path and path.count("skip") <= 1 for path in live_paths(c)),
    ),
    ("every path: reads only a, s1, s2;", lambda c, w: not live_paths(c, "b")),
    ("network: params >= 0;", lambda c, w: True),
]


def live_paths(c: Choices, start: str | None = None) -> list[list[str]]:
    """The operators along every live path from an input to y."""

    def to(node: str) -> list[list[str]]:
        if node in ("a", "b"):
            return [[]] if start in (None, node) else []
        feeding = {"s1": (0,), "s2": (1, 2), "y": (3,)}[node]
        return [[*path, c[k][0]] for k in feeding if c[k][0] != "none" for path in to(c[k][1])]

    return to("y")


@pytest.mark.parametrize(("text", "says"), FORMS, ids=[text for text, _ in FORMS])
def test_a_form_means_what_it_says(text: str, says: Says) -> None:
    whole = space(STAGED)
    refined = compiled(whole, text).refined
    expected = {arch.encoding for arch in full(whole) if says(*read(arch))}
    assert {arch.encoding for arch in refined} == expected


def test_a_rule_speaks_of_each_cell_that_has_its_layers() -> None:
    whole = space(TWO_CELLS)
    sizes = [
        ("layers: at most 0 conv;", 2**3 * 1 * 2),
        ("layer 2: only conv;", 3 * 3 * 2 * 2),
        ("layer width: only 8;", 27 * 2),
        ("in small { layer 0: only conv; }", 27 * 2),
        ("if layer 0: only conv; then layer 1: only conv;", (27 - 6) * 4),
        ("one of { in main { layer 0: only conv; } in small { layer 0: only conv; } }", (27 * 2 - 18) * 2),
        ("one of { layer 0: only conv; in small { layer 0: only conv; } }", 27 * 2),
    ]
    assert [(text, compiled(whole, text).refined.size) for text, _ in sizes] == sizes


def test_limits_round_towards_what_they_mean() -> None:
    lowered = compiled(
        space(STAGED), "network: params <= 1.2345k; network: depth >= 0.5; network: flops <= 2G;"
    ).lowered
    bounds = [rule.constraint for rule in lowered[0].rules]
    assert bounds == [
        Bound("params", None, 1234),
        Bound("depth", 1, None),
        Bound("flops", None, 2_000_000_000),
    ]


def test_rules_are_listed_one_by_one_with_in_opened() -> None:
    lowered = compiled(
        space(TWO_CELLS), "in main, small { layers: at most 1 conv; layer 0: prefer conv; } layer 1: only skip;"
    )
    (principle,) = lowered.lowered
    assert isinstance(principle.rules[0].constraint, And)
    assert [rule.span.line for rule in principle.rules] == [2, 2]
    assert [level for level, _ in principle.preferences[0].weight.logs] == [0, 4]


def test_counts_stay_small_whatever_is_written() -> None:
    (principle,) = compiled(space(STAGED), "layers: at least 123456789 conv;").lowered
    assert isinstance(principle.constraint, CountConstraint)
    assert principle.constraint.low == 5


def test_weights_of_preferences() -> None:
    whole = space(STAGED)
    refined = compiled(
        whole, "layer 0: prefer conv over skip by 2;", "layer 0: prefer conv, none; layers from a: prefer skip by 0.5;"
    ).refined
    level = next(layer.decision for layer in whole.layers if layer.key == 0)
    rows = {
        (label.operator.name, label.sources): log
        for label, log in zip(whole.layers[level].choices, refined.weights[level], strict=True)
        if label.operator is not None
    }
    assert rows == {
        ("none", (0,)): 1.0,
        ("none", (1,)): 1.0,
        ("skip", (0,)): -1.5,
        ("skip", (1,)): -2.0,
        ("conv", (0,)): 3.0,
        ("conv", (1,)): 3.0,
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("if layer 2: only skip; then layer width: only 8;", ["E216"]),
        ("layer 2: only skip; layer 3: only skip; layers: only conv3;", ["E201", "E203"]),
        ("one of { layer 4: only skip; layer 5: only conv; }", ["E203", "E203"]),
        ("in nowhere { layer 7: only skip; }", ["E202"]),
        ("some path from a to x: only conv;", ["E212"]),
        ("in small { some path from a to y: only conv; }", ["E204"]),
        ("layers: prefer conv by 51;", ["E213"]),
    ],
)
def test_every_wrong_name_is_found_in_one_run(text: str, expected: list[str]) -> None:
    assert codes(space(TWO_CELLS), text) == expected


def test_deep_and_multiplying_rules_are_refused() -> None:
    whole = space(TWO_CELLS)
    rule = lapt.parse("principles p for two_cells; principle a { layer 0: only skip; }")
    assert isinstance(rule, lapt.PrincipleFile)
    deep = "one of { " * 70 + "layer 0: only skip;" + "}" * 70
    assert codes(whole, deep) == ["E219"]
    wide = "in main, small { if layer 0: only skip; then " * 20 + "layer 0: only conv;" + "}" * 20
    assert codes(whole, wide) == ["E218"]


def test_a_general_file_compiles_over_every_space() -> None:
    tree = principles("any", "early layers: at least 1 convolution; some path: at most 1 shortcut;")
    assert [lapt.compile(tree, name).size > 0 for name in ("nas201", "trans101", "darts")] == [True, True, True]
    with pytest.raises(lapt.LaptError, match="E222"):
        lapt.compile(tree)
