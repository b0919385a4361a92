"""A text under its name, its lines, and the diagnostics made in it."""

from __future__ import annotations

import re
from bisect import bisect_right

from lapt_dsl.diagnostics.diagnostic import Diagnostic, Fix, Note
from lapt_dsl.diagnostics.span import Span


class SourceText:
    """A text to be parsed.

    `offset` and `line` say where the text begins in `file`, for a block of a larger text: spans count from there.
    """

    def __init__(self, text: str, file: str, offset: int = 0, line: int = 1) -> None:
        self.text = text
        self.file = file
        self.offset = offset
        self.first_line = line
        self.diagnostics: list[Diagnostic] = []
        self._lines = [0, *(match.end() for match in re.finditer("\n", text))]

    def span(self, start: int, end: int) -> Span:
        """The span of `text[start:end]`."""
        line = bisect_right(self._lines, start)
        column = start - self._lines[line - 1] + 1
        return Span(start + self.offset, end + self.offset, line + self.first_line - 1, column, self.file)

    def line_of(self, position: int) -> int:
        """The line of `text[position]`, from 1, within this text."""
        return bisect_right(self._lines, position)

    def add(
        self,
        code: str,
        message: str,
        start: int,
        end: int,
        *,
        hint: str | None = None,
        notes: tuple[Note, ...] = (),
        fix: Fix | None = None,
    ) -> None:
        """Record a diagnostic about `text[start:end]`; its severity is the code's."""
        span = self.span(start, end)
        self.diagnostics.append(Diagnostic.of(code, message, span, hint=hint, notes=notes, fix=fix))
