"""The shape of a reference entry, shared by both languages' tables."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Form:
    """What one alternative of a grammar rule means; `example` is a whole item, statement or place in use.

    `brief` is the meaning in a line, where the page's text is too long for a prompt.
    """

    rule: str
    alias: str | None
    meaning: str
    example: str
    brief: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a reference page: text, and the forms it is about. The first section of a page has no forms."""

    title: str
    text: str
    forms: tuple[Form, ...] = ()
