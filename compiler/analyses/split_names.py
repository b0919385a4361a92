"""Names that were split by a sign or a blank: `conv-3x3` and `conv 3x3` are syntax errors until the space is known."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lapt_dsl.compiler.space.operator_names import operator_meant
from lapt_dsl.diagnostics.spelling import fixed_name
from lapt_dsl.language.parsing.source_text import SourceText

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lapt_dsl.compiler.space.model import Space
    from lapt_dsl.diagnostics.diagnostic import Diagnostic

AROUND = 120
"""Characters looked at on either side of an error."""

# No word of a name; a list goes on behind it, or a predicate begins.
_KEYWORD = r"(?!(?:only|never|at|exactly|reads|prefer|except|over|by|and|or)\b)"
_SPLIT = re.compile(
    r"(?:,|\b(?:and|or|only|never|except|prefer|over|exactly\s+[0-9]+|at\s+(?:most|least)\s+[0-9]+))\s*"
    rf"(?P<run>(?<!\w){_KEYWORD}[A-Za-z]\w*(?:(?:[ \t]*[-\u2010-\u2015][ \t]*|[ \t]+){_KEYWORD}\w+){{1,4}})"
    r"(?=[ \t]*(?:\r?\n|\Z|[,;}\])]|\b(?:except|over|by|and|or)\b))",
    re.ASCII,
)


def joined_names(source: SourceText, diagnostics: Sequence[Diagnostic], space: Space) -> list[Diagnostic]:
    """The diagnostics, with one E031 in place of the syntax errors that each split name caused."""
    runs: dict[tuple[int, int], Diagnostic] = {}
    for diagnostic in diagnostics:
        if diagnostic.code in ("E001", "E005") and diagnostic.fix is None and diagnostic.span.file == source.file:
            for start, end in _around(source.text, diagnostic.span.start - source.offset):
                word = source.text[start:end]
                meant = operator_meant(word, space)
                if meant is not None:
                    runs[start, end] = fixed_name("E031", word, meant[1], source.span(start, end), "operator")
    if not runs:
        return list(diagnostics)

    def caused(diagnostic: Diagnostic) -> bool:
        at = diagnostic.span.start - source.offset
        return diagnostic.span.file == source.file and any(start <= at <= end for start, end in runs)

    return [*(diagnostic for diagnostic in diagnostics if not caused(diagnostic)), *runs.values()]


def _around(text: str, at: int) -> Iterator[tuple[int, int]]:
    """Where split names stand that the position is in, or right behind."""
    begin = max(0, at - AROUND)
    for match in _SPLIT.finditer(text[begin : at + AROUND]):
        start, end = match.start("run") + begin, match.end("run") + begin
        if start <= at <= end:
            yield start, end
