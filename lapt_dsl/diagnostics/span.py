"""A range of a source text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of a source text.

    `start` and `end` are character offsets from 0; `line` and `column` locate the first character, both counted from
    1 as editors do. `file` is the name shown to the user (`<stdin>`, `<text>` or a path).
    """

    start: int
    end: int
    line: int
    column: int
    file: str = "<text>"

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


NOWHERE = Span(0, 0, 1, 1, "<generated>")
