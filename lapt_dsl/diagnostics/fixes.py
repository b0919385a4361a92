"""Apply the fixes of diagnostics to the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lapt_dsl.diagnostics.diagnostic import Diagnostic


def apply_fixes(
    text: str, diagnostics: Iterable[Diagnostic], file: str, *, offset: int = 0
) -> tuple[str, list[Diagnostic]]:
    """Apply every fix that does not touch an earlier one.

    Args:
        text: The text.
        diagnostics: Diagnostics of the text; those without a fix and those of other files are skipped.
        file: The text's name in the spans.
        offset: Where the text begins within the file, as in `parser.parse`.

    Returns:
        The changed text, identical outside the spans of the fixes, and the diagnostics whose fixes were applied.
    """
    fixable = [(item.fix, item) for item in diagnostics if item.fix is not None and item.fix.span.file == file]
    fixable.sort(key=lambda pair: (pair[0].span.start, pair[0].span.end))
    parts: list[str] = []
    applied: list[Diagnostic] = []
    # An insertion directly after another change waits for the next round: the order of the two is ambiguous.
    position, last = 0, -1
    for fix, diagnostic in fixable:
        start, end = fix.span.start - offset, fix.span.end - offset
        if start <= last or not position <= start <= end <= len(text):
            continue
        parts += (text[position:start], fix.text)
        position = last = end
        applied.append(diagnostic)
    parts.append(text[position:])
    return "".join(parts), applied
