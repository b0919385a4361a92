"""Where the missing `}` of a block belongs, if the layout leaves no doubt."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lapt_dsl.diagnostics.diagnostic import Fix
from lapt_dsl.language.parsing.parse_table import END

if TYPE_CHECKING:
    from lapt_dsl.language.parsing.lexer import Tokens
    from lapt_dsl.language.parsing.source_text import SourceText

MOST_TOKENS = 5000
"""A longer block is not looked through: a text that needs it has other troubles."""

_BLANKS = re.compile(r"[ \t]{0,1000}")


def closing(source: SourceText, tokens: Tokens, opened: list[int], position: int) -> Fix | None:
    """The fix that closes blocks before a token.

    Args:
        source: The text.
        tokens: Its tokens.
        opened: The `{` of the blocks to close, the outermost first.
        position: The token that cannot stand inside them: an item of the file, or its end.

    Returns:
        The missing `}` on lines of their own, or None where the blocks may have ended earlier.
    """
    if position - opened[0] > MOST_TOKENS or not _undoubted(source, tokens, opened[0], position):
        return None
    text, before = source.text, tokens.ends[position - 1]
    newline = "\r\n" if "\r\n" in text else "\n"
    braces = newline.join(["}"] * len(opened))
    if tokens.kinds[position] == END:
        at = len(text)
        return Fix(source.span(at, at), ("" if text.endswith("\n") else newline) + braces + newline)
    # Comments at the end of the last line belong to it.
    at = text.find("\n", before, tokens.starts[position])
    if at < 0:
        return Fix(source.span(before, before), newline + braces + newline)
    at -= text[at - 1] == "\r"
    return Fix(source.span(at, at), newline + braces)


def _undoubted(source: SourceText, tokens: Tokens, first: int, position: int) -> bool:
    """Whether the block that `first` opens reaches to `position`, and every block in it ends where its layout says."""
    kinds = tokens.kinds
    inside = kinds[first + 1 : position]
    if "LBRACE" not in inside:
        return "RBRACE" not in inside
    opened: list[tuple[int, int]] = []
    for token in range(first, position):
        line, indentation, begins = _place(source, tokens.starts[token])
        if kinds[token] == "RBRACE":
            if len(opened) < 2:
                return False
            opening, where = opened.pop()
            if where == opened[-1][1] or (indentation != opening if begins else where != line):
                return False
        elif opened and begins and indentation <= opened[-1][0]:
            return False
        elif kinds[token] == "LBRACE":
            opened.append((indentation, line))
    # Of blocks that are left open no two may begin in one line: what stands there could belong to either.
    lines = {where for _, where in opened}
    return len(lines) == len(opened)


def _place(source: SourceText, at: int) -> tuple[int, int, bool]:
    """The line of a position, the blanks that line begins with, and whether the position follows right on them."""
    line, column = source.line_of(at), source.span(at, at).column - 1
    match = _BLANKS.match(source.text, at - column)
    indentation = match.end() - match.start() if match else 0
    return line, indentation, indentation == column
