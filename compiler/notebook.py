"""How a refined space shows itself in a notebook."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lapt_dsl.compiler.refined import RefinedSpace


def refined_html(refined: RefinedSpace) -> str:
    """A small table: the size, and per layer the candidates left with the removed ones struck out."""
    rows = []
    for left in refined.candidates:
        layer = left.layer
        cell = refined.space.cell(layer.cell)
        names = [str(label.number) if label.operator is None else label.operator.name for label in layer.labels]
        kept = {names[number] for number in left.labels}
        choices = " ".join(escape(name) if name in kept else f"<s>{escape(name)}</s>" for name in dict.fromkeys(names))
        reads = ", ".join(cell.nodes[source].name for source in left.sources) if cell is not None else ""
        rows.append(f"<tr><td>{escape(layer.cell)} {layer.key}</td><td>{choices}</td><td>{escape(reads)}</td></tr>")
    return (
        f"<p><b>{escape(refined.space.name)}</b>: {refined.size:,} architectures</p>"
        "<table><tr><th>layer</th><th>operators left</th><th>sources left</th></tr>" + "".join(rows) + "</table>"
    )
