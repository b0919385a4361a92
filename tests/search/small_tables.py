"""Tables that need no file: a smooth made-up score on small spaces, and one that counts who asks."""

from __future__ import annotations

from pathlib import Path

from lapt_dsl.compiler.building.library import space_of_text
from lapt_dsl.compiler.refined.refined_space import full
from lapt_dsl.compiler.space.model import Architecture, Space
from lapt_dsl.evaluate.evaluator import Description, Failure, Objective, Outcome, fingerprint_of
from lapt_dsl.evaluate.tables.columns import TableColumn
from lapt_dsl.evaluate.tables.evaluator import TableEvaluator
from lapt_dsl.evaluate.tables.table import Table

TINY = """
space tiny "Three layers of three operators" {
  operator none = zero(): absent;
  operator skip = identity(): shortcut;
  operator conv = relu_conv_bn(kernel=3): convolution;
  cell main {
    input x;
    node a = layer 0 (x);
    output y = layer 1 (x) + layer 2 (a);
    layers choose none, skip, conv;
  }
}
"""

WIRED = """
space wired "Two stages that choose their sources" {
  operator skip = identity(): shortcut;
  operator conv = relu_conv_bn(kernel=3): convolution;
  cell main {
    input u, v;
    stage s = layer 0 (one of {u, v}) + layer 1 (one of {u, v}), distinct sources;
    stage t = layer 2 (one of {u, v, s}) + layer 3 (one of {u, v, s}), distinct sources;
    output y = concat(s, t);
    layers choose skip, conv;
  }
}
"""


def small_space(text: str) -> Space:
    return space_of_text(text, "small.space")


def made_up(word: tuple[int, ...], turn: int = 0) -> float:
    """Smooth enough to climb, another landscape for every turn, and no two words of a tiny space alike."""
    slope = sum((label + turn) % 4 * (level + 1) for level, label in enumerate(word))
    return slope + 1e-4 * sum(label * 3**level for level, label in enumerate(word))


def small_table(space: Space, turns: tuple[int, ...] = (0,)) -> Table:
    words = list(full(space).encoded)
    columns = [TableColumn(f"task{turn}") for turn in turns]
    return Table(space, columns, words, [[made_up(word, turn) for word in words] for turn in turns])


def small_evaluator(space: Space) -> TableEvaluator:
    return TableEvaluator(small_table(space))


class Counting:
    """A table whose every evaluation leaves a line in a file before it answers, as a bill would."""

    def __init__(self, space: Space, bill: Path, failing: frozenset[tuple[int, ...]] = frozenset()) -> None:
        self._space, self._bill, self._failing = space, bill, failing

    @property
    def space(self) -> Space:
        return self._space

    @property
    def objective(self) -> Objective:
        return Objective("made_up")

    def evaluate(self, arch: Architecture) -> Outcome:
        from lapt_dsl.evaluate.evaluator import Evaluation

        with self._bill.open("a", encoding="utf-8") as bill:
            bill.write(f"{arch}\n")
        if arch.encoding in self._failing:
            return Failure("diverged", "made to fail")
        return Evaluation({"made_up": made_up(arch.encoding)})

    def describe(self) -> Description:
        return {"kind": "counting", "space": self._space.digest}

    @property
    def fingerprint(self) -> str:
        return fingerprint_of(self.describe())


def write_table(path: Path, space: Space, turns: tuple[int, ...]) -> str:
    """A table of every architecture with one made-up task per turn; its path."""
    rows = [",".join(["arch", *(f"task{turn}:higher" for turn in turns)])]
    for arch in full(space):
        values = ",".join(repr(made_up(arch.encoding, turn)) for turn in turns)
        rows.append(f'"{arch}",{values}')
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return str(path)
