"""How spaces, refined spaces and architectures show themselves in a notebook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from lapt_dsl.compiler.refined.refined_space import RefinedSpace, full
from lapt_dsl.compiler.space.model import Architecture, Layer, Space


def html(value: object) -> str:
    """A space, a refined space or an architecture. TypeError for anything else."""
    if isinstance(value, Architecture):
        return architecture_html(value)
    if isinstance(value, RefinedSpace):
        return refined_html(value)
    if isinstance(value, Space):
        return refined_html(full(value))
    raise TypeError(f"no HTML view of {type(value).__name__}")


def refined_html(refined: RefinedSpace) -> str:
    """A small table: the size, and per layer the candidates left with the removed ones struck out."""
    heading = f"<p><b>{escape(refined.space.name)}</b>: {refined.size:,} architectures</p>"
    return heading + _table(("layer", "operators left", "sources left"), _rows_left(refined))


def architecture_html(arch: Architecture) -> str:
    """A small table: the canonical text, and per layer what was chosen and what it reads."""
    rows = (
        (
            _named(layer),
            escape(str(label.number) if label.operator is None else label.operator.name),
            _sources(arch.space, layer, label.sources),
        )
        for layer, label in arch.choices()
    )
    heading = f"<p><b>{escape(arch.space.name)}</b>: <code>{escape(str(arch))}</code></p>"
    return heading + _table(("layer", "operator", "sources"), rows)


def _rows_left(refined: RefinedSpace) -> Iterator[tuple[str, ...]]:
    for left in refined.candidates:
        layer = left.layer
        names = [str(label.number) if label.operator is None else label.operator.name for label in layer.choices]
        kept = {names[number] for number in left.choices}
        choices = " ".join(escape(name) if name in kept else f"<s>{escape(name)}</s>" for name in dict.fromkeys(names))
        yield _named(layer), choices, _sources(refined.space, layer, left.sources)


def _named(layer: Layer) -> str:
    return escape(f"{layer.cell} {layer.key}")


def _sources(space: Space, layer: Layer, sources: Iterable[int]) -> str:
    cell = space.cell(layer.cell)
    return "" if cell is None else escape(", ".join(cell.nodes[source].name for source in sources))


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    top = "".join(f"<th>{head}</th>" for head in heads)
    body = "".join("<tr>" + "".join(f"<td>{text}</td>" for text in row) + "</tr>" for row in rows)
    return f"<table><tr>{top}</tr>{body}</table>"
