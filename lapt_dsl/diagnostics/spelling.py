"""Names that mean one known name although they are not written like it.

Two spellings are one where only capitals, `_`, `-` and blanks differ, while a name with other letters is a guess, which
`suggestions` makes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lapt_dsl.diagnostics.diagnostic import Diagnostic, Fix

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lapt_dsl.diagnostics.span import Span

_PLACE = re.compile(r"(input|stage)_?([0-9]{1,18})", re.IGNORECASE | re.ASCII)
_LONGEST = 64


def letters(name: str) -> str:
    """What counts of a name.

    >>> letters("Conv-3x3") == letters("conv_3x3")
    True
    """
    return re.sub(r"[^a-z0-9]", "", name.lower())


def same_name(word: str, known: Iterable[str]) -> str | None:
    """The one known name that `word` spells otherwise, or None."""
    wanted = letters(word[: _LONGEST + 1])
    found = {name for name in known if letters(name) == wanted} if wanted else set()
    return found.pop() if len(found) == 1 else None


def joined_place(word: str) -> tuple[str, int] | None:
    """`input` or `stage` and its number, written as one word.

    >>> joined_place("input_0")
    ('input', 0)
    """
    match = _PLACE.fullmatch(word)
    return (match[1].lower(), int(match[2])) if match else None


def fixed_name(code: str, word: str, meant: str, span: Span, what: str) -> Diagnostic:
    """The finding that `word` at `span` means `meant`; `what` says what the two are, e.g. `operator`."""
    why = {
        "E031": f"the {what} `{meant}` is one word, not `{word}`",
        "E230": f"`{word}` is the benchmark's name of the {what} `{meant}`",
        "E234": f"the space is called `{meant}`, not `{word}`",
        "E231": f"the {what} `{meant}` is not written `{word}`",
        "E232": f"`{word}` is the position of the {what} `{meant}`, not its name",
        "E233": f"`{word}` is two words: `{meant}`",
    }[code]
    return Diagnostic(code, "error", why, span, f"write `{meant}`", (), Fix(span, meant))
