"""Failures of a language model, its server or a transcript, with hints."""

from __future__ import annotations

import re
from typing import Literal

from lapt_dsl.diagnostics.diagnostic import Diagnostics, LaptError
from lapt_dsl.diagnostics.span import Span

WHERE = "<model>"
"""Location of diagnostics about a model, which belong to no file."""

Billing = Literal["free", "whole"]

_HINTS = {
    "E841": "check --base-url, and that the server is running",
    "E842": "check the key in LAPT_API_KEY and its access to this model",
    "E843": "wait and resume, or increase the retries and the time-out",
    "E844": "increase the time-out, or reduce --max-tokens",
    "E845": "`lapt models check` shows what this server supports",
    "E846": "try again, another model, or --mode plain",
    "E847": "increase --max-tokens",
    "E848": "check --base-url: it usually ends in /v1",
    "E849": "try another model, or --fallback induction",
    "E850": "increase the budget and resume; the call was not made and nothing is lost",
    "E851": "replay with the settings and the version of the recorded run, or ask a server",
    "E852": "use --mode auto, or see what `lapt models check` finds",
    "E853": "unless you wrote the grammar, this is an internal error: please report it; try --mode plain",
    "E854": "give a file written by `--transcript` or `lapt history --exchanges`, or a new one",
    "E855": "pip install 'lapt-dsl[llm]'",
    "E856": "give the new address as --base-url, if you trust it",
    "E857": "check the log of the server, then resume",
}
# These end a call before any text is generated, so no server charges for it.
_FREE = frozenset({"E841", "E842", "E843", "E845", "E852", "E856"})
_RECORDED = re.compile(r"(E84[1-9]|E85[267]): (.*)", re.DOTALL)


def failure(code: str, message: str, hint: str | None = None, *, where: str = WHERE) -> LaptError:
    """An error about a model, its server or a transcript (`where` is then its file)."""
    diagnostics = Diagnostics()
    diagnostics.add(code, message, Span(0, 0, 1, 1, where), hint=hint if hint is not None else _HINTS.get(code))
    return LaptError(diagnostics.items)


def recorded(error: LaptError) -> str:
    """A failure as transcripts record it: `E84x: message`."""
    first = error.diagnostics[0]
    return f"{first.code}: {first.message}"


def is_recorded(text: str) -> bool:
    """Whether a text is a failure as transcripts record it."""
    return _RECORDED.fullmatch(text) is not None


def raised_again(text: str) -> LaptError:
    """The error of a recorded failure. Raises ValueError for another text."""
    match = _RECORDED.fullmatch(text)
    if match is None:
        raise ValueError(f"not a recorded failure: {text[:80]!r}")
    return failure(match[1], match[2])


def billing(text: str | None) -> Billing:
    """Whether a recorded failure (None: a reply) may have cost tokens. Generated text costs, even if it is not used."""
    return "free" if text is not None and text[:4] in _FREE else "whole"
