"""A laid-out cell as an SVG file: self-contained, deterministic, readable on a white page and in a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from lapt_dsl.compiler.analyses.remaining_candidates import remaining
from lapt_dsl.compiler.views.drawing import LINE, Drawing, draw_cell

if TYPE_CHECKING:
    from lapt_dsl.compiler.refined.refined_space import RefinedSpace
    from lapt_dsl.compiler.views.drawing import Box, Edge, Line

MARGIN = 24.0
BEND = 16.0

STYLE = """
    text { font: 12px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #1f2933; }
    .title { font-weight: bold; font-size: 15px; }
    .bold { font-weight: bold; }
    .gone { fill: #9aa5b1; text-decoration: line-through; }
    .back { fill: white; fill-opacity: 0.85; }
    .box { fill: #eef4fb; stroke: #2b6cb0; stroke-width: 1.5; }
    .box.input, .box.output { fill: #e6f4ea; stroke: #2f855a; }
    .edge { fill: none; stroke: #334e68; stroke-width: 1.5; }
    .edge.removed { stroke: #cbd2d9; stroke-dasharray: 5 4; }
    .edge.concat { stroke: #9aa5b1; stroke-width: 1; }
"""

ARROWS = "".join(
    f'<marker id="{name}" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    f'<path d="M0,0 L8,4 L0,8 z" fill="{colour}"/></marker>'
    for name, colour in (("left", "#334e68"), ("removed", "#cbd2d9"), ("concat", "#9aa5b1"))
)


def refined_svg(title: str, refined: RefinedSpace) -> str:
    """Draw the cells of a refined space one below the other.

    Args:
        title: a heading for the whole picture.
        refined: what is left of a space; all its cells are drawn, what is gone faintly.

    Returns:
        The text of an SVG file.
    """
    body: list[str] = [_text(MARGIN, MARGIN + 6, title, "title")]
    y, width = MARGIN + 22.0, 8.6 * len(title) + 2 * MARGIN
    left = remaining(refined)
    for cell in refined.space.cells:
        drawing = draw_cell(cell, left[cell.name])
        head = LINE * (1 + len(drawing.captions)) + 14.0
        body.append(f'<g transform="translate({_n(MARGIN - drawing.left)} {_n(y + head - drawing.top)})">')
        body.extend(_drawing(drawing, head))
        body.append("</g>")
        y += head + drawing.bottom - drawing.top + 2 * MARGIN
        width = max(width, drawing.right - drawing.left + 2 * MARGIN)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(width)} {_n(y)}" '
            f'width="{_n(width)}" height="{_n(y)}">',
            f"<title>{escape(title)}</title>",
            f"<style>{STYLE}</style>",
            f"<defs>{ARROWS}</defs>",
            '<rect width="100%" height="100%" fill="white"/>',
            *body,
            "</svg>",
            "",
        ]
    )


def _drawing(drawing: Drawing, head: float) -> list[str]:
    top = drawing.top - head + LINE
    parts = [_text(drawing.left, top, drawing.title, "bold")]
    for row, caption in enumerate(drawing.captions):
        parts.append(_words(drawing.left, top + LINE * (row + 1), caption, "start"))
    # Faint edges first, so that what is left is drawn over what is gone.
    order = {"removed": 0, "concat": 1, "left": 2}
    parts += [_edge(edge) for edge in sorted(drawing.edges, key=lambda edge: order[edge.state])]
    parts += [part for box in drawing.boxes for part in _box(box)]
    return parts + [part for edge in drawing.edges for part in _label(edge)]


def _edge(edge: Edge) -> str:
    (x1, y1), (x2, y2) = edge.start, edge.end
    if edge.lane is None:
        bend = (x2 - x1) / 2 if y1 != y2 else 0.0
        path = f"M{_n(x1)},{_n(y1)} C{_n(x1 + bend)},{_n(y1)} {_n(x2 - bend)},{_n(y2)} {_n(x2)},{_n(y2)}"
    else:
        lane = edge.lane
        path = (
            f"M{_n(x1)},{_n(y1)} C{_n(x1)},{_n((y1 + lane) / 2)} {_n(x1)},{_n(lane)} {_n(x1 + BEND)},{_n(lane)} "
            f"L{_n(x2 - BEND)},{_n(lane)} C{_n(x2)},{_n(lane)} {_n(x2)},{_n((y2 + lane) / 2)} {_n(x2)},{_n(y2)}"
        )
    return f'<path class="edge {edge.state}" d="{path}" marker-end="url(#{edge.state})"/>'


def _label(edge: Edge) -> list[str]:
    if not edge.lines:
        return []
    x, y = edge.label
    width = max(line.width for line in edge.lines) + 4
    back = (
        f'<rect class="back" x="{_n(x - width / 2)}" y="{_n(y - LINE + 4)}" '
        f'width="{_n(width)}" height="{_n(LINE * len(edge.lines))}"/>'
    )
    return [back, *(_words(x, y + LINE * row, line, "middle") for row, line in enumerate(edge.lines))]


def _box(box: Box) -> list[str]:
    left, top = box.x - box.width / 2, box.y - box.height / 2
    parts = [
        f'<rect class="box {box.kind}" x="{_n(left)}" y="{_n(top)}" rx="6" '
        f'width="{_n(box.width)}" height="{_n(box.height)}"/>'
    ]
    for row, line in enumerate(box.lines):
        parts.append(_words(box.x, top + LINE * row + LINE, line, "middle"))
    return parts


def _words(x: float, y: float, line: Line, anchor: str) -> str:
    spans = " ".join(
        f'<tspan class="gone">{escape(word)}</tspan>' if faint else f"<tspan>{escape(word)}</tspan>"
        for word, faint in line.words
    )
    weight = ' class="bold"' if line.bold else ""
    return f'<text x="{_n(x)}" y="{_n(y)}" text-anchor="{anchor}"{weight}>{spans}</text>'


def _text(x: float, y: float, text: str, style: str) -> str:
    return f'<text x="{_n(x)}" y="{_n(y)}" class="{style}">{escape(text)}</text>'


def _n(value: float) -> str:
    """A number with at most one decimal, so that files are small and equal on every machine."""
    return f"{value:.1f}".removesuffix(".0") if abs(value) >= 0.05 else "0"
