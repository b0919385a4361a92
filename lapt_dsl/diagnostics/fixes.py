"""Applying the fixes that findings carry to the text they were found in."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lapt_dsl.diagnostics.diagnostic import Diagnostic


def apply_fixes(
    text: str, findings: Iterable[Diagnostic], file: str, *, offset: int = 0
) -> tuple[str, list[Diagnostic]]:
    """Apply every fix that does not touch one before it.

    Args:
        text: The text.
        findings: What was found in it; those without a fix, and fixes of other files, are passed over.
        file: The text's name in the spans.
        offset: Where the text begins within the file, as in `parser.parse`.

    Returns:
        The text afterwards, unchanged outside the spans of the fixes, and the findings whose fixes were applied.
    """
    fixable = [(item.fix, item) for item in findings if item.fix is not None and item.fix.span.file == file]
    fixable.sort(key=lambda pair: (pair[0].span.start, pair[0].span.end))
    parts: list[str] = []
    applied: list[Diagnostic] = []
    # An insertion right behind another change waits for the next round: which of the two comes first is not known.
    position, last = 0, -1
    for fix, finding in fixable:
        start, end = fix.span.start - offset, fix.span.end - offset
        if start <= last or not position <= start <= end <= len(text):
            continue
        parts += (text[position:start], fix.text)
        position = last = end
        applied.append(finding)
    parts.append(text[position:])
    return "".join(parts), applied
