"""What the properties share: how many examples, spaces to draw, and a file with what it should mean."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from hypothesis import strategies as st

import lapt_dsl as lapt
from lapt_dsl.compiler.building.space import build_space
from lapt_dsl.compiler.refined.refined_space import RefinedSpace
from lapt_dsl.compiler.space.model import Architecture, Space
from lapt_dsl.language import tree as t
from lapt_dsl.language.printing.printer import print_tree
from tests.properties.principle_trees import principle_files
from tests.properties.space_trees import space_files
from tests.reference.evaluator import Encoding, holds, members


class Case(NamedTuple):
    """A principle file over a space, with every member of the space and those that the reference lets through."""

    space: Space
    file: t.PrincipleFile
    members: list[Encoding]
    expected: list[Encoding]

    def __repr__(self) -> str:
        """The file as a person reads it, beside the layers it speaks of, so that a failure explains itself."""
        layers = [
            f"  {layer.cell}.{layer.key} {layer.wiring} -> {layer.target}: "
            + " ".join(
                f"{label.operator.name if label.operator else label.number}{label.sources}" for label in layer.choices
            )
            for layer in self.space.layers
        ]
        counts = f"{len(self.expected)} of {len(self.members)} expected"
        return "\n".join([counts, *layers, print_tree(self.file)])

    @property
    def refined(self) -> RefinedSpace:
        """What the compiler makes of the file."""
        return lapt.compile(self.file, self.space)

    def arch(self, word: Encoding) -> Architecture:
        """The architecture with these label numbers."""
        return Architecture(self.space, word)


def principle_file(text: str) -> t.PrincipleFile:
    """The tree of a principle file."""
    tree = lapt.parse(text)
    assert isinstance(tree, t.PrincipleFile)
    return tree


@cache
def shipped(name: str) -> tuple[Space, list[Encoding]]:
    """A shipped space with its members."""
    space = lapt.load_space(name)
    return space, list(members(space))


def tiny_spaces() -> st.SearchStrategy[Space]:
    """Random small spaces."""
    return space_files().map(build_space)


def case_over(space: Space, everything: list[Encoding], file: t.PrincipleFile) -> Case:
    """The case of one file."""
    return Case(space, file, everything, [word for word in everything if holds(file, space, word)])


@st.composite
def tiny_cases(draw: st.DrawFn, preferences: bool = True, most: int = 3) -> Case:
    """A random file over a random small space."""
    space = draw(tiny_spaces())
    return case_over(space, list(members(space)), draw(principle_files(space, preferences, most)))


@st.composite
def shipped_cases(draw: st.DrawFn, name: str) -> Case:
    """A random file over a shipped space."""
    space, everything = shipped(name)
    return case_over(space, everything, draw(principle_files(space)))
