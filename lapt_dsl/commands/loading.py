"""From what a person names on the command line (a space, a .space file or a .lp file) to a refined space."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lapt_dsl.compiler.model import Space
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
    from lapt_dsl.compiler.library import load_space

    if not is_principles(what):
        whole = load_space(what)
        return Named(whole, _full(whole, max_nodes), f"space {whole.name}")
    import lapt_dsl

    options = {} if max_nodes is None else {"max_nodes": max_nodes}
    refined = lapt_dsl.compile(what, space=None if space is None else load_space(space), **options)
    return Named(refined.space, refined, f"{what} on {refined.space.name}")


def is_principles(what: str) -> bool:
    """Whether a name means a principle file: by its ending, so that no file is opened to find out."""
    return what.endswith(".lp")


def _full(space: Space, max_nodes: int | None) -> RefinedSpace:
    from lapt_dsl.compiler.refined import full

    return full(space) if max_nodes is None else full(space, max_nodes)
