"""Names that match one known name except for capitals, `_`, `-` and spaces.

Such a name has a safe fix. A name with other letters is only a guess, see `suggestions`.
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
    """The letters and digits of a name, in lower case: what two spellings of one name have in common.

    >>> letters("Conv-3x3") == letters("conv_3x3")
    True
    """
    return re.sub(r"[^a-z0-9]", "", name.lower())


def same_name(word: str, known: Iterable[str]) -> str | None:
    """The only known name with the letters of `word`, or None."""
    wanted = letters(word[: _LONGEST + 1])
    matches = {name for name in known if letters(name) == wanted} if wanted else set()
    return matches.pop() if len(matches) == 1 else None


def joined_place(word: str) -> tuple[str, int] | None:
    """`input` or `stage` and its number, if `word` joins the two.

    >>> joined_place("input_0")
    ('input', 0)
    """
    match = _PLACE.fullmatch(word)
    return (match[1].lower(), int(match[2])) if match else None


def fixed_name(code: str, word: str, meant: str, span: Span, what: str) -> Diagnostic:
    """The diagnostic that `word` at `span` means `meant`, with its fix; `what` is the kind of name, e.g. `operator`."""
    why = {
        "E031": f"the name of the {what} `{meant}` is split: `{word}`",
        "E230": f"`{word}` is the benchmark's name for the {what} `{meant}`",
        "E234": f"the name of the space is `{meant}`, not `{word}`",
        "E231": f"the name of the {what} is `{meant}`, not `{word}`",
        "E232": f"`{word}` is the position of the {what} `{meant}`, not its name",
        "E233": f"`{word}` must be two words: `{meant}`",
    }[code]
    return Diagnostic.of(code, why, span, hint=f"write `{meant}`", fix=Fix(span, meant))
