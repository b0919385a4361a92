"""Errors of workers, with a hint for each code."""

from __future__ import annotations

from lapt_dsl.diagnostics.diagnostic import Diagnostics, LaptError
from lapt_dsl.diagnostics.span import Span

_HINTS = {
    "E870": "run it without workers to see the error; the results so far are kept",
    "E873": "every worker needs the evaluator's packages and data, in the same place",
    "E874": "give every worker the same table, data and versions",
    "E875": "check the address with `ray status`, or start a cluster on this machine with `--ray local`",
    "E876": "`ray status` lists free resources; use fewer workers, or lower --worker-cpus and --worker-gpus",
    "E877": "give the space's file with --space",
}


def worker_error(code: str, message: str) -> LaptError:
    """The error for a diagnostic about workers, which has no file."""
    diagnostics = Diagnostics()
    diagnostics.add(code, message, Span(0, 0, 1, 1, "<workers>"), hint=_HINTS.get(code))
    return LaptError(diagnostics.items)
