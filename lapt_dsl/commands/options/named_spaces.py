"""From what a person names on the command line (a space, a .space file or a .lp file) to a refined space."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from lapt_dsl.commands.options.common import CompileOptions
from lapt_dsl.diagnostics.diagnostic import LaptError, NoSpaceNamedError

if TYPE_CHECKING:
    from lapt_dsl.compiler.refined.compiled import Compiled
    from lapt_dsl.compiler.refined.refined_space import RefinedSpace
    from lapt_dsl.compiler.space.model import Space


@dataclass(frozen=True, slots=True)
class Named:
    """What was named: its space, the refined space, and a heading for output."""

    space: Space
    refined: RefinedSpace
    heading: str


def load(what: str, options: CompileOptions) -> Named:
    """Load a space whole, or refined by a principle file.

    Args:
        what: a shipped space's name, a `.space` path or a `.lp` path.
        options: the space to compile a `for any` file against, and the node limit.

    Returns:
        The space and the refined space.

    Raises:
        LaptError: what is named does not exist, cannot be read or has errors.
    """
    if is_principles(what):
        compiled = compile_file(what, options.space, options.max_nodes)
        return Named(compiled.space, compiled.refined, f"{what} on {compiled.space.name}")
    from lapt_dsl.compiler.refined.refined_space import full

    whole = named_space(what)
    refined = full(whole) if options.max_nodes is None else full(whole, options.max_nodes)
    return Named(whole, refined, f"space {whole.name}")


def compile_file(path: str, space: str | None = None, max_nodes: int | None = None) -> Compiled:
    """Compile a `.lp` file. Arguments and errors as for `load`."""
    from lapt_dsl.api import compile_principles
    from lapt_dsl.compiler.automata.diagram import DEFAULT_MAX_NODES

    given = None if space is None else named_space(space)
    try:
        return compile_principles(path, given, max_nodes=max_nodes or DEFAULT_MAX_NODES)
    except NoSpaceNamedError as error:
        message = f"{path} is for any space, so name one: --space nas201 (`lapt spaces` lists them)"
        raise click.UsageError(message) from error


def named_space(name: str) -> Space:
    """A space named on the command line. An unknown name is a usage error, not a diagnostic in a file."""
    from lapt_dsl.compiler.building.library import load_space

    try:
        return load_space(name)
    except LaptError as error:
        diagnostic = error.diagnostics[0]
        if diagnostic.code == "E220" and diagnostic.span.file == name:
            raise click.UsageError(f"{diagnostic.message}; {diagnostic.hint}") from error
        raise


def is_principles(what: str) -> bool:
    """Whether a name means a principle file: by its ending, so that no file is opened to find out."""
    return what.endswith(".lp")
