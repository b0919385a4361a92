"""The grammars of the two languages, as Lark text."""

from __future__ import annotations

from pathlib import Path

NAMES = ("principles", "space")


def text(name: str) -> str:
    """The Lark text of the grammar called `name` (`principles` or `space`).

    Raises ValueError where there is no such grammar.
    """
    if name not in NAMES:
        raise ValueError(f"there is no grammar {name!r}; there are {', '.join(NAMES)}")
    return Path(__file__).with_name(f"{name}.lark").read_text(encoding="utf-8")
