"""A cell of a space under construction."""

from __future__ import annotations

from dataclasses import dataclass, field

from lapt_dsl.compiler.space.model import CellNode
from lapt_dsl.diagnostics.span import Span
from lapt_dsl.diagnostics.suggestions import shortened
from lapt_dsl.language.tree import CellItem, LayerTerm


@dataclass(frozen=True, slots=True)
class WiredLayer:
    """An operator layer as written, with its target and its readable nodes as indices."""

    term: LayerTerm
    target: int
    options: tuple[int, ...]


@dataclass
class CellDraft:
    """A cell under construction. `spans` holds where each node is declared, in node order."""

    item: CellItem
    nodes: list[CellNode] = field(default_factory=list)
    layers: dict[int, WiredLayer] = field(default_factory=dict)
    spans: dict[str, Span] = field(default_factory=dict)
    index: dict[str, int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The cell's name, short enough for a message."""
        return shortened(self.item.name.text)
