"""From what a person names on the command line (a space, a .space file or a .lp file) to a refined space."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lapt_dsl.compiler.model import Space
    from lapt_dsl.compiler.program import Compiled
    from lapt_dsl.compiler.refined import RefinedSpace


@dataclass(frozen=True, slots=True)
class Named:
    """What was named: its space, what is left of it, and a heading that says which."""

    space: Space
    refined: RefinedSpace
    heading: str


def load(what: str, space: str | None = None, max_nodes: int | None = None) -> Named:
    """Load a space whole, or refined by a principle file.

    Args:
        what: a shipped space's name, a `.space` path or a `.lp` path.
        space: the space to compile a `for any` file against, by name or path.
        max_nodes: node limit of the decision diagram; None is the default.

    Returns:
        The space and what is left of it.

    Raises:
        LaptError: what is named does not exist, cannot be read or has errors.
    """
    if is_principles(what):
        compiled = compile_file(what, space, max_nodes)
        return Named(compiled.space, compiled.refined, f"{what} on {compiled.space.name}")
    from lapt_dsl.compiler.library import load_space
    from lapt_dsl.compiler.refined import full

    whole = load_space(what)
    refined = full(whole) if max_nodes is None else full(whole, max_nodes)
    return Named(whole, refined, f"space {whole.name}")


def compile_file(path: str, space: str | None = None, max_nodes: int | None = None) -> Compiled:
    """Compile a `.lp` file. Arguments and errors as for `load`."""
    from lapt_dsl.api import compile_principles

    return (
        compile_principles(path, space) if max_nodes is None else compile_principles(path, space, max_nodes=max_nodes)
    )


def is_principles(what: str) -> bool:
    """Whether a name means a principle file: by its ending, so that no file is opened to find out."""
    return what.endswith(".lp")
