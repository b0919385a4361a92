"""Why a rule does not apply to a cell: what it speaks of is not there."""

from __future__ import annotations

from dataclasses import dataclass

from lapt_dsl.language.span import Span


@dataclass(frozen=True, slots=True)
class Absence:
    """A finding that becomes an error only when the rule applies to no cell at all; the fields are a diagnostic's.

    With `always` it is an error in any cell: the cell has what the rule names, but the rule contradicts its wiring.
    """

    code: str
    message: str
    span: Span
    hint: str | None = None
    always: bool = False
