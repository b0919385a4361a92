"""The rows of a file before validation. Every reader makes them, and `rows.py` checks them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from lapt_dsl.diagnostics.diagnostic import Diagnostic, LaptError
from lapt_dsl.diagnostics.suggestions import shortened

MAX_ROWS = 2_000_000
MAX_COLUMNS = 256
MAX_DIAGNOSTICS = 20
"""Reading stops after this number of errors: the first ones usually show the cause."""


@dataclass(frozen=True, slots=True)
class Unclear:
    """A value that a reader understands in two ways: its text, and why."""

    text: str
    reason: str


@dataclass
class RawRows:
    """Rows of a file before validation.

    `names`: headings of the value columns; `archs`: an architecture's text per row; `values`: per row, the values in
    the order of `names`, a missing one None. `locate(row, column)` is the place (line and column, from 1) of a row
    (from 0), or of its value in a column (an index into `names`). `problems`: errors that the reader found.
    `numbers`: the number of each row in the file, from 1, including rows that the reader left out. `notes`: what the
    reader took or left out by itself, for the user.
    """

    file: str
    names: Sequence[str]
    archs: list[str] = field(default_factory=list)
    values: list[Sequence[object]] = field(default_factory=list)
    locate: Callable[[int, int | None], tuple[int, int]] = lambda row, column: (row + 1, 1)
    problems: list[Diagnostic] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    passed_over: int = 0
    notes: list[str] = field(default_factory=list)

    def add(self, arch: str, values: Sequence[object]) -> None:
        """Add a row.

        Raises:
            LaptError: E710, there are too many.
        """
        if len(self.archs) >= MAX_ROWS:
            raise LaptError.of("E710", f"the table has more than {MAX_ROWS:,} rows", self.file)
        self.numbers.append(len(self.archs) + self.passed_over + 1)
        self.archs.append(arch)
        self.values.append(values)

    def problem(self, code: str, message: str, row: int, hint: str) -> None:
        """Record an error of a row, up to MAX_DIAGNOSTICS of them."""
        if len(self.problems) < MAX_DIAGNOSTICS:
            self.problems.append(self.diagnostic(code, message, row, hint=hint))

    def diagnostic(
        self, code: str, message: str, row: int, column: int | None = None, hint: str | None = None
    ) -> Diagnostic:
        """A diagnostic that names row and column."""
        where = f"row {self.numbers[row]}" + (
            f", column `{shortened(self.names[column])}`" if column is not None else ""
        )
        line, position = self.locate(row, column)
        return Diagnostic.of(code, f"{where}: {message}", self.file, line=line, column=position, hint=hint)
