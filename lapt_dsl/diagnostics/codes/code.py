"""What every diagnostic code has."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Severity = Literal["error", "warning", "note"]

SAFE_FIX = "`lapt lint --fix` corrects this: there is one thing it can mean."
"""Ends the reason of every code whose diagnostics carry a safe fix."""


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of diagnostic: its stable `code`, a short `name`, and the texts of its documentation page.

    `avoid` and `prefer` are texts of the language (or of a command) before and after; `why` gives the reason. `group`
    is the title under which the documentation lists the code; `table` sets it.
    """

    code: str
    name: str
    severity: Severity
    summary: str
    avoid: str
    prefer: str
    why: str
    group: str = ""


def table(group: str, *codes: Code) -> dict[str, Code]:
    """The codes of one group by their code. Raises ValueError where two share one."""
    found = {code.code: replace(code, group=group) for code in codes}
    if len(found) != len(codes):
        raise ValueError("two diagnostics share a code")
    return found
