"""Proposers of the DARTS experiment, whose space is too large for the exact sets of the offline proposer."""

from __future__ import annotations

from collections.abc import Sequence

from lapt_dsl.compiler.space.model import Space
from lapt_dsl.propose.archive import Archive
from lapt_dsl.propose.induction import Induction
from lapt_dsl.propose.proposer import SearchState


class Relearning:
    """Adapts as in Algorithm 2 of the paper: learns again from the r best architectures of the search.

    After an iteration without an improvement, the space is opened to `whole`, the principles of the task itself.
    """

    def __init__(self, space: Space, keep: int, whole: str) -> None:
        self._space, self._whole = space, whole
        self._inducer = Induction(space, None, keep)

    def learn(self, archive: Archive) -> str:
        """As Induction."""
        return self._inducer.learn(archive)

    def adapt(self, principles: str, state: SearchState) -> str:
        """Principles learned from the r best found, which replace those in force."""
        best = Archive(self._space, "found", [(scored.arch, scored.score) for scored in state.best])
        return self._inducer.relearn(best, state)

    def explore(self, principles: str, state: SearchState) -> str:
        """The principles of the whole task space."""
        return replacing(self._whole, state.file, state.names)


class Narrowing:
    """Narrows the learned principles before the first evaluation, as Induction does, and later restores them."""

    def __init__(self, space: Space, archive: Archive, top: int, learned: str) -> None:
        self._inducer = Induction(space, archive, top)
        self._learned = learned

    def learn(self, archive: Archive) -> str:
        """As Induction."""
        return self._inducer.learn(archive)

    def narrow_to_budget(self, principles: str, state: SearchState) -> str | None:
        """As Induction."""
        return self._inducer.narrow_to_budget(principles, state)

    def adapt(self, principles: str, state: SearchState) -> str:
        """The principles learned from the source, which replace those in force."""
        return replacing(self._learned, state.file, state.names)

    def explore(self, principles: str, state: SearchState) -> str:
        """As `adapt`."""
        return self.adapt(principles, state)


def replacing(text: str, file: str, names: Sequence[str]) -> str:
    """A principle text that extends `file` and drops `names`, all principles in force there.

    >>> print(replacing("principles p for darts;\\n\\nprinciple a { layers: never none; }", "00-learn.lp", ["b"]))
    principles p for darts;
    extends "00-learn.lp";
    drop b;
    <BLANKLINE>
    principle a { layers: never none; }
    """
    head, body = text.split("\n", 1)
    drops = "".join(f"drop {name};\n" for name in names)
    return f'{head}\nextends "{file}";\n{drops}{body}'
