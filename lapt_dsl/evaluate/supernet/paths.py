"""The architecture of each step of a supernet's training, drawn from the refined space uniformly or fairly."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from lapt_dsl.compiler.space.model import Architecture, Cell, Layer, Space
from lapt_dsl.compiler.targets.code.cells import holder, module_key

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lapt_dsl.compiler.refined.refined_space import RefinedSpace
    from lapt_dsl.evaluate.supernet.recipes import Sampling


class SupernetPaths(Protocol):
    """Draws architectures, depending on the random generator and the earlier draws."""

    def draw(self, rng: np.random.Generator) -> Architecture:
        """The next architecture."""
        ...

    def state(self) -> dict[str, Any]:
        """The state, as lists of numbers, for `restore`."""
        ...

    def restore(self, state: Mapping[str, Any]) -> None:
        """Restore a state. ValueError or KeyError where it is of another space."""
        ...


def paths_of(refined: RefinedSpace, sampling: Sampling) -> SupernetPaths:
    """A sampler of a refined space. ValueError where it is empty."""
    return FairPaths(refined) if sampling == "fair" else UniformPaths(refined)


class UniformPaths:
    """Every architecture of the refined space equally likely, exactly, whatever its preferences (Guo et al., 2020)."""

    def __init__(self, refined: RefinedSpace) -> None:
        self._refined = refined

    def draw(self, rng: np.random.Generator) -> Architecture:
        """The next architecture."""
        found: Architecture = self._refined.sample(1, rng, uniform=True)[0]
        return found

    def state(self) -> dict[str, Any]:
        """Nothing."""
        return {}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Nothing to restore."""


class FairPaths:
    """Modules are used as equally often as the refined space allows, one architecture a step (after FairNAS).

    What is counted is what shares weights: a module of a layer's holder in the generated supernet, an operator on an
    edge. Each draw is one of the architectures whose modules were used least so far, by the sum of their uses, and
    among all those every one is equally likely (to double precision), found by one pass over the decision diagram.
    Where layers are free of one another every module of a layer is so used once before any is used twice: FairNAS's
    strict fairness. Where principles or shared edges forbid that, the draws are the steps of Frank and Wolfe's method
    on the sum of squared shares: they tend to the most equal ones that any mixture of architectures of the space has.
    """

    def __init__(self, refined: RefinedSpace) -> None:
        if not refined:
            raise ValueError("an empty space has no architecture to draw")
        self._space = refined.space
        self._following = layered(refined)
        self._modules, count = module_numbers(refined.space)
        self.uses: NDArray[np.int64] = np.zeros(count, dtype=np.int64)

    def draw(self, rng: np.random.Generator) -> Architecture:
        """The next architecture, whose modules are counted."""
        best: NDArray[np.int64] = np.zeros(1, dtype=np.int64)
        ways: NDArray[np.float64] = np.ones(1)
        weights: list[NDArray[np.float64]] = []
        for following, modules in zip(reversed(self._following), reversed(self._modules), strict=True):
            most = np.iinfo(np.int64).max
            totals = np.where(following >= 0, best[following] + self.uses[modules], most)
            best = totals.min(axis=1)
            ways_on = np.where(totals == best[:, None], ways[following], 0.0)
            ways = ways_on.sum(axis=1)
            # Only their ratio matters, and numbers of architectures can leave the range of floats.
            ways /= ways.max()
            weights.append(ways_on)
        node, word = 0, []
        for level, ways_on in enumerate(reversed(weights)):
            cumulated = np.cumsum(ways_on[node])
            label = int(np.searchsorted(cumulated, rng.random() * cumulated[-1], side="right"))
            word.append(label)
            node = int(self._following[level][node, label])
            self.uses[self._modules[level][label]] += 1
        return Architecture(self._space, tuple(word))

    def state(self) -> dict[str, Any]:
        """How often each module was used."""
        return {"uses": self.uses.tolist()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Restore a state. ValueError or KeyError where it is of another space."""
        uses = np.array(state["uses"], dtype=np.int64)
        if uses.shape != self.uses.shape:
            raise ValueError("it counts the modules of another supernet")
        self.uses = uses


def module_numbers(space: Space) -> tuple[list[NDArray[np.int64]], int]:
    """Per level the number of each label's module, and how many there are.

    Labels have one number where a supernet has one module for them; a label of a number layer has one of its own.
    """
    numbers: dict[tuple[str, ...], int] = {}
    found = []
    for cell in space.cells:
        for layer in cell.layers:
            keys = [_module(cell, layer, i) for i in range(len(layer.choices))]
            found.append(np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.int64))
    return found, len(numbers)


def _module(cell: Cell, layer: Layer, number: int) -> tuple[str, ...]:
    label = layer.choices[number]
    if label.operator is None:
        return cell.name, str(layer.key), str(label.number)
    return cell.name, holder(cell, layer, True), module_key(cell, layer, label)


def layered(refined: RefinedSpace) -> list[NDArray[np.int64]]:
    """The decision diagram as arrays: per level [nodes, labels] the node of the next level, or -1.

    Nodes are numbered as a walk in the order of labels meets them, so that equal sets give equal arrays.
    """
    words = refined.encoded
    here = [words.root]
    found = []
    for choices in words.choices:
        numbers: dict[int, int] = {}
        rows = []
        for node in here:
            children = [words.step(node, label) for label in range(len(choices))]
            rows.append([numbers.setdefault(child, len(numbers)) if child else -1 for child in children])
        found.append(np.array(rows, dtype=np.int64))
        here = list(numbers)
    return found


def set_digest(refined: RefinedSpace) -> str:
    """SHA-256 of the set of architectures, equal for principles with the same meaning; preferences do not count."""
    return _digest(layered(refined) if refined else [])


def _digest(levels: Sequence[NDArray[np.int64]]) -> str:
    content = hashlib.sha256()
    for level in levels:
        content.update(f"{level.shape}".encode("ascii"))
        content.update(level.astype("<i8").tobytes())
    return content.hexdigest()
