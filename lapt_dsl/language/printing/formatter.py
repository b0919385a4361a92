"""The one standard layout of a text of either language."""

from __future__ import annotations

from lapt_dsl.language.parsing.parser import parse_or_raise
from lapt_dsl.language.printing.printer import print_tree


def format_text(text: str, file: str = "<text>") -> str:
    """Rewrite a text in the standard layout: every comment and the meaning stay, and formatting again changes nothing.

    Args:
        text: A principle file or a space file.
        file: Its name in the diagnostics.

    Raises:
        LaptError: the text has errors; it is left as it is.
    """
    return print_tree(parse_or_raise(text, file))
