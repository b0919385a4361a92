"""One evaluation, with exceptions turned into failures."""

from __future__ import annotations

from lapt_dsl.compiler.space.model import Architecture
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.evaluate.evaluator import Evaluator, Failure, FailureKind, Outcome, checked

MAX_MESSAGE = 1000
"""Maximum length of a failure's message in characters."""


def measured(evaluator: Evaluator, arch: Architecture) -> Outcome:
    """Evaluate one architecture. An exception becomes a Failure, and so does a metric that is absent or not finite.

    Python's MemoryError and torch's OutOfMemoryError are failures of the kind `memory`.
    """
    try:
        return checked(evaluator.evaluate(arch), evaluator.objective)
    except (Exception, SystemExit) as error:
        # An evaluator may be the user's code: an exception fails this architecture and does not end the search.
        short = isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"
        kind: FailureKind = "memory" if short else "error"
        return Failure(kind, unfit(error))


def unfit(error: BaseException) -> str:
    """An error of an evaluator as one sentence."""
    if isinstance(error, LaptError):
        first = error.diagnostics[0]
        return readable(f"{first.code}: {first.message}")
    return readable(f"{type(error).__name__}: {error}")


def readable(text: str) -> str:
    """A printable message of at most MAX_MESSAGE characters, with control characters and lone surrogates escaped."""
    kept = text[: MAX_MESSAGE + 1]
    shown = "".join(each if each.isprintable() else each.encode("unicode_escape").decode("ascii") for each in kept)
    return shown if len(shown) <= MAX_MESSAGE else f"{shown[: MAX_MESSAGE - 1]}…"
