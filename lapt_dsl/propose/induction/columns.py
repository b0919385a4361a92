"""Architectures as rows of choices, and choices as rules.

A *column* is a choice that a rule can constrain: the operator of a layer, the number of a number layer, the source of a
layer with one source, or whether a layer with several sources reads a certain node.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from lapt_dsl.compiler.space.model import Architecture, Cell, Layer, Space


@dataclass(frozen=True)
class FeatureColumn:
    """A choice of a space. `values` are the names of its values in order; a row holds the index of one."""

    space: Space
    cell: Cell
    layer: Layer
    kind: Literal["operator", "number", "source", "reads"]
    values: tuple[str, ...]
    node: int | None = None

    @property
    def several_cells(self) -> bool:
        """Whether a rule must name its cell."""
        return len(self.space.cells) > 1

    @cached_property
    def of_label(self) -> tuple[int, ...]:
        """The value of this column for each choice of the layer."""
        if self.kind in ("operator", "number"):
            return tuple(self.values.index(_chosen(self.layer, label)) for label in range(len(self.layer.choices)))
        if self.kind == "source":
            return tuple(self.values.index(self.cell.nodes[label.sources[0]].name) for label in self.layer.choices)
        return tuple(int(self.node in label.sources) for label in self.layer.choices)

    def says(self, values: Iterable[int]) -> str:
        """The rule that this choice is one of `values`, for example `layer 3: only skip, conv1x1;`."""
        chosen = sorted(values)
        if self.kind == "reads":
            assert self.node is not None
            name = self.cell.nodes[self.node].name
            return self._about(f"reads {name}" if chosen == [1] else f"never reads {name}")
        names = ", ".join(self.values[value] for value in chosen)
        return self._about(f"only {names}" if self.kind != "source" else f"reads only {names}")

    def denies(self, values: Iterable[int]) -> str:
        """The rule that this choice is none of `values`."""
        chosen = sorted(values)
        if self.kind == "reads":
            return self.says([1 - chosen[0]])
        names = ", ".join(self.values[value] for value in chosen)
        return self._about(f"never {names}" if self.kind != "source" else f"never reads {names}")

    def prefers(self, value: int, weight: float) -> str:
        """The preference for one operator or number with a log weight, for use with `in_cells`."""
        return f"layer {self.layer.key}: prefer {self.values[value]} by {weight:.2f};"

    def _about(self, predicate: str) -> str:
        rule = f"layer {self.layer.key}: {predicate};"
        return f"in {self.cell.name} {{ {rule} }}" if self.several_cells else rule


def _chosen(layer: Layer, label: int) -> str:
    choice = layer.choices[label]
    return choice.operator.name if choice.operator is not None else str(choice.number)


def in_cells(statements: Sequence[tuple[FeatureColumn, str]]) -> list[str]:
    """Statements about columns. In a space with several cells, the statements of a cell form one block."""
    if not statements or not statements[0][0].several_cells:
        return [text for _, text in statements]
    by_cell: dict[str, list[str]] = {}
    for column, text in statements:
        by_cell.setdefault(column.cell.name, []).append(text)
    return [f"in {cell} {{ {' '.join(texts)} }}" for cell, texts in by_cell.items()]


def columns_of(space: Space) -> tuple[FeatureColumn, ...]:
    """All choices of a space with more than one value, in order of the layers."""
    found = []
    for cell in space.cells:
        for layer in cell.layers:
            kind: Literal["operator", "number"] = "number" if layer.is_number else "operator"
            names = tuple(dict.fromkeys(_chosen(layer, label) for label in range(len(layer.choices))))
            found.append(FeatureColumn(space, cell, layer, kind, names))
            if layer.wiring == "one":
                sources = tuple(cell.nodes[node].name for node in layer.source_options)
                found.append(FeatureColumn(space, cell, layer, "source", sources))
            elif layer.wiring in ("any", "some"):
                found += [
                    FeatureColumn(space, cell, layer, "reads", ("no", "yes"), node) for node in layer.source_options
                ]
    return tuple(column for column in found if len(column.values) > 1)


def rows_of(columns: Sequence[FeatureColumn], archs: Iterable[Architecture]) -> list[tuple[int, ...]]:
    """The values of all columns for each architecture."""
    places = [(column.layer.decision, column.of_label) for column in columns]
    return [tuple([table[arch.encoding[level]] for level, table in places]) for arch in archs]
