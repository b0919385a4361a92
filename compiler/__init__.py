"""The compiler: from syntax trees to exact sets of architectures and the files generated from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lapt_dsl.compiler.space import displays

if TYPE_CHECKING:
    import networkx as nx


def _html(value: object) -> str:
    from lapt_dsl.compiler.views.notebook import html

    return html(value)


def _graph(value: object, cell: str | None) -> nx.MultiDiGraph:
    from lapt_dsl.compiler.space.model import Architecture
    from lapt_dsl.compiler.views.graphs import cell_graph

    assert isinstance(value, Architecture)
    return cell_graph(value, cell)


displays.register(_html, _graph)
