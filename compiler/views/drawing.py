"""Where the parts of a cell's drawing stand: nodes left to right by topological generation, edges in lanes.

Neighbouring columns are joined by straight edges. An edge that spans more columns leaves the row of nodes and runs in a
lane above or below it, shorter edges nearer the nodes, so that no edge passes behind a box and no two labels meet.
Lengths are in SVG user units; y grows downwards and 0 is the row of nodes.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from lapt_dsl.compiler.analyses.remaining_candidates import RemainingCandidates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lapt_dsl.compiler.space.model import Cell

CHARACTER = 7.0
LINE = 15.0
PORT = 16.0
PADDING = 10.0
WRAP = 30


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text: words, each faint (no longer possible) or not."""

    words: tuple[tuple[str, bool], ...]
    bold: bool = False

    @property
    def width(self) -> float:
        """Width when set in the drawing's fixed-width font."""
        return CHARACTER * (sum(len(word) for word, _ in self.words) + max(0, len(self.words) - 1))


@dataclass(slots=True)
class Box:
    """A node: its centre, its size and the lines in it."""

    node: int
    lines: tuple[Line, ...]
    kind: str
    column: int
    side: Literal["above", "below", "both", "neither"]
    x: float = 0.0
    y: float = 0.0
    width: float = 0.0
    height: float = 0.0
    ports: dict[tuple[str, str], int] = field(default_factory=dict)


@dataclass(slots=True)
class Edge:
    """A connection: `state` says whether what is left reads it; `lane` is its y, or None for a straight edge.

    `start` and `end` are its ends; `lines` its label, whose first baseline's middle is at `label`.
    """

    source: int
    target: int
    state: Literal["left", "removed", "concat"]
    lines: tuple[Line, ...]
    lane: float | None = None
    start: tuple[float, float] = (0.0, 0.0)
    end: tuple[float, float] = (0.0, 0.0)
    label: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A laid-out cell: captions above it (number layers), its boxes and edges, and the extent of the whole."""

    title: str
    captions: tuple[Line, ...]
    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
    left: float
    top: float
    right: float
    bottom: float


def draw_cell(cell: Cell, layers: Sequence[RemainingCandidates]) -> Drawing:
    """Lay a cell out.

    Args:
        cell: the cell to draw.
        layers: what is left of its layers, from `remaining`.

    Returns:
        The drawing; what no remaining architecture uses is in it, marked as removed.
    """
    captions = tuple(_candidates(left, f"{left.layer.key}:")[0] for left in layers if left.layer.is_number)
    operator_layers = [left for left in layers if not left.layer.is_number]
    edges = _edges(cell, operator_layers)
    boxes = _boxes(cell, operator_layers)
    _place_columns(boxes, edges)
    _route(boxes, edges)
    xs = [box.x + sign * box.width / 2 for box in boxes for sign in (-1, 1)]
    ys = [box.y + sign * box.height / 2 for box in boxes for sign in (-1, 1)]
    for edge in edges:
        half = max((line.width for line in edge.lines), default=0.0) / 2
        xs += [edge.label[0] - half, edge.label[0] + half]
        ys += [edge.label[1] - LINE, edge.label[1] + LINE * max(0, len(edge.lines) - 1) + 4]
        ys += [edge.lane] if edge.lane is not None else []
    return Drawing(f"cell {cell.name}", captions, tuple(boxes), tuple(edges), min(xs), min(ys), max(xs), max(ys))


def _candidates(left: RemainingCandidates, heading: str, width: int = WRAP) -> list[Line]:
    """The candidates of a layer as lines: what is left first, then what is gone, wrapped at `width` characters."""
    words = [(name, False) for name in left.left] + [(name, True) for name in left.removed]
    wrapped = textwrap.wrap(" ".join(name for name, _ in words), width, break_long_words=False, break_on_hyphens=False)
    lines, taken = [], 0
    for row in wrapped if not left.layer.is_number else [""]:
        count = len(row.split()) or len(words)
        lines.append(Line(tuple(words[taken : taken + count])))
        taken += count
    if left.layer.is_number:
        return [Line(((heading, False), *lines[0].words))]
    return [Line(((heading, False),), bold=True), *lines]


def _heading(left: RemainingCandidates) -> str:
    repeat = left.layer.repeat
    times = "" if repeat == 1 else f"{repeat if isinstance(repeat, int) else repeat.name} x "
    return f"{times}layer {left.layer.key}"


def _edges(cell: Cell, layers: list[RemainingCandidates]) -> list[Edge]:
    """One edge per layer and node it reads; searched layers with the same ends share one."""
    edges: list[Edge] = []
    searched: dict[tuple[int, int], list[RemainingCandidates]] = {}
    for left in layers:
        target = left.layer.target
        if target is None:
            continue
        for source in left.sources:
            if left.searched:
                searched.setdefault((source.node, target), []).append(left)
            else:
                state: Literal["left", "removed"] = "left" if _carries(left) else "removed"
                edges.append(Edge(source.node, target, state, tuple(_candidates(left, _heading(left)))))
    for (node, target), readers in searched.items():
        still = [
            left for left in readers for source in left.sources if source.node == node and source.reading != "never"
        ]
        partly = bool(still) and len(still) < len(readers)
        words = (("layer " + ", ".join(str(left.layer.key) for left in still), False),)
        edges.append(Edge(node, target, "left" if still else "removed", (Line(words),) if partly else ()))
    for cell_node in cell.nodes:
        edges += [Edge(part, cell_node.index, "concat", ()) for part in cell_node.concat]
    return edges


def _carries(left: RemainingCandidates) -> bool:
    """Whether some candidate left is not absent."""
    names = set(left.left)
    return any(operator.name in names and not operator.absent for operator in left.layer.operators)


def _boxes(cell: Cell, layers: list[RemainingCandidates]) -> list[Box]:
    """A box per node: its name, and the candidates of the searched layers that feed it."""
    import networkx as nx

    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(node.index for node in cell.nodes)
    for layer in cell.operator_layers:
        graph.add_edges_from((source, layer.target) for source in layer.source_options)
    graph.add_edges_from((part, node.index) for node in cell.nodes for part in node.concat)
    boxes: list[Box] = []
    for column, generation in enumerate(nx.topological_generations(graph)):
        stack = sorted(generation)
        for row, index in enumerate(stack):
            node = cell.nodes[index]
            lines = [Line(((node.name, False),), bold=True)]
            for left in layers:
                if left.searched and left.layer.target == index:
                    lines += _candidates(left, _heading(left), 24)
            side: Literal["above", "below", "both", "neither"] = "neither"
            if len(stack) == 1:
                side = "both"
            elif row == 0:
                side = "above"
            elif row == len(stack) - 1:
                side = "below"
            boxes.append(Box(index, tuple(lines), node.kind, column, side))
    return boxes


def _place_columns(boxes: list[Box], edges: list[Edge]) -> None:
    """Give every box its size and place: a column is as wide as its widest box, a gap as its widest straight label."""
    ends = {box.node: box for box in boxes}
    for box in boxes:
        arcs = sum(box.node in (edge.source, edge.target) for edge in edges)
        box.width = max(max(line.width for line in box.lines) + 2 * PADDING, 44.0, PORT * arcs * 0.75)
        box.height = LINE * len(box.lines) + PADDING
    x = 0.0
    for column in range(1 + max(box.column for box in boxes)):
        stack = [box for box in boxes if box.column == column]
        width = max(box.width for box in stack)
        room = 5 * LINE if len(stack) > 1 else 0.0
        height = sum(box.height for box in stack) + room * (len(stack) - 1)
        y = -height / 2
        for box in stack:
            box.x, box.y = x + width / 2, y + box.height / 2
            y += box.height + room
        labels = [
            line.width
            for edge in edges
            if ends[edge.source].column == column and ends[edge.target].column == column + 1
            for line in edge.lines
        ]
        x += width + max([50.0, *(label + 40.0 for label in labels)])


def _route(boxes: list[Box], edges: list[Edge]) -> None:
    """Straight edges between neighbouring columns, lanes for the others, shorter ones nearer the row of nodes."""
    ends = {box.node: box for box in boxes}
    columns = 1 + max(box.column for box in boxes)
    height = max(abs(box.y) + box.height / 2 for box in boxes)
    straight_label = max((len(edge.lines) for edge in edges), default=0) * LINE if columns > 1 else 0.0
    base = max(height, straight_label) + 22.0
    extent = {"above": [base] * columns, "below": [base] * columns}
    by_span = sorted(edges, key=lambda edge: (ends[edge.target].column - ends[edge.source].column, -edge.source))
    for edge in by_span:
        source, target = ends[edge.source], ends[edge.target]
        if target.column - source.column == 1:
            _straight(source, target, edge)
            continue
        gaps = range(source.column, target.column)
        reach = {side: max(lanes[gap] for gap in gaps) for side, lanes in extent.items()}
        side = next(
            (end.side for end in (source, target) if end.side in reach), min(reach, key=lambda name: reach[name])
        )
        sign = -1.0 if side == "above" else 1.0
        edge.lane = sign * reach[side]
        block = LINE * len(edge.lines)
        for gap in gaps:
            extent[side][gap] = reach[side] + block + (18.0 if edge.lines else 14.0)
        edge.start, edge.end = _port(source, side, sign, "out"), _port(target, side, sign, "in")
        middle = (edge.start[0] + edge.end[0]) / 2
        edge.label = (middle, edge.lane - block + LINE - 5.0 if side == "above" else edge.lane + LINE)
    _shift_labels([(edge, edge.lane) for edge in edges if edge.lane is not None])


def _shift_labels(arcs: list[tuple[Edge, float]]) -> None:
    """Move labels along their lanes to where no other edge comes down through them, the middle first."""
    for edge, lane in arcs:
        half = max((line.width for line in edge.lines), default=0.0) / 2 + 12.0
        crossing = [
            x
            for other, outer in arcs
            if outer * lane > 0 and abs(outer) > abs(lane)
            for x in (other.start[0], other.end[0])
        ]
        for share in (0.5, 0.45, 0.55, 0.4, 0.6, 0.35, 0.65, 0.3, 0.7):
            x = edge.start[0] + share * (edge.end[0] - edge.start[0])
            if all(abs(x - other) > half for other in crossing):
                edge.label = (x, edge.label[1])
                break


def _straight(source: Box, target: Box, edge: Edge) -> None:
    edge.start = (source.x + source.width / 2, source.y)
    edge.end = (target.x - target.width / 2, target.y)
    middle = (edge.start[1] + edge.end[1]) / 2
    edge.label = ((edge.start[0] + edge.end[0]) / 2, middle - LINE * len(edge.lines) + LINE - 9.0)


def _port(box: Box, side: str, sign: float, way: Literal["in", "out"]) -> tuple[float, float]:
    """The next free place on a box's edge, taken from the corner inwards so that nested edges do not cross."""
    if box.side not in (side, "both"):
        return (box.x + box.width / 2 if way == "out" else box.x - box.width / 2, box.y)
    used = box.ports.get((side, way), 0)
    box.ports[(side, way)] = used + 1
    inset = 10.0 + 9.0 * used
    x = box.x + box.width / 2 - inset if way == "out" else box.x - box.width / 2 + inset
    return (x, box.y + sign * box.height / 2)
