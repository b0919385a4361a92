"""Trees to their one canonical text, comments kept: `parse(print_tree(tree)) == tree`."""

from __future__ import annotations

from lapt_dsl.language import tree as t
from lapt_dsl.language.printing.principles import print_principles
from lapt_dsl.language.printing.spaces import print_space


def print_tree(file: t.File) -> str:
    """The canonical text of a whole file.

    One statement a line, two spaces a level, a blank line between principles and between cells; the author's other
    blank lines are kept, at most one in a row. A statement longer than 120 columns is broken at spaces. Comments stay
    on their line or above their statement.

    Args:
        file: A tree of either language. Names, numbers and strings must be ones that the language can write.

    Returns:
        The text, with a newline at its end.
    """
    return print_principles(file) if isinstance(file, t.PrincipleFile) else print_space(file)
