"""What every diagnostic code has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lapt_dsl.language.diagnostics import Severity


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of finding: its stable `code`, a short `name`, and the texts of its documentation page.

    `avoid` and `prefer` are texts of the language (or of a command) before and after; `why` gives the reason.
    """

    code: str
    name: str
    severity: Severity
    summary: str
    avoid: str
    prefer: str
    why: str


def table(*codes: Code) -> dict[str, Code]:
    """Codes by their code. Raises ValueError where two share one."""
    found = {code.code: code for code in codes}
    if len(found) != len(codes):
        raise ValueError("two diagnostics share a code")
    return found
