from __future__ import annotations

import csv
import itertools
import json
import math
import random
from pathlib import Path

import pytest

from lapt_dsl import spaces
from lapt_dsl.compiler.analyses.lint import lint_text
from lapt_dsl.compiler.building.library import load_space
from lapt_dsl.compiler.space.model import Architecture, Cell, Space
from lapt_dsl.language.printing.formatter import format_text

SIZES = {
    "nas201": 15_625,
    "trans101": 4_096,
    "darts": 9_119_789_245_425_254_400,
    "nb101": 169_093_980,
    "mobilenet": 3_486_784_401,
}


def size_of(cell: Cell) -> int:
    """How many ways a cell can be, counted with neither automaton nor notation: ways per number of sources read."""
    ways = {0: 1}
    for layer in cell.layers:
        node = cell.nodes[layer.target] if layer.target is not None else None
        if node is not None and node.distinct_sources:
            continue
        after: dict[int, int] = {}
        for count, label in itertools.product(ways, layer.choices):
            total = count + len(label.sources)
            after[total] = after.get(total, 0) + ways[count]
        ways = after
    budget = cell.source_budget if cell.source_budget is not None else max(ways)
    number = sum(count for total, count in ways.items() if total <= budget)
    for node in cell.nodes:
        if node.distinct_sources:
            layers = [cell.operator_layers[key] for key in node.layers]
            number *= math.comb(len(layers[0].source_options), len(layers)) * len(layers[0].operators) ** len(layers)
    return number


def draw(space: Space, rng: random.Random) -> Architecture:
    """A random architecture: every choice by itself, sources of a stage ascending, drawn again over budget."""
    while True:
        labels: list[int] = []
        for cell in space.cells:
            labels += [rng.randrange(len(layer.choices)) for layer in cell.layers]
            for node in cell.nodes:
                if node.distinct_sources:
                    layers = [cell.operator_layers[key] for key in node.layers]
                    chosen = sorted(rng.sample(layers[0].source_options, len(layers)))
                    for layer, source in zip(layers, chosen, strict=True):
                        fitting = [number for number, label in enumerate(layer.choices) if label.sources == (source,)]
                        labels[layer.decision] = rng.choice(fitting)
        arch = Architecture(space, tuple(labels))
        if all(read(cell, arch) <= (cell.source_budget or math.inf) for cell in space.cells):
            return arch


def read(cell: Cell, arch: Architecture) -> int:
    return sum(len(layer.choices[arch.encoding[layer.decision]].sources) for layer in cell.operator_layers)


def test_every_shipped_space_is_known() -> None:
    assert spaces.names() == sorted(SIZES)


def test_an_unknown_text_is_refused() -> None:
    with pytest.raises(KeyError):
        spaces.text("../spaces/nas201")


@pytest.mark.parametrize("name", SIZES)
def test_sizes_are_exact(name: str) -> None:
    assert math.prod(size_of(cell) for cell in load_space(name).cells) == SIZES[name]


@pytest.mark.parametrize("name", SIZES)
def test_files_are_formatted_and_clean(name: str) -> None:
    text = spaces.text(name)
    assert lint_text(text, name) == []
    assert format_text(text, name) == text


def test_each_darts_cell_has_the_published_size() -> None:
    assert [size_of(cell) for cell in load_space("darts").cells] == [3_019_898_880] * 2


@pytest.mark.parametrize("name", ["nas201", "trans101"])
def test_every_architecture_round_trips(name: str) -> None:
    space = load_space(name)
    texts = set()
    for labels in itertools.product(*(range(len(layer.choices)) for layer in space.layers)):
        arch = Architecture(space, labels)
        text = space.format_arch(arch)
        assert space.parse_arch(text) == arch
        texts.add(text)
    assert len(texts) == SIZES[name]


@pytest.mark.parametrize("name", SIZES)
def test_random_architectures_round_trip(name: str) -> None:
    space, rng = load_space(name), random.Random(201)
    for _ in range(500):
        arch = draw(space, rng)
        assert space.parse_arch(space.format_arch(arch)) == arch


@pytest.mark.parametrize("table", ["cifar10.json", "imagenet16-120.json"])
def test_the_published_nas201_strings_are_the_space(data_dir: Path, table: str) -> None:
    space = load_space("nas201")
    rows = json.loads((data_dir / "nas201" / table).read_text(encoding="utf-8"))
    assert [space.format_arch(space.parse_arch(row)) for row in rows] == list(rows)
    assert len(rows) == SIZES["nas201"]


def test_the_published_trans101_strings_are_the_space(data_dir: Path) -> None:
    space = load_space("trans101")
    with (data_dir / "trans101" / "final_valid.csv").open(encoding="utf-8", newline="") as file:
        rows = [row["arch"] for row in csv.DictReader(file)]
    assert [space.format_arch(space.parse_arch(row)) for row in rows] == rows
    assert len(set(rows)) == SIZES["trans101"]


def test_the_published_darts_genotypes_are_in_the_space(data_dir: Path) -> None:
    space = load_space("darts")
    with (data_dir / "darts" / "nb301_cifar10_725.csv").open(encoding="utf-8", newline="") as file:
        rows = [row["genotype"] for row in csv.DictReader(file)]
    assert len(rows) == 725
    for row in rows:
        arch = space.parse_arch(row)
        assert space.parse_arch(space.format_arch(arch)) == arch
        assert pairs(space.format_arch(arch)) == pairs(row)


def pairs(genotype: str) -> list[frozenset[str]]:
    """The two (operator, source) pairs of every stage, order within a stage left out."""
    parts = [part.split(")")[0] for part in genotype.split("(")[2:] if part.startswith("'")]
    return [frozenset(parts[start : start + 2]) for start in range(0, len(parts), 2)]


def test_mobilenet_v2_is_in_the_mobilenet_space() -> None:
    space = load_space("mobilenet")
    stages = ["ir_r2_k3_s2_e6_c24", "ir_r3_k3_s2_e6_c32", "ir_r4_k3_s2_e6_c64", "ir_r3_k3_s1_e6_c96"]
    text = ", ".join([*stages, "ir_r3_k3_s2_e6_c160"])
    assert space.format_arch(space.parse_arch(text)) == text


def test_a_nas_bench_101_cell_reads_its_matrix() -> None:
    space = load_space("nb101")
    matrix = [
        [0, 1, 1, 1, 0, 1, 0],
        [0, 0, 0, 0, 0, 0, 1],
        [0, 0, 0, 0, 0, 0, 1],
        [0, 0, 0, 0, 1, 0, 0],
        [0, 0, 0, 0, 0, 0, 1],
        [0, 0, 0, 0, 0, 0, 1],
        [0, 0, 0, 0, 0, 0, 0],
    ]
    operators = ["input", "conv1x1-bn-relu", *["conv3x3-bn-relu"] * 3, "maxpool3x3", "output"]
    arch = space.parse_arch(f"ModelSpec(matrix={matrix}, ops={operators})")
    read_by = {layer.key: label.sources for layer, label in arch.choices()}
    columns = [tuple(row for row in range(7) if matrix[row][column]) for column in range(1, 7)]
    assert [read_by[key] for key in range(6)] == columns
