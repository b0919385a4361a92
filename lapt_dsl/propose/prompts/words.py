"""Names of one space to make examples of: an operator, a trait, a layer, a node that do exist."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from lapt_dsl.compiler.space.model import Cell, CellNode, Layer, Operator, Space
from lapt_dsl.propose.induction.features import computes


@dataclass(frozen=True)
class Words:
    """What examples speak of. The choice follows order and counts alone, so that every space has its examples."""

    space: Space

    @cached_property
    def cell(self) -> Cell:
        """The cell with most operator layers, the first of them."""
        return max(self.space.cells, key=lambda cell: len(cell.operator_layers))

    @property
    def layers(self) -> int:
        """How many operator layers that cell has."""
        return len(self.cell.operator_layers)

    @cached_property
    def used(self) -> tuple[Operator, ...]:
        """Operators that some layer of the cell can carry."""
        return tuple(dict.fromkeys(operator for layer in self.cell.operator_layers for operator in layer.operators))

    @property
    def _choosing(self) -> list[Layer]:
        return [layer for layer in self.space.layers if len(layer.operators) > 1]

    @cached_property
    def group(self) -> str:
        """The trait that most operators with weights share, of all operators where those have none, or else a name."""
        # What every layer of the space can carry empties no cell that an example forgets.
        common = [operator for operator in self.used if all(operator in layer.operators for layer in self._choosing)]
        heavy = [operator for operator in common or self.used if computes(operator) and operator.traits]
        counts = Counter(trait for operator in heavy or common or self.used for trait in sorted(operator.traits))
        return counts.most_common(1)[0][0] if counts else self.used[0].name

    @cached_property
    def inside(self) -> Operator:
        """An operator of the group."""
        return next((o for o in self.used if self.group in o.traits or self.group == o.name), self.used[0])

    @cached_property
    def outside(self) -> Operator | None:
        """An operator outside the group that carries something, else one that does not, else another of the group."""
        outer = [o for o in self.used if self.group not in o.traits and o.name != self.group]
        return next((o for o in outer if not o.absent), next(iter(outer), None)) or next(
            (o for o in self.used if o is not self.inside), None
        )

    @cached_property
    def number(self) -> Layer | None:
        """A number layer of any cell, or None."""
        return next((layer for layer in self.space.layers if layer.is_number), None)

    @cached_property
    def numbers(self) -> list[int]:
        """What it chooses from."""
        return (
            [] if self.number is None else [label.number for label in self.number.choices if label.number is not None]
        )

    @cached_property
    def searched(self) -> Layer | None:
        """A layer that chooses what it reads, the last of the cell's, or None."""
        return next((layer for layer in reversed(self.cell.operator_layers) if layer.wiring != "fixed"), None)

    @property
    def stages(self) -> int:
        """How many stages the cell has."""
        return len(self.cell.stages)

    @property
    def several_cells(self) -> bool:
        """Whether the space has more than one cell."""
        return len(self.space.cells) > 1

    @cached_property
    def fed(self) -> CellNode | None:
        """A node that layers feed, one in the middle before the output."""
        nodes = [node for node in self.cell.nodes if node.layers]
        return next((node for node in reversed(nodes) if node.kind != "output"), next(iter(nodes), None))

    @cached_property
    def read(self) -> CellNode | None:
        """The first node that a layer can read."""
        options = {index for layer in self.cell.operator_layers for index in layer.source_options}
        return next((node for node in self.cell.nodes if node.index in options), None)

    @cached_property
    def facts(self) -> dict[str, object]:
        """What examples may name or need; None where the space does not have it."""
        last = self.layers - 1
        chooses = self.layers > 1 or len(self.used) > 1
        return {
            "group": self.group if chooses else None,
            "inner": self.inside.name if chooses else None,
            "outer": self.outside.name if chooses and self.outside is not None else None,
            "layers": self.layers if self.layers > 1 else None,
            "several": True if self.layers > 1 and self.read is not None else None,
            "last": last,
            "some": "layer 0" if last == 0 else f"layers 0..{max(1, last // 2)}",
            "fed": self.fed.name if self.fed is not None else None,
            "read": self.read.name if self.read is not None else None,
            "output_fed": True if self.cell.output.layers else None,
            "stages": self.stages or None,
            "last_stage": self.stages if self.stages > 1 else None,
            "reads_stages": self._reads_stages or None,
            "network": True if self.space.networks else None,
            **self._sources,
            **self._number_facts,
            **self._cell_facts,
        }

    @property
    def _reads_stages(self) -> bool:
        """Whether some layer may read a stage."""
        stages = {node.index for node in self.cell.stages}
        return any(stages.intersection(layer.source_options) for layer in self.cell.operator_layers)

    @property
    def _sources(self) -> dict[str, object]:
        """The last layer that chooses what it reads, and the first and the last of its choices."""
        layer = self.searched
        names = [self.cell.nodes[index].name for index in layer.source_options] if layer is not None else [None]
        return {
            "reader": layer.key if layer is not None else None,
            "first_source": names[0],
            "last_source": names[-1],
        }

    @property
    def _number_facts(self) -> dict[str, object]:
        if self.number is None:
            return dict.fromkeys(("number", "two_numbers", "least", "most"))
        two = ", ".join(map(str, self.numbers[:2]))
        return {"number": self.number.key, "two_numbers": two, "least": self.numbers[0], "most": self.numbers[-1]}

    @property
    def _cell_facts(self) -> dict[str, object]:
        """The cell where the space has several, another one with the same layers, and a statement for both."""
        if not self.several_cells:
            return dict.fromkeys(("cell", "twin", "in_cell"))
        other = next(cell for cell in self.space.cells if cell.name != self.cell.name)
        alike = [layer.key for layer in other.layers] == [layer.key for layer in self.cell.layers]
        number = next(iter(self.cell.number_layers), None)
        statement = f"late layers: at least 1 {self.group};"
        if self.layers < 2 and number is not None:
            statement = f"layer {number.key}: only {number.choices[0].number};"
        return {"cell": self.cell.name, "twin": other.name if alike else None, "in_cell": statement}
