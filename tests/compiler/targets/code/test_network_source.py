"""Generated networks compute what the plain reference does, and removing dead code changes nothing."""

from __future__ import annotations

import ast
import dataclasses
import random
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from lapt_dsl.compiler.building.library import load_space
from lapt_dsl.compiler.networks.liveness import cell_choices, liveness
from lapt_dsl.compiler.networks.network import measure
from lapt_dsl.compiler.networks.shapes import layout_network
from lapt_dsl.compiler.space.model import Architecture, Cell, Layer, Network, Space
from lapt_dsl.compiler.targets.code.network_source import network_source
from lapt_dsl.diagnostics.diagnostic import LaptError

torch = pytest.importorskip("torch", reason="generated networks are PyTorch modules")

from lapt_dsl.compiler.targets.code.build import build_module, load_source  # noqa: E402
from tests.compiler.targets.code.reference_forward import forward  # noqa: E402

NAMES = ["nas201", "trans101", "darts", "nb101", "mobilenet"]
DARTS_V2 = (
    "Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('sep_conv_3x3', 1), "
    "('sep_conv_3x3', 1), ('skip_connect', 0), ('skip_connect', 0), ('dil_conv_3x3', 2)], normal_concat=[2, 3, 4, 5], "
    "reduce=[('max_pool_3x3', 0), ('max_pool_3x3', 1), ('skip_connect', 2), ('max_pool_3x3', 1), ('max_pool_3x3', 0), "
    "('skip_connect', 2), ('skip_connect', 2), ('max_pool_3x3', 1)], reduce_concat=[2, 3, 4, 5])"
)
CHANNELS = {"nas201": 4, "trans101": 4, "darts": 4, "nb101": 4, "mobilenet": 8}


@cache
def space(name: str) -> Space:
    return load_space(name)


@cache
def shallow(name: str) -> Space:
    """The space with one cell for each `N x cell`, so that the reference builds the same."""
    full = space(name)
    network = full.networks[0]
    parts = tuple(dataclasses.replace(part, repeat=1) for part in network.parts)
    small = Network(network.name, network.channels, network.size, parts)
    return dataclasses.replace(full, networks=(small,), digest=f"{full.digest}-shallow")


def random_arch(of: Space, rng: random.Random) -> Architecture:
    return Architecture(of, tuple(rng.randrange(len(layer.choices)) for layer in of.layers))


def shake(module: torch.nn.Module, seed: int) -> torch.nn.Module:
    """Random weights, batch norm's shifts and statistics included, in float64, at evaluation."""
    torch.manual_seed(seed)
    for name, tensor in module.state_dict().items():
        if name.endswith("running_var"):
            tensor.uniform_(0.5, 1.5)
        elif tensor.is_floating_point():
            tensor.normal_(0, 0.4)
    return module.double().eval()


def count(module: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def published(name: str, text: str, **how: object) -> int:
    with torch.device("meta"):
        return count(build_module(space(name), space(name).parse_arch(text), **how))  # type: ignore[arg-type]


def nas201_text(operators: str) -> str:
    names = ["none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"]
    a, b, c, d, e, f = (names[int(code)] for code in operators.split(","))
    return f"|{a}~0|+|{b}~0|{c}~1|+|{d}~0|{e}~1|{f}~2|"


@pytest.mark.parametrize(
    ("operators", "params"), [("3,3,3,3,3,3", 1_531_546), ("1,1,1,1,1,1", 73_306), ("3,3,3,1,3,3", 1_288_506)]
)
def test_nas201_parameters_are_the_published_ones(operators: str, params: int) -> None:
    text = nas201_text(operators)
    assert published("nas201", text) == params
    assert measure(space("nas201"), space("nas201").parse_arch(text))["params"] == params


def test_darts_parameters_are_the_published_ones() -> None:
    assert published("darts", DARTS_V2) == 3_349_342
    assert published("darts", DARTS_V2, network="imagenet") == 4_718_752
    assert published("darts", DARTS_V2, network="imagenet", num_classes=1000) == 4_718_752


@pytest.mark.parametrize("name", NAMES)
def test_generated_forward_equals_the_reference(name: str) -> None:
    torch.set_num_threads(1)
    of, rng = shallow(name), random.Random(11)
    size = 32 if name in ("trans101", "mobilenet") else 9
    ratio = None
    for seed in range(6):
        arch = random_arch(of, rng)
        ratio = CHANNELS[name] if name != "mobilenet" else None
        full = shake(build_module(of, arch, channels=ratio), seed)
        numerator, denominator = layout_network(of, channels=ratio).scale
        image = torch.randn(2, 3, size, size, dtype=torch.float64)
        expected = forward(of, arch, full.state_dict(), image, numerator / denominator)
        torch.testing.assert_close(full(image), expected, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("name", NAMES)
def test_removing_dead_code_changes_no_output(name: str) -> None:
    torch.set_num_threads(1)
    of, rng = space(name), random.Random(5)
    for seed in range(5):
        arch = random_arch(of, rng)
        full = shake(build_module(of, arch, channels=CHANNELS[name], depth=2), seed)
        small = build_module(of, arch, channels=CHANNELS[name], depth=2, prune=True).double().eval()
        state = full.state_dict()
        small.load_state_dict({key: state[key] for key in small.state_dict()})
        image = torch.randn(2, 3, 32, 32, dtype=torch.float64)
        for training in (False, True):
            full.train(training)
            small.train(training)
            assert torch.equal(full(image), small(image))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_pruned_cells_hold_their_live_layers_only(name: str) -> None:
    of, rng = space(name), random.Random(3)
    for _ in range(10):
        arch = random_arch(of, rng)
        with torch.device("meta"):
            small = build_module(of, arch, prune=True)
        for position, part in enumerate(layout_network(of).parts):
            module = getattr(small, f"cell_{position}", None)
            if module is not None:
                live = liveness(part.cell, cell_choices(arch, part.cell)).layers
                assert {key for key in range(99) if hasattr(module, f"layer_{key}")} == live


@pytest.mark.parametrize("name", NAMES)
def test_parameters_of_random_architectures_are_exact(name: str) -> None:
    of, rng = space(name), random.Random(2)
    for network in of.networks:
        for _ in range(5):
            arch = random_arch(of, rng)
            with torch.device("meta"):
                built = count(build_module(of, arch, network=network.name))
            assert built == measure(of, arch, network.name)["params"]


def test_all_dead_network_is_valid_and_ignores_the_image() -> None:
    of = space("nas201")
    network = build_module(of, of.parse_arch(nas201_text("0,0,0,0,0,0")), channels=4, depth=1, prune=True).eval()
    assert torch.equal(network(torch.zeros(1, 3, 8, 8)), network(torch.ones(1, 3, 8, 8)))


@pytest.mark.parametrize("name", NAMES)
def test_source_is_formatted_deterministic_and_needs_torch_alone(name: str, tmp_path: Path) -> None:
    of, rng = space(name), random.Random(4)
    arch = random_arch(of, rng)
    for prune in (True, False):
        source = network_source(of, arch, prune=prune, inputs=[("a\nimport os", "ab" * 32)])
        assert source == network_source(of, arch, prune=prune, inputs=[("a\nimport os", "ab" * 32)])
        imported = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Import | ast.ImportFrom)]
        modules = {node.module if isinstance(node, ast.ImportFrom) else node.names[0].name for node in imported}
        assert modules <= {"__future__", "torch", "torch.nn"}
        file = tmp_path / "net.py"
        file.write_text(source)
        check_format(file)


def check_format(file: Path) -> None:
    """Ruff would change nothing, at its own line length nor at a longer one."""
    pytest.importorskip("ruff", reason="ruff judges the formatting")
    for length in ("88", "120"):
        command = [sys.executable, "-m", "ruff", "format", "--isolated", "--check", "--line-length", length, str(file)]
        assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "E,F,I,B,UP,D1", "--ignore", "D107"]
    found = subprocess.run([*command, "--line-length", "88", str(file)], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout


def test_generated_file_runs_by_itself(tmp_path: Path) -> None:
    of = space("nas201")
    file = tmp_path / "net.py"
    file.write_text(network_source(of, of.parse_arch(nas201_text("1,1,1,1,1,1"))))
    done = subprocess.run([sys.executable, "-I", str(file)], capture_output=True, text=True, check=True)
    assert done.stdout == "73,306 parameters\n"


def test_hostile_names_reach_no_code() -> None:
    of = space("nas201")
    cell = of.cells[0]
    hostile = ["class", "self", "x" * 200, 'y"""\nimport os\nos.abort()\n"""']
    nodes = tuple(dataclasses.replace(node, name=name) for node, name in zip(cell.nodes, hostile, strict=True))
    renamed = Cell('main"""\nimport os', nodes, cell.layers)
    layers = tuple(dataclasses.replace(layer, cell=renamed.name) for layer in cell.layers)
    renamed = dataclasses.replace(renamed, layers=layers)
    parts = tuple(dataclasses.replace(part, cell=renamed.name if part.cell else None) for part in of.networks[0].parts)
    network = dataclasses.replace(of.networks[0], parts=parts)
    evil = dataclasses.replace(of, name="a\nimport os", cells=(renamed,), networks=(network,), digest="evil")
    arch = Architecture(evil, tuple(3 for _ in evil.layers))
    source = network_source(evil, arch)
    assert "os" not in {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
    assert count(load_source(source).Network()) == 1_531_546


def test_user_module_is_imported_when_the_network_is_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my_ops_for_test.py").write_text(
        "from torch import nn\n"
        "def Block(c_in, c_out, stride, gate):\n"
        "    return nn.Conv2d(c_in, c_out, gate, stride, gate // 2)\n"
    )
    of = space("nas201")
    operator = of.operators[3]
    call = dataclasses.replace(
        operator.implementation, name="torch_module", arguments=(("path", "my_ops_for_test:Block"), ("gate", 3))
    )
    own = dataclasses.replace(operator, implementation=call)
    cell = of.cells[0]
    layers = tuple(
        dataclasses.replace(
            layer,
            choices=tuple(
                dataclasses.replace(label, operator=own) if label.operator == operator else label
                for label in layer.choices
            ),
        )
        for layer in cell.layers
    )
    changed = dataclasses.replace(of, cells=(dataclasses.replace(cell, layers=layers),), digest="own")
    arch = Architecture(changed, (3,) * 6)
    assert measure(changed, arch)["params"] is None
    with pytest.raises(ImportError):
        build_module(changed, arch, channels=4, depth=1)
    monkeypatch.syspath_prepend(str(tmp_path))
    assert build_module(changed, arch, channels=4, depth=1)(torch.zeros(1, 3, 8, 8)).shape == (1, 10)


def test_unknown_network_is_a_finding() -> None:
    of = space("darts")
    with pytest.raises(LaptError) as caught:
        network_source(of, random_arch(of, random.Random(0)), network="imagnet")
    assert caught.value.diagnostics[0].hint == "did you mean `imagenet`?"


def label_index(layer: Layer, operator: str) -> int:
    return next(i for i, label in enumerate(layer.choices) if label.operator and label.operator.name == operator)


def test_concatenated_dead_stage_gives_zeros() -> None:
    of = space("darts")
    names = ["skip" if layer.key in (0, 1) else "none" for layer in of.layers]
    word = tuple(label_index(layer, name) for layer, name in zip(of.layers, names, strict=True))
    network = shake(build_module(of, Architecture(of, word), channels=4, depth=1, prune=True), 0)
    assert network(torch.randn(1, 3, 16, 16, dtype=torch.float64)).shape == (1, 10)
