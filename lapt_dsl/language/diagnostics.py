"""What is said to the author: a finding with a stable code, a place, a reason and a remedy."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from lapt_dsl.language.span import Span

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Note:
    """A further place that belongs to a finding, e.g. the other half of a conflict."""

    message: str
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Fix:
    """A replacement of `span` by `text` that is safe to apply without a person."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding: `message` says what is wrong, `hint` what to do. Codes are listed in `codes.py`."""

    code: str
    severity: Severity
    message: str
    span: Span
    hint: str | None = None
    notes: tuple[Note, ...] = ()
    fix: Fix | None = None


@dataclass
class Diagnostics:
    """Findings in the order they were made."""

    items: list[Diagnostic] = field(default_factory=list)

    def add(
        self,
        code: str,
        message: str,
        span: Span,
        *,
        hint: str | None = None,
        notes: tuple[Note, ...] = (),
        fix: Fix | None = None,
    ) -> None:
        """Record a finding; its severity is the code's."""
        from lapt_dsl.language.codes import CODES

        self.items.append(Diagnostic(code, CODES[code].severity, message, span, hint, notes, fix))

    @property
    def has_errors(self) -> bool:
        """Whether any finding forbids going on."""
        return any(item.severity == "error" for item in self.items)


class LaptError(Exception):
    """Input that cannot be used. `diagnostics` says why, place by place; `str()` is the first message."""

    def __init__(self, diagnostics: list[Diagnostic]) -> None:
        self.diagnostics = diagnostics
        super().__init__("; ".join(f"{d.span}: {d.code} {d.message}" for d in diagnostics[:3]))
