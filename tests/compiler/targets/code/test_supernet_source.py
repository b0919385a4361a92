"""Supernets: a path computes what the architecture's own network does, and only what is left is there."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from lapt_dsl.api import compile_principles
from lapt_dsl.compiler.refined.refined_space import RefinedSpace, full
from lapt_dsl.compiler.space.model import Architecture
from lapt_dsl.compiler.targets.code.cells import operator_choices
from lapt_dsl.compiler.targets.code.supernet_source import path_keys, supernet_choice, supernet_source
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.language.parsing.parser import parse

torch = pytest.importorskip("torch", reason="supernets are PyTorch modules")

from lapt_dsl.compiler.targets.code.build import build_module, build_supernet, load_source  # noqa: E402
from tests.compiler.targets.code.test_network_source import check_format, count, shake, space  # noqa: E402

ALL = ["nas201", "darts", "nb101", "trans101"]
RULES = {
    "nas201": "principles p for nas201; principle a { layer 3: never conv3x3, skip; layer 0: only conv1x1; }",
    "darts": """principles p for darts;
        principle a { in normal { layers: never absent, pooling, dilated; stages 2, 3, 4: never reads input 0; } }
        principle b { in reduction { early layers: only pooling; each stage: reads previous stage; } }""",
    "nb101": "principles p for nb101; principle a { layers: never pooling; }",
}


def refined(name: str, rules: str | None) -> RefinedSpace:
    if rules is None:
        return full(space(name))
    tree, found = parse(rules)
    assert tree is not None
    assert not found, found
    return compile_principles(tree, space(name)).refined  # type: ignore[arg-type]


def allowed(of: RefinedSpace) -> dict[int, tuple[int, ...]]:
    return {left.layer.decision: left.choices for left in of.candidates}


def draw(of: RefinedSpace, number: int) -> list[Architecture]:
    return list(of.sample(number, np.random.default_rng(number)))


@pytest.mark.parametrize(("name", "ruled"), [*((name, False) for name in ALL), *((name, True) for name in RULES)])
def test_a_path_is_the_architectures_network(name: str, ruled: bool) -> None:
    """Weights are copied from the supernet into the network of every draw."""
    torch.set_num_threads(1)
    of = refined(name, RULES.get(name) if ruled else None)
    supernet = shake(build_supernet(of, 5, 4, 1), 0)
    held = supernet.state_dict()
    side = 32 if name == "trans101" else 16
    images = torch.randn(2, 3, side, side, dtype=torch.float64)
    for arch in draw(of, 2 if name == "darts" else 4):
        network = shake(build_module(of.space, arch, 5, 4, 1), 1)
        keys = path_keys(arch, network.state_dict(), depth=1)
        state = {key: held[there] for key, there in keys.items() if there in held}
        # What is not there cannot be live; it keeps weights of its own, and the outputs are equal all the same.
        assert not network.load_state_dict(state, strict=False).unexpected_keys
        torch.testing.assert_close(supernet(images, supernet_choice(arch)), network(images), rtol=1e-9, atol=1e-9)


def test_the_full_darts_supernet_is_the_published_one() -> None:
    """Its search code logs 1.930618 million parameters: 16 channels, 8 cells, batch norms in cells without affine."""
    with torch.device("meta"):
        supernet = build_supernet(full(space("darts")), 10, 16, 2)
    cells = [module for name, module in supernet.named_children() if name.startswith("cell_")]
    norms = [module for cell in cells for module in cell.modules() if isinstance(module, torch.nn.BatchNorm2d)]
    assert count(supernet) - sum(count(norm) for norm in norms) == 1_930_618
    for cell in cells:
        stages = [cell.get_submodule(f"stage_{node}") for node in (2, 3, 4, 5)]
        assert [len(list(stage.children())) for stage in stages] == [2 * 8, 3 * 8, 4 * 8, 5 * 8]


def test_a_refined_supernet_is_the_full_one_without_what_is_not_left() -> None:
    whole, part = full(space("darts")), refined("darts", RULES["darts"])
    with torch.device("meta"):
        large, small = build_supernet(whole, 10, 16, 1), build_supernet(part, 10, 16, 1)
    names = {name: tuple(value.shape) for name, value in large.state_dict().items()}
    kept = {name: tuple(value.shape) for name, value in small.state_dict().items()}
    assert kept.items() <= names.items()
    assert count(small) < 0.6 * count(large)
    # Every operator left is on the path of some architecture.
    keys = [f"cell_{i}.layer_{key}.x" for i in (1, 2) for key in range(8)]
    used = {there for arch in draw(part, 300) for there in path_keys(arch, keys, depth=1).values()}
    reached = {".".join(name.split(".")[:3]) for name in kept if ".stage_" in name}
    assert {name for name in reached if name.startswith(("cell_1.", "cell_2."))} <= {name[:-2] for name in used}


def test_an_input_that_nothing_reads_is_not_prepared() -> None:
    of = refined("darts", "principles p for darts; principle a { in reduction { layers: only absent; } }")
    source = supernet_source(of.space, allowed(of))
    reduction = load_source(source).ReductionCell
    cell = reduction(c_prev1=4, channels=4, stride=2)
    assert not any(name.startswith("preprocess_prev2") for name, _ in cell.named_modules())


def test_only_one_number_may_be_left() -> None:
    with pytest.raises(LaptError) as caught:
        build_supernet(full(space("mobilenet")), 10, 8)
    assert [item.code for item in caught.value.diagnostics] == ["E780"]
    wide = {"stage1": 16, "stage2": 24, "stage3": 48, "stage4": 72, "stage5": 120}
    others = "layer kernel: only 3; layer expansion: only 3;"
    cells = " ".join(
        f"in {name} {{ layer width: only {width}; layer depth: only 2; {others} }}" for name, width in wide.items()
    )
    of = refined("mobilenet", f"principles p for mobilenet; principle a {{ {cells} }}")
    assert of.size == 1
    supernet = shake(build_supernet(of, 5, 8), 0)
    arch = draw(of, 1)[0]
    network = shake(build_module(of.space, arch, 5, 8), 1)
    keys = path_keys(arch, network.state_dict())
    network.load_state_dict({key: supernet.state_dict()[there] for key, there in keys.items()})
    images = torch.randn(2, 3, 64, 64, dtype=torch.float64)
    torch.testing.assert_close(supernet(images, supernet_choice(arch)), network(images), rtol=1e-9, atol=1e-9)


def test_a_choice_that_is_not_left_is_refused() -> None:
    of = refined("nas201", RULES["nas201"])
    supernet = build_supernet(of, 5, 4, 1)
    outside = next(arch for arch in draw(full(space("nas201")), 50) if arch not in of)
    with pytest.raises(KeyError):
        supernet(torch.zeros(2, 3, 16, 16), supernet_choice(outside))


def test_the_choice_names_every_layer() -> None:
    arch = draw(full(space("darts")), 1)[0]
    found = supernet_choice(arch)
    assert found == {cell.name: operator_choices(arch, cell) for cell in arch.space.cells}


@pytest.mark.parametrize("name", ALL)
def test_supernet_source_is_formatted_and_deterministic(name: str, tmp_path: Path) -> None:
    of = refined(name, RULES.get(name))
    source = supernet_source(of.space, allowed(of), channels=16, inputs=[("p.lp", "0" * 64)])
    assert source == supernet_source(of.space, allowed(of), channels=16, inputs=[("p.lp", "0" * 64)])
    assert "lapt_dsl" not in source
    assert "# " + "    sha256 " + "0" * 64 in source
    file = tmp_path / "supernet.py"
    file.write_text(source)
    check_format(file)


def test_labels_are_read_in_any_order() -> None:
    of = refined("nas201", RULES["nas201"])
    shuffled = {level: random.Random(level).sample(labels, len(labels)) for level, labels in allowed(of).items()}
    assert supernet_source(of.space, shuffled) == supernet_source(of.space, allowed(of))
