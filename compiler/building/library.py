"""Spaces by name or by path."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from lapt_dsl import spaces
from lapt_dsl.compiler.building.space import build_space
from lapt_dsl.compiler.program.source_files import read_source
from lapt_dsl.compiler.space.model import Space
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.diagnostics.suggestions import Suggestions, shortened
from lapt_dsl.language.parsing.parser import parse_or_raise
from lapt_dsl.language.tree import SpaceFile

SUFFIX = ".space"


def load_space(name_or_path: str | Path) -> Space:
    """A shipped space by its name, or any space by the path of its file.

    Args:
        name_or_path: One of `lapt_dsl.spaces.names()`, or a path. A text that is not a built-in name is a path if it
            ends in `.space` or contains a directory.

    Returns:
        The space. A shipped one is built once per process.

    Raises:
        LaptError: There is no such space (E220), the file cannot be read (E901, E902), or it has errors.
    """
    text = os.fspath(name_or_path)
    if isinstance(name_or_path, str):
        if text in spaces.names():
            return _shipped(text)
        if not text.endswith(SUFFIX) and os.path.basename(text) == text:
            near = Suggestions().hint(text, spaces.names(), "shipped spaces")
            hint = f"{near}; a path ends in `{SUFFIX}`"
            raise LaptError.of("E220", f"there is no space `{shortened(text)}`", text, hint=hint)
    source = read_source(text)
    return space_of_text(source.text, source.name)


def shipped_names() -> list[str]:
    """The names of the spaces that come with the project, in alphabetical order."""
    return spaces.names()


def space_of_text(text: str, name: str = "<text>") -> Space:
    """The space that a `.space` text describes; `name` is its name in messages."""
    tree = parse_or_raise(text, name)
    if not isinstance(tree, SpaceFile):
        message = f"`{shortened(name)}` is a principle file, not a space"
        raise LaptError.of("E220", message, tree.name.span, hint="a space file starts with `space`")
    return build_space(tree, text)


@cache
def _shipped(name: str) -> Space:
    return space_of_text(spaces.text(name), f"{name}{SUFFIX}")
