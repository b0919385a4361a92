"""What can go wrong between a proposer and a language model, said so that a person knows what to do."""

from __future__ import annotations

import re
from typing import Literal

from lapt_dsl.diagnostics.diagnostic import Diagnostics, LaptError
from lapt_dsl.diagnostics.span import Span

WHERE = "<model>"
"""What findings about a model point at instead of a file."""

Billing = Literal["free", "whole"]

_HINTS = {
    "E841": "check --base-url, and that the server is running",
    "E842": "check the key in LAPT_API_KEY, and that it may use this model",
    "E843": "wait and resume, or allow more retries and a longer time-out",
    "E844": "allow a longer time-out, or ask for less with --max-tokens",
    "E845": "`lapt models check` shows what this server takes",
    "E846": "try again, another model, or --mode plain",
    "E847": "allow more with --max-tokens",
    "E848": "check --base-url: it usually ends in /v1",
    "E849": "try another model, or --fallback induction",
    "E850": "give a larger budget, and resume; the call was not made and nothing is lost",
    "E851": "replay with the settings and the version that the transcript was recorded with, or ask a server",
    "E852": "use --mode auto, or see what `lapt models check` finds",
    "E853": "this is a mistake in lapt unless you wrote the grammar; --mode plain needs none",
    "E854": "name a file that `--transcript` or `lapt history --exchanges` wrote, or one that does not exist yet",
    "E855": "pip install 'lapt-dsl[llm]'",
    "E856": "give the address it names as --base-url, if you trust it",
    "E857": "look into the server's own log, then resume",
}
# These end a call before any text is written, so that no server asks money for it.
_FREE = frozenset({"E841", "E842", "E843", "E845", "E852", "E856"})
_RECORDED = re.compile(r"(E84[1-9]|E85[267]): (.*)", re.DOTALL)


def failure(code: str, message: str, hint: str | None = None, *, where: str = WHERE) -> LaptError:
    """The error for a finding about a model, its server or a transcript (`where` is then its file)."""
    found = Diagnostics()
    found.add(code, message, Span(0, 0, 1, 1, where), hint=hint if hint is not None else _HINTS.get(code))
    return LaptError(found.items)


def recorded(error: LaptError) -> str:
    """A failure as it stands in a transcript: `E84x: message`."""
    first = error.diagnostics[0]
    return f"{first.code}: {first.message}"


def is_recorded(text: str) -> bool:
    """Whether a text is a failure as transcripts hold them."""
    return _RECORDED.fullmatch(text) is not None


def raised_again(text: str) -> LaptError:
    """The error that a recorded failure stands for. Raises ValueError for a text that is none."""
    match = _RECORDED.fullmatch(text)
    if match is None:
        raise ValueError(f"not a recorded failure: {text[:80]!r}")
    return failure(match[1], match[2])


def billing(text: str | None) -> Billing:
    """Whether a recorded failure (None: a reply) may have cost tokens: what a server wrote is paid for, kept or not."""
    return "free" if text is not None and text[:4] in _FREE else "whole"
