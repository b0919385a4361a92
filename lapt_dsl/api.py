"""The Python interface: load, parse, lint, compile, build. `import lapt_dsl as lapt` offers these names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lapt_dsl.compiler.automata.diagram import DEFAULT_MAX_NODES
from lapt_dsl.diagnostics.diagnostic import Diagnostic, LaptError
from lapt_dsl.language.tree import File, PrincipleFile, SpaceFile

if TYPE_CHECKING:
    from torch import nn

    from lapt_dsl.compiler.refined.compiled import Compiled
    from lapt_dsl.compiler.refined.refined_space import RefinedSpace
    from lapt_dsl.compiler.space.model import Architecture, Space


def load_space(name_or_path: str | Path) -> Space:
    """A shipped space by name (`nas201`, `darts`, ...) or a `.space` file by path.

    Raises:
        LaptError: There is no such space, or its file has errors.
    """
    from lapt_dsl.compiler.building.library import load_space

    return load_space(name_or_path)


def parse(text: str, file: str = "<text>") -> File:
    """The tree of a text of either language.

    Args:
        text: A whole `.lp` or `.space` file.
        file: Its name in error messages.

    Raises:
        LaptError: Every syntax error of the text, each with its place.
    """
    from lapt_dsl.language.parsing.parser import parse_or_raise

    return parse_or_raise(text, file)


def lint(text: str, file: str = "<text>", space: Space | str | Path | None = None) -> list[Diagnostic]:
    """All diagnostics of a text of either language; no other file is read.

    Args:
        text: A whole `.lp` or `.space` file.
        file: Its name in the diagnostics.
        space: What a file `for any` is checked against.
    """
    from lapt_dsl.compiler.analyses.lint import lint_text

    return lint_text(text, file, space_hint=space)


def compile(
    path_or_tree: str | Path | File,
    space: Space | str | Path | None = None,
    *,
    max_nodes: int = DEFAULT_MAX_NODES,
) -> RefinedSpace:
    """The refined space of a principle file: exactly the architectures that satisfy it, weighted by its preferences.

    Args:
        path_or_tree: A `.lp` file, or a tree from `parse`. A tree extends no files.
        space: The space, its name or its path. Needed for a file `for any`; otherwise the file names it.
        max_nodes: How many automaton states one step may explore before the file is refused.

    Raises:
        LaptError: All errors of the file and the files it extends.
    """
    return compile_principles(path_or_tree, space, max_nodes=max_nodes).refined


def compile_principles(
    path_or_tree: str | Path | File,
    space: Space | str | Path | None = None,
    *,
    max_nodes: int = DEFAULT_MAX_NODES,
) -> Compiled:
    """As `compile`, with the principles as lowered, the files read, and what each principle removes (`effects`)."""
    from lapt_dsl.compiler.building.find_space import find_space
    from lapt_dsl.compiler.program.inheritance import ImportScope, load_program, program_of_tree
    from lapt_dsl.compiler.refined.compiled import compile_program

    if isinstance(path_or_tree, SpaceFile):
        message = f"`{path_or_tree.name.text}` is a space, not a principle file"
        hint = "give a tree that starts with `principles`; `load_space` reads spaces"
        raise LaptError.of("E301", message, path_or_tree.name.span, hint=hint)
    if isinstance(path_or_tree, PrincipleFile):
        program, scope = program_of_tree(path_or_tree), ImportScope()
    else:
        program, scope = load_program(path_or_tree), ImportScope(Path(path_or_tree).parent)
    return compile_program(program, find_space(program, space, scope), max_nodes)


def build_module(
    space: Space,
    arch: Architecture,
    num_classes: int | None = 10,
    *,
    channels: int | None = None,
    depth: int | None = None,
    network: str | None = None,
    prune: bool = False,
) -> nn.Module:
    """The published network of an architecture as a freshly initialised PyTorch module.

    Args:
        space: The architecture's space.
        arch: The architecture.
        num_classes: Outputs of the classifier; None is the published number.
        channels: Initial channels, all others in proportion; None is the published number.
        depth: Cells for each `N x cell` of the network; None is the published number.
        network: Which network of the space, e.g. `imagenet`; None is the default one.
        prune: Whether to omit layers that are not live. Without it the parameter count is the published one.

    Returns:
        A module from images [batch, channels, height, width] to logits [batch, num_classes].

    Raises:
        LaptError: The network cannot be built.
        ImportError: torch is not installed (`pip install lapt-dsl[torch]`), or the user's module of a `torch_module`.
    """
    from lapt_dsl.compiler.targets.code.build import build_module

    return build_module(space, arch, num_classes, channels, depth, network, prune)
