"""The search spaces that come with the project, as `.space` texts."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent


@cache
def _names() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.space")))


def names() -> list[str]:
    """The names of the shipped spaces, in alphabetical order.

    >>> names()
    ['darts', 'mobilenet', 'nas201', 'nb101', 'trans101']
    """
    return list(_names())


def text(name: str) -> str:
    """The text of a shipped space.

    Args:
        name: One of `names()`.

    Returns:
        The whole `.space` file.

    Raises:
        KeyError: No space of that name is shipped.
    """
    if name not in _names():
        raise KeyError(name)
    return (_FOLDER / f"{name}.space").read_text(encoding="utf-8")
