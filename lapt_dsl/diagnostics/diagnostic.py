"""Diagnostics: a stable code, a place, a message, and a hint that says what to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Self

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
    """Input that cannot be used. `diagnostics` gives the reasons; `str()` joins the first three.

    An error whose first diagnostic has a code of a subclass is an instance of that subclass, so that callers can
    catch it by its type.
    """

    _by_code: ClassVar[dict[str, type[LaptError]]] = {}

    def __init_subclass__(cls, codes: tuple[str, ...] = (), **others: object) -> None:
        super().__init_subclass__(**others)
        LaptError._by_code.update(dict.fromkeys(codes, cls))

    def __new__(cls, diagnostics: list[Diagnostic]) -> Self:
        """An instance of the subclass of the first diagnostic's code."""
        found = LaptError._by_code.get(diagnostics[0].code, cls) if diagnostics else cls
        return super().__new__(found if issubclass(found, cls) else cls, diagnostics)

    def __init__(self, diagnostics: list[Diagnostic]) -> None:
        self.diagnostics = diagnostics
        super().__init__("; ".join(f"{d.span}: {d.code} {d.message}" for d in diagnostics[:3]))

    @classmethod
    def of(
        cls, code: str, message: str, where: Span | str, *, line: int = 1, column: int = 1, hint: str | None = None
    ) -> Self:
        """An error with one diagnostic; the arguments are those of `Diagnostic.of`."""
        return cls([Diagnostic.of(code, message, where, line=line, column=column, hint=hint)])


class NoSpaceNamedError(LaptError, codes=("E222",)):
    """Principles for any space were given without a space."""


class StoreWithoutRunError(LaptError, codes=("E808",)):
    """A store holds no run."""


class EvaluatorBrokenError(LaptError, codes=("E821",)):
    """Many evaluations in a row have failed."""


class ServerUnreachableError(LaptError, codes=("E841",)):
    """A model's server does not answer."""


class KeyRefusedError(LaptError, codes=("E842",)):
    """A model's server refuses the key."""


class UnusableReplyError(LaptError, codes=("E846", "E847", "E849")):
    """A model's answer is empty, endless or a refusal. It is sent back like any other answer that is refused."""


class BudgetSpentError(LaptError, codes=("E850",)):
    """A call to a model was not made, because the budget does not allow it."""


class ModelSetupError(LaptError, codes=("E851", "E853", "E854")):
    """No other model or proposer would help: a replay of another run, a mistake, a full disk, a missing library."""


class ModelLibraryMissingError(ModelSetupError, codes=("E855",)):
    """The library that asks a model is not installed."""
