"""The record behind every diagnostic code."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Severity = Literal["error", "warning", "note"]

SAFE_FIX = "`lapt lint --fix` corrects this, because only one meaning is possible."
"""Ends the `why` of every code whose diagnostics carry a safe fix."""


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of diagnostic: its stable `code`, a short `name`, and the texts of its documentation page.

    `avoid` and `prefer` show an input or a command before and after the correction; `why` gives the reason. `group` is
    the title under which the documentation lists the code; `table` sets it.
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
    """The codes of one group, by code. Raises ValueError if two share a code."""
    by_code = {code.code: replace(code, group=group) for code in codes}
    if len(by_code) != len(codes):
        raise ValueError("two diagnostics share a code")
    return by_code
