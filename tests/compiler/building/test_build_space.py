from __future__ import annotations

import re
from pathlib import Path

import pytest

from lapt_dsl import spaces
from lapt_dsl.compiler.building.library import load_space, space_of_text
from lapt_dsl.compiler.building.space import build_space, check_space
from lapt_dsl.compiler.space.model import NumberRef
from lapt_dsl.diagnostics.codes import CODES
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.language.parsing.parser import parse_or_raise
from lapt_dsl.language.tree import SpaceFile
from tests.bounds import little_work
from tests.places import ROOT

GOLDEN = ROOT / "tests" / "compiler" / "analyses" / "golden"
CELL = "cell c { input x; output y = layer 0 (x); layers choose skip; }"


def tree_of(text: str) -> SpaceFile:
    tree = parse_or_raise(text, "s.space")
    assert isinstance(tree, SpaceFile)
    return tree


def codes_of(text: str) -> list[str]:
    return [finding.code for finding in check_space(tree_of(text), text)[1]]


def test_levels_number_all_layers_number_layers_first() -> None:
    space = load_space("mobilenet")
    assert [layer.decision for layer in space.layers] == list(range(25))
    assert [layer.key for layer in space.cells[1].layers] == ["depth", "width", "kernel", "expansion", 0]
    (block,) = space.cells[1].operator_layers
    assert block.repeat == NumberRef("depth")
    assert [label.number for label in space.cells[1].layers[1].choices] == [24, 32, 40]


def test_labels_are_operator_major_and_subsets_binary() -> None:
    space = load_space("nb101")
    layer = space.cells[0].layer(2)
    assert layer is not None
    assert [label.operator.name for label in layer.choices if label.operator][::8] == [
        "conv1x1",
        "conv3x3",
        "max_pool3x3",
    ]
    assert [label.sources for label in layer.choices[:8]] == [(), (0,), (1,), (0, 1), (2,), (0, 2), (1, 2), (0, 1, 2)]


def test_options_keep_their_order_and_sources_ascend() -> None:
    text = "input x; node a = layer 0 (x); output y = layer 1 (some of {a, x}) + layer 2 (one of {a, x});"
    space = space_of_text(f"space s {{ operator skip = identity(); cell c {{ {text} layers choose skip; }} }}")
    some, one = space.layers[1:]
    assert (some.source_options, [label.sources for label in some.choices]) == ((1, 0), [(1,), (0,), (0, 1)])
    assert [label.sources for label in one.choices] == [(1,), (0,)]


def test_lists_stand_for_their_operators_once() -> None:
    text = f"""space s {{
      operator skip = identity(); operator conv = relu_conv_bn(); operator pool = avg_pool();
      candidates few = conv, skip; candidates more = few, pool;
      {CELL.replace("layers choose skip", "layers choose skip, more")} }}"""
    assert [operator.name for operator in space_of_text(text).layers[0].operators] == ["skip", "conv", "pool"]


def test_the_model_of_darts() -> None:
    space = load_space("darts")
    normal, reduction = space.cells
    assert [node.kind for node in normal.nodes] == ["input"] * 2 + ["stage"] * 4 + ["output"]
    assert normal.output.concat == (2, 3, 4, 5)
    assert all(stage.distinct_sources for stage in reduction.stages)
    assert [network.name for network in space.networks] == ["default", "imagenet"]
    assert (space.networks[1].size, space.networks[0].size) == (224, 32)
    assert space.codes["prev1"] == "1"


def test_the_digest_follows_the_meaning_not_the_layout() -> None:
    text = spaces.text("nas201")
    plain = "\n".join(re.sub(r"\s*//.*", "", line) for line in text.splitlines())
    changed = text.replace("channels=64", "channels=48")
    digests = [build_space(tree_of(version), version).digest for version in (text, plain, changed)]
    assert digests[0] == digests[1] != digests[2]
    assert build_space(tree_of(plain)) == load_space("nas201")


def test_a_shipped_space_is_built_once() -> None:
    assert load_space("darts") is load_space("darts")


def test_building_reports_errors_alone_and_checking_all() -> None:
    text = f"space s {{ operator skip = identity(); operator skpi = identity(); operator skip = zero(); {CELL} }}"
    with pytest.raises(LaptError) as caught:
        build_space(tree_of(text), text)
    assert [finding.code for finding in caught.value.diagnostics] == ["E101"]
    assert codes_of(f"space s {{ operator skip = identity(); operator skpi = identity(); {CELL} }}") == ["W152"]


def test_every_code_of_spaces_is_shown() -> None:
    shown = "".join(path.read_text(encoding="utf-8") for path in GOLDEN.glob("*.txt"))
    said = set(re.findall(r"^\d+:\d+ (\w+) ", shown, re.MULTILINE))
    assert {code for code in CODES if re.match("[EW]1", code)} - {"E141"} <= said


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("".join(f"operator o{number} = identity();" for number in range(257)) + CELL, "E116"),
        ("".join(CELL.replace("cell c", f"cell c{number}") for number in range(65)), "E116"),
        (CELL.replace("x;", "".join(f"x{n}, " for n in range(64)) + "x;", 1), "E116"),
        (CELL.replace("layer 0 (x)", " + ".join(f"layer {n} (x)" for n in range(257))), "E116"),
        (
            CELL.replace("layers", "layer width choose " + ", ".join(map(str, range(4097))) + "; layers"),
            "E116",
        ),
        (CELL + "".join(f"network n{number} {{ c; }}" for number in range(33)), "E116"),
        (CELL + 'notation "{0}"' + ' or "{0}"' * 16 + ";", "E116"),
        (CELL + 'notation "' + "{0}" * 1300 + '";', "W152"),
        (CELL.replace("layers choose", "layers 0..999999999999 choose"), "E117"),
    ],
)
def test_limits_hold_before_anything_grows(text: str, code: str) -> None:
    with little_work():
        assert code in codes_of(f"space s {{ operator skip = identity(); operator conv = relu_conv_bn(); {text} }}")


def test_a_subset_of_many_nodes_is_refused_before_it_is_listed() -> None:
    names = ", ".join(f"x{number}" for number in range(60))
    cell = f"cell c {{ input {names}; output y = layer 0 (any of {{{names}}}); layers choose skip; }}"
    assert codes_of(f"space s {{ operator skip = identity(); {cell} }}") == ["E116"]


@pytest.mark.parametrize(
    ("name", "code", "says"),
    [
        ("nas202", "E220", "did you mean `nas201`?"),
        ("no/such.space", "E901", "check the path"),
        (".space", "E901", "check the path"),
    ],
)
def test_spaces_that_cannot_be_loaded(name: str, code: str, says: str) -> None:
    with pytest.raises(LaptError) as caught:
        load_space(name)
    (finding,) = caught.value.diagnostics
    assert finding.code == code
    assert says in (finding.hint or "")


def test_files_that_are_no_spaces(tmp_path: Path) -> None:
    with pytest.raises(LaptError, match="E901"):
        load_space(tmp_path)
    (tmp_path / "bytes.space").write_bytes(b"\xff\xfe")
    with pytest.raises(LaptError, match="E902"):
        load_space(tmp_path / "bytes.space")
    (tmp_path / "p.space").write_text("principles p for any;\nprinciple a { layers: at most 1 pooling; }\n")
    with pytest.raises(LaptError, match="E220"):
        load_space(str(tmp_path / "p.space"))


def test_a_space_by_path(tmp_path: Path) -> None:
    path = tmp_path / "mine.space"
    path.write_text(spaces.text("nas201"), encoding="utf-8")
    assert load_space(path) == load_space(str(path)) == load_space("nas201")
