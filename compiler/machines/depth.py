"""The machine for `depth`, the longest live path from the image to the head over the stacked cells."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from lapt_dsl.compiler.diagram import EMPTY, UNIT
from lapt_dsl.compiler.machines.liveness import CellWalk, Nodes, Numbers, length_of, with_parts
from lapt_dsl.compiler.model import Cell, Layer, Space

Profile = tuple[int, ...] | None
"""Per input of a cell the most layers from it to a node, -1 where not connected; None where no input is."""


class DepthMachine(CellWalk):
    """Within a cell the state holds every node's profile; a finished cell leaves the profile of its output."""

    def before_all(self) -> Hashable:
        """No finished cell."""
        return ()

    def fresh(self, cell: Cell) -> Nodes:
        """Every input is no layer away from itself."""
        inputs = [node.index for node in cell.inputs]
        return tuple(
            tuple(0 if node.index == index else -1 for index in inputs) if node.kind == "input" else None
            for node in cell.nodes
        )

    def extend(
        self, before: Any, nodes: Nodes, cell: Cell, layer: Layer, sources: tuple[int, ...], numbers: Numbers
    ) -> tuple[Hashable, Nodes]:
        """Lengthen the paths of the sources and keep the longest at the target."""
        target = layer.target
        assert target is not None
        length = length_of(layer, numbers) if sources else 0
        arrivals: list[Profile] = [nodes[target]]
        for source in sources:
            profile = _profile(cell, nodes, source)
            if profile is not None:
                arrivals.append(tuple(steps + length if steps >= 0 else -1 for steps in profile))
        return before, (*nodes[:target], _longest(arrivals), *nodes[target + 1 :])

    def finish(self, before: Any, nodes: Nodes, cell: Cell) -> Hashable:
        """Keep the profile of the cell's output."""
        return (*before, _profile(cell, nodes, cell.output.index))

    def decide(self, level: int, before: Any) -> int | None:
        """Only the profiles of all cells together have a depth."""
        if level < len(self.layers):
            return None
        profiles = dict(zip((cell.name for cell in self.space.cells), before, strict=True))
        depth = stacked_depth(self.space, profiles)
        inside = (self.low is None or self.low <= depth) and (self.high is None or depth <= self.high)
        return UNIT if inside else EMPTY


def _profile(cell: Cell, nodes: Nodes, node: int) -> Profile:
    return _longest([nodes[part] for part in with_parts(cell, {node})])


def _longest(found: Sequence[Profile]) -> Profile:
    known = [profile for profile in found if profile is not None]
    return tuple(map(max, zip(*known, strict=True))) if known else None


def stacked_depth(space: Space, profiles: Mapping[str, Profile]) -> int:
    """Depth of the default network, from per cell the longest live path between each input and the output.

    A cell reads the last outputs before it, the earliest repeated where there are fewer. Blocks, stem, head and
    preprocessing count as no layer. 0 where no live path joins image and head.
    """
    if not space.networks:
        return 0
    history: list[int | None] = []
    for part in space.networks[0].parts:
        if part.kind == "head":
            continue
        for _ in range(part.repeat):
            if part.cell is None:
                history.append(0 if part.kind == "stem" or not history else history[-1])
                continue
            profile = profiles[part.cell]
            count = len(_inputs(space, part.cell))
            fed = (history or [0])[-count:]
            fed = [fed[0]] * (count - len(fed)) + fed
            lengths = [
                before + inside
                for before, inside in zip(fed, profile or (-1,) * count, strict=True)
                if before is not None and inside >= 0
            ]
            history.append(max(lengths, default=None))
    return (history[-1] if history else 0) or 0


def _inputs(space: Space, name: str) -> Sequence[object]:
    cell = space.cell(name)
    assert cell is not None
    return cell.inputs
