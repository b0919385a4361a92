"""One evaluation with whatever may go wrong inside it turned into a failure."""

from __future__ import annotations

from lapt_dsl.compiler.space.model import Architecture
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.evaluate.evaluator import Evaluator, Failure, FailureKind, Outcome, checked

MAX_MESSAGE = 1000
"""Characters of a failure's message that are kept."""


def measured(evaluator: Evaluator, arch: Architecture) -> Outcome:
    """Evaluate one architecture; an exception becomes a Failure, and so does a metric that is absent or not finite.

    Memory that could not be had is a failure of the kind `memory`, Python's MemoryError and torch's error alike.
    """
    try:
        return checked(evaluator.evaluate(arch), evaluator.objective)
    except (Exception, SystemExit) as error:
        # An evaluator is anybody's code: whatever it raises concerns this architecture and not the search.
        short = isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"
        kind: FailureKind = "memory" if short else "error"
        return Failure(kind, unfit(error))


def unfit(error: BaseException) -> str:
    """Why an evaluator cannot be made or does not evaluate, in a sentence."""
    if isinstance(error, LaptError):
        found = error.diagnostics[0]
        return readable(f"{found.code}: {found.message}")
    return readable(f"{type(error).__name__}: {error}")


def readable(text: str) -> str:
    """A message that can be shown: control characters and lone surrogates escaped, no longer than MAX_MESSAGE."""
    kept = text[: MAX_MESSAGE + 1]
    shown = "".join(each if each.isprintable() else each.encode("unicode_escape").decode("ascii") for each in kept)
    return shown if len(shown) <= MAX_MESSAGE else f"{shown[: MAX_MESSAGE - 1]}…"
