"""Why a rule does not apply to a cell: what it speaks of is not there."""

from __future__ import annotations

from dataclasses import dataclass

from lapt_dsl.diagnostics.diagnostic import Diagnostic, Fix
from lapt_dsl.diagnostics.span import Span


@dataclass(frozen=True, slots=True)
class UnresolvedReference:
    """A finding that becomes an error only when the rule applies to no cell at all; the fields are a diagnostic's."""

    code: str
    message: str
    span: Span
    hint: str | None = None
    fix: Fix | None = None

    @classmethod
    def of(cls, finding: Diagnostic) -> UnresolvedReference:
        """The absence that a finding speaks of."""
        return cls(finding.code, finding.message, finding.span, finding.hint, finding.fix)
