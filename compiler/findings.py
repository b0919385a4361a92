"""Findings about files that are no text of either language, for the packages that stand on the compiler alone."""

from __future__ import annotations

from lapt_dsl.language.diagnostics import Diagnostic, Diagnostics, LaptError, Note
from lapt_dsl.language.span import Span

__all__ = ["Diagnostic", "Diagnostics", "LaptError", "Note", "Span", "finding", "refused"]


def finding(
    code: str,
    message: str,
    file: str,
    *,
    line: int = 1,
    column: int = 1,
    hint: str | None = None,
    notes: tuple[Note, ...] = (),
) -> Diagnostic:
    """A finding at a line and column (both from 1) of a file; its severity is the code's."""
    found = Diagnostics()
    found.add(code, message, Span(0, 0, line, column, file), hint=hint, notes=notes)
    return found.items[0]


def refused(
    code: str, message: str, file: str, *, line: int = 1, column: int = 1, hint: str | None = None
) -> LaptError:
    """The error that holds this one finding."""
    return LaptError([finding(code, message, file, line=line, column=column, hint=hint)])
