"""Which of the two languages a text is written in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lapt_dsl.language.parsing.source_text import SourceText

_FIRST_WORD = re.compile(r"\ufeff?(?:[ \t\r\n]+|//[^\n]*|#[^\n]*)*([A-Za-z_][A-Za-z0-9_]*)?")
_ITEMS_OF_PRINCIPLES = ("principle", "extends", "drop")


def language_of(source: SourceText) -> str | None:
    """`principles` or `space`, by the text's first word, or else by the file's ending.

    Reports E015 and returns None where neither tells.
    """
    match = _FIRST_WORD.match(source.text)
    word = match[1] if match and match[1] else ""
    if word in ("principles", "space"):
        return word
    if word in _ITEMS_OF_PRINCIPLES:
        return "principles"
    if source.file.endswith(".lp"):
        return "principles"
    if source.file.endswith(".space"):
        return "space"
    if word and (near := _near(word)):
        return near
    start = match.start(1) if match and word else len(source.text) - len(source.text.lstrip())
    say_no_header(source, start, start + len(word))
    return None


def say_no_header(source: SourceText, start: int, end: int) -> None:
    """Report that no header stands at `source.text[start:end]`."""
    found = f"found `{source.text[start:end][:40]}`" if end > start else "there is none"
    if not source.text.strip():
        found = "the text is empty"
    source.add(
        "E015",
        f"a file begins with `principles` or `space`; {found}",
        start,
        max(start, end),
        hint="begin with `principles NAME for SPACE;`, or with `space NAME { ... }`",
    )


def _near(word: str) -> str | None:
    from difflib import get_close_matches

    return next(iter(get_close_matches(word.lower()[:64], ("principles", "space"), 1, 0.75)), None)
