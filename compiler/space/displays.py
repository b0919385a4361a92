"""Hooks for displaying spaces and architectures; the package `views` provides the implementations.

The views import refined spaces, which import spaces. Spaces therefore cannot import the views without a module cycle,
and `compiler/__init__.py` registers the views here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import networkx as nx

_html: Callable[[object], str] | None = None
_graph: Callable[[object, str | None], nx.MultiDiGraph] | None = None


def register(html: Callable[[object], str], graph: Callable[[object, str | None], nx.MultiDiGraph]) -> None:
    """Set what `_repr_html_` and `to_networkx` of spaces, refined spaces and architectures return."""
    global _html, _graph
    _html, _graph = html, graph


def html(value: object) -> str:
    """A space, a refined space or an architecture as HTML. RuntimeError if no view is registered."""
    if _html is None:
        raise RuntimeError("no HTML view is registered: import `lapt_dsl.compiler`")
    return _html(value)


def graph(value: object, cell: str | None) -> nx.MultiDiGraph:
    """A cell of an architecture as a graph. RuntimeError if no view is registered."""
    if _graph is None:
        raise RuntimeError("no graph view is registered: import `lapt_dsl.compiler`")
    return _graph(value, cell)
