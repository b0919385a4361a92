"""Diagnostics: a stable code, a place, a message, and a hint that says what to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

from lapt_dsl.diagnostics.codes import CODES
from lapt_dsl.diagnostics.codes.code import Severity
from lapt_dsl.diagnostics.span import Span


@dataclass(frozen=True, slots=True)
class Note:
    """A further place that belongs to a diagnostic, e.g. the other rule of a conflict."""

    message: str
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Fix:
    """A replacement of `span` by `text` that is safe to apply automatically."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """An error, warning or note. `message` says what is wrong, `hint` what to do; `code` is a key of `codes.CODES`."""

    code: str
    severity: Severity
    message: str
    span: Span
    hint: str | None = None
    notes: tuple[Note, ...] = ()
    fix: Fix | None = None

    @classmethod
    def of(
        cls,
        code: str,
        message: str,
        where: Span | str,
        *,
        line: int = 1,
        column: int = 1,
        hint: str | None = None,
        notes: tuple[Note, ...] = (),
        fix: Fix | None = None,
    ) -> Diagnostic:
        """A diagnostic with the severity of its code.

        Args:
            code: A key of `codes.CODES`.
            message: What is wrong.
            where: The place, or the name of a file that is in neither language.
            line: The line in that file, from 1.
            column: The column in that line, from 1.
            hint: What to do.
            notes: Further places.
            fix: A safe fix.
        """
        span = Span(0, 0, line, column, where) if isinstance(where, str) else where
        return cls(code, CODES[code].severity, message, span, hint, notes, fix)


@dataclass
class Diagnostics:
    """Diagnostics in the order they were added."""

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
        """Add a diagnostic with the severity of its code."""
        self.items.append(Diagnostic.of(code, message, span, hint=hint, notes=notes, fix=fix))

    @property
    def has_errors(self) -> bool:
        """Whether any diagnostic is an error."""
        return any(item.severity == "error" for item in self.items)


class LaptError(Exception):
    """Input that cannot be used. `diagnostics` gives the reasons; `str()` joins the first three."""

    def __init__(self, diagnostics: list[Diagnostic]) -> None:
        self.diagnostics = diagnostics
        super().__init__("; ".join(f"{d.span}: {d.code} {d.message}" for d in diagnostics[:3]))

    @classmethod
    def of(
        cls, code: str, message: str, where: Span | str, *, line: int = 1, column: int = 1, hint: str | None = None
    ) -> Self:
        """An error with one diagnostic; the arguments are those of `Diagnostic.of`."""
        return cls([Diagnostic.of(code, message, where, line=line, column=column, hint=hint)])
