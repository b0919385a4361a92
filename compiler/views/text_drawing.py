"""A cell drawn in text: one column per node, one row per layer, an arrow from what the layer reads to what it feeds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lapt_dsl.compiler.analyses.remaining_candidates import RemainingCandidates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lapt_dsl.compiler.space.model import Cell

MARKS = {"always": "●", "sometimes": "○", "never": "·"}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a picture: what stands before it, the drawing, and the candidates left and removed beside it.

    `below` is the drawing of further lines of the same row, for candidates that need more than one.
    """

    label: str
    art: str
    below: str = ""
    left: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


def picture(cell: Cell, layers: Sequence[RemainingCandidates]) -> list[Row]:
    """The rows of a cell's drawing.

    Args:
        cell: the cell to draw.
        layers: what is left of its layers, from `remaining`.

    Returns:
        A heading row with the node names, a row per number layer, per operator layer and per concatenation. `●` is
        read by every remaining choice of the layer, `○` by some, `·` no longer by any; `▶` is the node it feeds.
    """
    rows = [Row(f"{left.layer.key}", "", "", left.left, left.removed) for left in layers if left.layer.is_number]
    canvas = _Canvas(cell, [left for left in layers if not left.layer.is_number])
    return [*rows, Row("", canvas.heading()), *canvas.rows()]


class _Canvas:
    """The grid: node columns of one width, so that arrows line up, and the rows each node's line runs through."""

    def __init__(self, cell: Cell, layers: list[RemainingCandidates]) -> None:
        self.cell = cell
        self.layers = layers
        self.width = max(5, 1 + max(len(node.name) for node in cell.nodes))
        self.arrows: list[tuple[str, dict[int, str], int, RemainingCandidates | None]] = []
        for left in layers:
            marks = {source.node: MARKS[source.reading] for source in left.sources}
            repeat = left.layer.repeat
            times = "" if repeat == 1 else f"{repeat if isinstance(repeat, int) else repeat.name} x "
            if left.layer.target is not None:
                self.arrows.append((f"{times}layer {left.layer.key}", marks, left.layer.target, left))
        for node in cell.nodes:
            if node.concat:
                self.arrows.append(("concat", dict.fromkeys(node.concat, MARKS["always"]), node.index, None))
        self.arrows.sort(key=lambda arrow: arrow[2])

    def heading(self) -> str:
        return "".join(node.name.center(self.width) for node in self.cell.nodes).rstrip()

    def rows(self) -> list[Row]:
        spans = self._lifelines()
        rows = []
        for number, (label, marks, target, left) in enumerate(self.arrows):
            art = self._arrow(number, marks, target, spans)
            below = self._below(number, spans)
            rows.append(Row(label, art, below, left.left if left else (), left.removed if left else ()))
        return rows

    def _lifelines(self) -> list[tuple[int, int]]:
        """Per node the first and last row its vertical line runs through."""
        spans = []
        for node in self.cell.nodes:
            fed = [row for row, arrow in enumerate(self.arrows) if arrow[2] == node.index]
            read = [row for row, arrow in enumerate(self.arrows) if node.index in arrow[1]]
            spans.append((fed[0] if fed else 0, max([*fed, *read], default=0)))
        return spans

    def _below(self, row: int, spans: list[tuple[int, int]]) -> str:
        runs = ("│" if first <= row < last else " " for first, last in spans)
        return "".join(mark.center(self.width) for mark in runs).rstrip()

    def _arrow(self, row: int, marks: dict[int, str], target: int, spans: list[tuple[int, int]]) -> str:
        live = [node for node, mark in marks.items() if mark != MARKS["never"]]
        tail = min(live, default=target)
        centre = (self.width - 1) // 2
        cells = []
        for node, (first, last) in enumerate(spans):
            runs = first <= row <= last
            inside = tail < node < target
            if node == target:
                middle = "▶"
            elif node in marks:
                middle = marks[node]
            elif inside:
                middle = "┼" if runs else "─"
            else:
                middle = "│" if runs else " "
            before = "─" if tail < node <= target else " "
            after = "─" if tail <= node < target else " "
            cells.append(before * centre + middle + after * (self.width - 1 - centre))
        return "".join(cells).rstrip()
