"""A source line with a mark under the place of a diagnostic."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lapt_dsl.diagnostics.span import Span

WINDOW = 110
MARGIN = 40


class Snippets:
    """Source lines of several files. A text is indexed once, on first use, and never split into lines."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        self.sources = sources
        self._starts: dict[str, list[int]] = {}

    def show(self, span: Span) -> tuple[str, str, str] | None:
        """The line number, the line (cut if it is long) and the marks below it; None if the text is not known."""
        text = self.sources.get(span.file)
        if text is None:
            return None
        starts = self._starts.get(span.file)
        if starts is None:
            starts = self._starts[span.file] = [0, *(match.end() for match in re.finditer("\n", text))]
        if not 1 <= span.line <= len(starts):
            return None
        begin = starts[span.line - 1]
        end = starts[span.line] - 1 if span.line < len(starts) else len(text)
        at = min(begin + max(span.column - 1, 0), end)
        marked = min(max(at + (span.end - span.start), at), end)
        left, right = _window(begin, end, at)
        before, cut_left = text[left:at], "..." if left > begin else ""
        line = plain(text[left:right].rstrip("\r"), tabs=True)
        cut_right = "..." if right < end else ""
        pad = " " * (len(cut_left) + _width(plain(before, tabs=True)))
        size = _width(plain(text[at : min(marked, right)].rstrip("\r"), tabs=True))
        return str(span.line), f"{cut_left}{line}{cut_right}", f"{pad}{'^' * max(size, 1)}"


def _window(begin: int, end: int, at: int) -> tuple[int, int]:
    """The part of a line that is shown: the whole, or `WINDOW` characters around `at`."""
    if end - begin <= WINDOW:
        return begin, end
    left = max(begin, min(at - MARGIN, end - WINDOW))
    return left, min(end, left + WINDOW)


def plain(text: str, *, tabs: bool = False) -> str:
    """Text that is safe to print on a terminal: non-printing characters are escaped (with `tabs`, a tab is a space)."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else " " if tabs and c == "\t" else _escape(c) for c in text)


def plain_lines(text: str) -> str:
    """Text of several lines that is safe to print on a terminal: like `plain`, with line breaks and tabs kept.

    >>> plain_lines("one\\x1b[2J\\ntwo")
    'one\\\\x1b[2J\\ntwo'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\n\t" else _escape(c) for c in text)


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def _width(text: str) -> int:
    """Columns on a terminal: wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
