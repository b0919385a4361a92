"""Costs, depth and liveness of built networks, by three ways: by level, layer by layer, and by torch."""

from __future__ import annotations

import csv
import dataclasses
import random

import pytest

from lapt_dsl.compiler.building.library import load_space
from lapt_dsl.compiler.networks.liveness import cell_choices, liveness
from lapt_dsl.compiler.networks.network import cell_instances, check_network, cost_terms, measure
from lapt_dsl.compiler.networks.shapes import Instance, layout_network
from lapt_dsl.compiler.refined.refined_space import full
from lapt_dsl.compiler.space.model import Architecture, Implementation, Network, NetworkPart, Space
from lapt_dsl.diagnostics.diagnostic import LaptError
from tests.places import DATA

NAMES = ["nas201", "trans101", "darts", "nb101", "mobilenet"]
NB301 = DATA / "darts" / "nb301_cifar10_725.csv"


def nas201(operators: tuple[int, ...]) -> Architecture:
    """In the benchmark's order of operators: none, skip, conv1x1, conv3x3, avg_pool3x3."""
    return Architecture(load_space("nas201"), operators)


@pytest.mark.parametrize("name", NAMES)
def test_terms_sum_to_the_measured_cost(name: str) -> None:
    space, rng = load_space(name), random.Random(1)
    for network in space.networks:
        params, flops = (cost_terms(space, metric, network.name) for metric in ("params", "flops"))
        for _ in range(20):
            word = tuple(rng.randrange(len(layer.choices)) for layer in space.layers)
            found = measure(space, Architecture(space, word), network.name)
            assert (params.total(word), flops.total(word)) == (found["params"], found["flops"])


def test_terms_of_ordinary_spaces_have_one_level() -> None:
    for name in ("nas201", "trans101", "darts", "nb101"):
        assert all(len(term.decisions) == 1 for term in cost_terms(load_space(name), "params").terms)
    assert max(len(term.decisions) for term in cost_terms(load_space("mobilenet"), "flops").terms) > 1


@pytest.mark.parametrize(
    ("operators", "params", "macs"),
    [((3,) * 6, 1_531_546, 220_119_680), ((1,) * 6, 73_306, 7_783_040), ((3, 3, 3, 1, 3, 3), 1_288_506, None)],
)
def test_nas201_costs_are_the_published_ones(operators: tuple[int, ...], params: int, macs: int | None) -> None:
    found = measure(load_space("nas201"), nas201(operators))
    assert found["params"] == params
    assert macs is None or found["flops"] == macs


def test_depth_and_live_layers_follow_live_paths() -> None:
    space = load_space("nas201")
    assert cell_instances(space) == ("main",) * 15
    assert measure(space, nas201((3,) * 6))["depth"] == 45
    assert measure(space, nas201((3,) * 6))["live layers"] == 90
    assert measure(space, nas201((0, 3, 3, 0, 3, 3)))["depth"] == 30
    assert measure(space, nas201((0, 3, 3, 0, 3, 3)))["live layers"] == 30
    dead = measure(space, nas201((3, 3, 0, 0, 0, 0)))
    assert (dead["depth"], dead["live layers"]) == (0, 0)
    assert dead["params"] == measure(space, nas201((3, 3, 1, 1, 1, 1)))["params"]


def test_liveness_needs_a_path_from_an_input_to_the_output() -> None:
    space = load_space("nas201")
    cell = space.cells[0]
    live = liveness(cell, cell_choices(nas201((3, 0, 0, 1, 3, 3)), cell))
    assert live.layers == {0, 3, 4}
    assert live.nodes == {0, 1, 3}
    assert live.carrying == {0, 1, 3}


@pytest.mark.parametrize("name", NAMES)
def test_shipped_networks_fit(name: str) -> None:
    assert check_network(load_space(name)) is None


def test_the_second_input_is_reduced_after_a_reduction() -> None:
    cells = [part for part in layout_network(load_space("darts")).parts if isinstance(part, Instance)]
    assert [part.ratios for part in cells[5:9]] == [(1, 1), (1, 1), (2, 1), (1, 1)]
    assert cells[0].sources == (1, 1)
    imagenet = layout_network(load_space("darts"), "imagenet").instances
    assert imagenet[0].ratios == (2, 1)


def _with_parts(space: Space, *parts: NetworkPart) -> Space:
    network = Network("default", 3, 32, parts)
    return dataclasses.replace(space, networks=(network,), digest=f"{space.digest}-{len(parts)}")


def test_what_cannot_be_built_is_said() -> None:
    space = load_space("nas201")
    heads = NetworkPart("head", 1, None, Implementation("pool_linear"))
    attention = NetworkPart("body", 1, None, Implementation("attention", (("heads", 5),)))
    stem = NetworkPart("stem", 1, None, Implementation("conv_bn", (("channels", 16),)))
    problem = check_network(_with_parts(space, stem, attention, heads))
    assert problem is not None
    assert "16 channels cannot be shared by 5 heads" in problem
    with pytest.raises(LaptError, match="has no network"):
        layout_network(dataclasses.replace(space, networks=()))


def test_cost_of_a_users_module_is_unknown_not_guessed() -> None:
    own = NetworkPart("body", 1, None, Implementation("torch_module", (("path", "my_ops:Block"),)))
    space = _with_parts(load_space("nas201"), own)
    with pytest.raises(LaptError, match="my_ops:Block"):
        cost_terms(space, "params")


def test_parameters_agree_with_every_published_nb301_row() -> None:
    """NASLib counted 32 channels and 8 cells, two normal ones between reductions, without batch norm's scale and shift
    inside the cells' operators (`affine=False`); nothing else differs, in any row."""
    if not NB301.exists():
        pytest.skip("the published table is not beside the checkout")
    darts = load_space("darts")
    channels = [32, 32, 64, 64, 64, 128, 128, 128]
    cells = [
        NetworkPart("body", 1, "normal", None, (("channels", wide),))
        if i not in (2, 5)
        else NetworkPart("body", 1, "reduction", None, (("channels", wide), ("stride", 2)))
        for i, wide in enumerate(channels)
    ]
    stem = NetworkPart("stem", 1, None, Implementation("conv_bn", (("channels", 96),)))
    space = _with_parts(darts, stem, *cells, NetworkPart("head", 1, None, Implementation("pool_linear")))
    params = cost_terms(space, "params")
    instances = layout_network(space).instances
    rows = list(csv.DictReader(NB301.open()))
    assert len(rows) == 725
    for row in rows[::5]:
        arch = darts.parse_arch(row["genotype"])
        norms = sum(_norm_params(instance, arch) for instance in instances)
        assert params.total(arch.encoding) - norms == round(float(row["params"]) * 1e6)


def _norm_params(instance: Instance, arch: Architecture) -> int:
    labels = cell_choices(arch, instance.cell)
    wide = instance.channels.constant
    total = 0
    for layer in instance.cell.operator_layers:
        label = labels[layer.key]
        assert label.operator is not None
        strided = instance.reading(label.sources)[1] > 1
        norms = {"sep_conv": 2, "dil_conv": 1, "identity": int(strided)}
        total += norms.get(label.operator.implementation.name, 0) * 2 * wide
    return total


@pytest.mark.parametrize("name", ["nas201", "trans101", "darts", "nb101", "mobilenet"])
@pytest.mark.parametrize("pruned", [False, True])
def test_the_measured_parameters_are_those_of_the_network_that_is_built(name: str, pruned: bool) -> None:
    pytest.importorskip("torch")
    from lapt_dsl.compiler.targets.code.build import build_module

    space = load_space(name)
    for arch in full(space).sample(3, 5):
        options = {"classes": 7, "channels": None if name == "mobilenet" else 8, "depth": 2}
        module = build_module(space, arch, 7, channels=options["channels"], depth=2, prune=pruned)
        built = sum(parameter.numel() for parameter in module.parameters())
        assert measure(space, arch, pruned=pruned, **options)["params"] == built
