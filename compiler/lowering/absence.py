"""Why a rule does not apply to a cell: what it speaks of is not there."""

from __future__ import annotations

from dataclasses import dataclass

from lapt_dsl.diagnostics.diagnostic import Diagnostic, Fix
from lapt_dsl.diagnostics.span import Span


@dataclass(frozen=True, slots=True)
class UnresolvedReference:
    """A diagnostic that becomes an error only if the rule applies to no cell at all, with a diagnostic's fields."""

    code: str
    message: str
    span: Span
    hint: str | None = None
    fix: Fix | None = None

    @classmethod
    def of(cls, diagnostic: Diagnostic) -> UnresolvedReference:
        """The reference that a diagnostic reports."""
        return cls(diagnostic.code, diagnostic.message, diagnostic.span, diagnostic.hint, diagnostic.fix)
