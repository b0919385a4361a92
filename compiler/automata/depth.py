"""`depth` of the built network: the most live layers on a path from the image to the head over the stacked cells."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

from lapt_dsl.compiler.automata.stacked import Nodes, Numbers, length_of, with_parts
from lapt_dsl.compiler.lowering.constraints import Bound
from lapt_dsl.compiler.space.model import Cell, Layer, Space

Profile = tuple[int, ...] | None
"""Per input of a cell the most layers from it to a node, -1 if not connected; None if no input is connected."""


class Depth:
    """A cell's summary is the profile of its output; the context is the part of the stack that can be evaluated.

    Cells of one kind share an encoding but appear at several places of the stack, so the depth is not a sum over cells:
    the stack is evaluated in order, up to the first cell whose profile is not known yet.

    A cell reads the last outputs before it; if there are fewer, the earliest is repeated. Blocks, stem, head and
    preprocessing do not count as layers. The depth is 0 if no live path joins image and head.
    """

    def __init__(self, space: Space, bound: Bound) -> None:
        self.low, self.high = bound.low, bound.high
        self.inputs = {cell.name: len(cell.inputs) for cell in space.cells}
        self.window = max(self.inputs.values(), default=1)
        parts = space.networks[0].parts if space.networks else ()
        self.stack = [part.cell for part in parts if part.kind == "body" for _ in range(part.repeat)]
        stems = sum(part.repeat for part in parts if part.kind == "stem")
        self.first: tuple[int | None, ...] = (0,) * max(1, min(stems, self.window))

    def fresh(self, cell: Cell) -> tuple[Any, Nodes]:
        """Every input is at distance 0 from itself."""
        inputs = [node.index for node in cell.inputs]
        return None, tuple(
            tuple(0 if node.index == index else -1 for index in inputs) if node.kind == "input" else None
            for node in cell.nodes
        )

    def extend(
        self, running: Any, nodes: Nodes, cell: Cell, layer: Layer, sources: tuple[int, ...], numbers: Numbers
    ) -> tuple[Any, Nodes]:
        """Lengthen the paths of the sources and keep the longest at the target."""
        target = layer.target
        assert target is not None
        if not sources:
            return running, nodes
        length = length_of(layer, numbers)
        arrivals: list[Profile] = [nodes[target]]
        for source in sources:
            profile = _profile(cell, nodes, source)
            if profile is not None:
                arrivals.append(tuple([steps + length if steps >= 0 else -1 for steps in profile]))
        return running, (*nodes[:target], _longest(arrivals), *nodes[target + 1 :])

    def finish(self, running: Any, nodes: Nodes, cell: Cell) -> Hashable:
        """The profile of the output."""
        return _profile(cell, nodes, cell.output.index)

    def before(self) -> Hashable:
        """No cell of the stack is evaluated; the stems are at distance 0 from the image."""
        return (0, self.first, ())

    def advance(self, context: Any, cell: Cell, summary: Any) -> Hashable:
        """Evaluate the stack up to the first cell that is not known yet, and keep only what later cells read."""
        place, history, profiles = context
        known: dict[str, Profile] = {**dict(profiles), cell.name: summary}
        while place < len(self.stack):
            name = self.stack[place]
            if name is None:
                history = (*history, history[-1])
            elif name in known:
                history = (*history, self._output(history, known[name], self.inputs[name]))
            else:
                break
            history = history[-self.window :]
            place += 1
        later = set(self.stack[place:])
        return (place, history, tuple((name, profile) for name, profile in known.items() if name in later))

    def _output(self, history: Sequence[int | None], profile: Profile, inputs: int) -> int | None:
        fed = history[-inputs:]
        fed = (fed[0],) * (inputs - len(fed)) + tuple(fed)
        lengths = [
            before + inside
            for before, inside in zip(fed, profile or (-1,) * inputs, strict=True)
            if before is not None and inside >= 0
        ]
        return max(lengths, default=None)

    def accepts(self, context: Any) -> bool:
        """Compare the depth at the head with the bound."""
        depth = context[1][-1] or 0
        return (self.low is None or self.low <= depth) and (self.high is None or depth <= self.high)


def _profile(cell: Cell, nodes: Nodes, node: int) -> Profile:
    return _longest([nodes[part] for part in with_parts(cell, {node})])


def _longest(found: Sequence[Profile]) -> Profile:
    known = [profile for profile in found if profile is not None]
    if len(known) == 1:
        return known[0]
    return tuple(map(max, zip(*known, strict=True))) if known else None
