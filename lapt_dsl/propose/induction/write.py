"""Principle files as formatted text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lapt_dsl.language.printing.formatter import format_text


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a principle, as text."""

    text: str


def principle_text(
    name: str, sentence: str, statements: Sequence[Statement], evidence: tuple[int, int] | None = None
) -> str:
    """The text of a principle."""
    support = f" evidence {evidence[0]} of {evidence[1]}" if evidence else ""
    body = " ".join(statement.text for statement in statements)
    return f'principle {name} "{sentence}"{support} {{ {body} }}'


def file_text(name: str, space: str, extends: str | None, dropped: Sequence[str], principles: Sequence[str]) -> str:
    """The formatted text of a file for a space (`any` for every space)."""
    lines = [f"principles {name} for {space};"]
    if extends is not None:
        lines.append(f'extends "{extends}";')
    lines += [f"drop {principle};" for principle in dropped]
    return format_text("\n".join([*lines, *principles]), name)
