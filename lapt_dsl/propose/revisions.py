"""Revisions: the principle files of a run, kept in memory, each of which extends the previous one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from lapt_dsl.compiler.program.inheritance import ImportScope, Program, check_program
from lapt_dsl.compiler.program.source_files import source_of_text
from lapt_dsl.compiler.refined.compiled import compile_program
from lapt_dsl.compiler.refined.refined_space import RefinedSpace
from lapt_dsl.compiler.space.model import Space
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.language.tree import Drop, Extends

KEPT = 64
"""Size of the cache of compiled files. Many seeds of one experiment start from the same file."""


@dataclass(frozen=True, slots=True)
class Revision:
    """A compiled principle file.

    Attributes:
        name: Name of the file.
        names: Names of the principles in force.
        flat: All principles in force as one text without `extends`.
        refined: The refined space.
    """

    name: str
    names: tuple[str, ...]
    flat: str
    refined: RefinedSpace


def revision_program(text: str, name: str, parents: Mapping[str, str]) -> Program:
    """Parse a principle text that extends earlier ones by name. Raises LaptError with all errors."""
    program, diagnostics = check_program(source_of_text(text, name), ImportScope(texts=parents))
    errors = [item for item in diagnostics if item.severity == "error"]
    if program is None or errors:
        raise LaptError(errors)
    return program


def compile_revision(text: str, name: str, parents: Mapping[str, str], space: Space) -> Revision:
    """Compile a principle text that extends earlier ones by name. Raises LaptError with all errors."""
    return _compiled(text, name, tuple(parents.items()), _BySpace(space))


def flattened(program: Program, space: Space) -> str:
    """All principles in force in a program as one file for `space`, without `extends` and `drop`."""
    tree = program.tree
    if program.space is not None and not any(isinstance(item, Extends | Drop) for item in tree.items):
        return program.files[0].text
    from lapt_dsl.language.printing.printer import print_tree

    # A `for any` file uses a subset of what a file for one space may use, so its meaning does not change.
    name = replace(program.space or tree.name, text=space.name)
    items = tuple(principle.tree for principle in program.principles)
    return print_tree(replace(tree, space=name, items=items))


@dataclass(frozen=True, slots=True, eq=False)
class _BySpace:
    """A space compared by its digest, since comparing two trees of cells takes longer than a cache hit saves."""

    space: Space

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _BySpace) and self.space.digest == other.space.digest

    def __hash__(self) -> int:
        return hash(self.space.digest)


@lru_cache(KEPT)
def _compiled(text: str, name: str, parents: tuple[tuple[str, str], ...], space: _BySpace) -> Revision:
    program = revision_program(text, name, dict(parents))
    names = tuple(principle.tree.name.text for principle in program.principles)
    return Revision(name, names, flattened(program, space.space), compile_program(program, space.space).refined)
