"""Drawings of every shipped space can be read: boxes apart, lanes clear of boxes, labels apart."""

from __future__ import annotations

import itertools
import xml.etree.ElementTree as ElementTree

import pytest

from lapt_dsl import api, spaces
from lapt_dsl.compiler.analyses.remaining_candidates import RemainingCandidates, remaining
from lapt_dsl.compiler.refined.refined_space import full
from lapt_dsl.compiler.space.model import Cell
from lapt_dsl.compiler.views.drawing import LINE, draw_cell
from lapt_dsl.compiler.views.svg import refined_svg
from lapt_dsl.compiler.views.text_drawing import picture

FULL = {name: full(api.load_space(name)) for name in spaces.names()}
CELLS = [
    pytest.param(cell, remaining(refined)[cell.name], id=f"{name}-{cell.name}")
    for name, refined in FULL.items()
    for cell in refined.space.cells
]

Rectangle = tuple[float, float, float, float]


def _apart(one: Rectangle, other: Rectangle) -> bool:
    return one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


@pytest.mark.parametrize(("cell", "layers"), CELLS)
def test_boxes_and_labels_do_not_meet(cell: Cell, layers: tuple[RemainingCandidates, ...]) -> None:
    drawing = draw_cell(cell, layers)
    boxes = [
        (box.x - box.width / 2, box.y - box.height / 2, box.x + box.width / 2, box.y + box.height / 2)
        for box in drawing.boxes
    ]
    labels = []
    for edge in drawing.edges:
        if edge.lines:
            half = max(line.width for line in edge.lines) / 2
            x, y = edge.label
            labels.append((x - half, y - LINE + 4, x + half, y - LINE + 4 + LINE * len(edge.lines)))
    for one, other in itertools.combinations([*boxes, *labels], 2):
        assert _apart(one, other), (one, other)


@pytest.mark.parametrize(("cell", "layers"), CELLS)
def test_lanes_pass_no_box_and_do_not_run_into_each_other(cell: Cell, layers: tuple[RemainingCandidates, ...]) -> None:
    drawing = draw_cell(cell, layers)
    lanes = [edge for edge in drawing.edges if edge.lane is not None]
    for edge in lanes:
        assert all(abs(edge.lane - box.y) > box.height / 2 for box in drawing.boxes)
    for one, other in itertools.combinations(lanes, 2):
        overlap = one.start[0] < other.end[0] and other.start[0] < one.end[0]
        assert not overlap or one.lane != other.lane


@pytest.mark.parametrize("name", spaces.names())
def test_svg_is_well_formed_names_every_node_and_never_changes(name: str) -> None:
    text = refined_svg(f"{name} <&>", FULL[name])
    root = ElementTree.fromstring(text)
    words = {element.text for element in root.iter() if element.tag.endswith("tspan")}
    assert {node.name for cell in FULL[name].space.cells for node in cell.nodes} <= words
    assert text == refined_svg(f"{name} <&>", FULL[name])


def test_what_is_removed_is_marked() -> None:
    refined = api.compile("examples/darts_cifar100.lp")
    normal = refined.space.cells[0]
    layers = remaining(refined)["normal"]
    left = {entry.layer.key: entry for entry in layers}
    readings = {normal.nodes[source.node].name: source.reading for source in left[6].sources}
    assert readings["prev2"] == "never"
    assert "never" in {source.reading for source in left[5].sources}
    assert "max_pool3x3" in left[0].removed
    art = {row.label: row.art for row in picture(normal, layers)}
    assert art["layer 6"].lstrip().startswith("·")
    assert "concat" in art
    removed = [edge for edge in draw_cell(normal, layers).edges if edge.state == "removed"]
    assert removed
