"""A limit on the diagnostics of one code in one file, with the number of the others."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from lapt_dsl.diagnostics.diagnostic import Note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lapt_dsl.diagnostics.diagnostic import Diagnostic

MAX_PER_CODE = 20
"""A reader fixes the first few and runs again; one mistake in a generated file can have thousands of diagnostics."""


def capped(diagnostics: Sequence[Diagnostic], most: int = MAX_PER_CODE) -> list[Diagnostic]:
    """The first `most` diagnostics of each code in each file.

    Args:
        diagnostics: The diagnostics in the order in which they are shown.
        most: How many of one code and file; 0 keeps all.

    Returns:
        The diagnostics in their order. The last one kept of a code of which others are left out has a note with their
        number.
    """
    if most < 1 or len(diagnostics) <= most:
        return list(diagnostics)
    totals = Counter((item.code, item.span.file) for item in diagnostics)
    # E014 ends the check of a file early, so that the number of the others is not known.
    ended = {item.span.file for item in diagnostics if item.code == "E014"}
    seen: Counter[tuple[str, str]] = Counter()
    kept: list[Diagnostic] = []
    for item in diagnostics:
        key = item.code, item.span.file
        seen[key] += 1
        if seen[key] > most:
            continue
        if seen[key] == most < totals[key]:
            about = "at least " if item.span.file in ended else ""
            note = Note(f"and {about}{totals[key] - most:,} more {item.code} in this file")
            item = replace(item, notes=(*item.notes, note))
        kept.append(item)
    return kept
