"""What can go wrong with workers as a whole, said so that a person knows what to do."""

from __future__ import annotations

from lapt_dsl.diagnostics.diagnostic import Diagnostics, LaptError
from lapt_dsl.diagnostics.span import Span

_HINTS = {
    "E870": "run the same without workers to see what is wrong; everything so far is kept",
    "E873": "install what the evaluator needs, and put its data, at the same place for every worker",
    "E874": "give every worker the same table, data and versions",
    "E875": "check the address; `ray status` says whether a cluster runs there, and `--ray local` starts one here",
    "E876": "`ray status` says what is free; ask for fewer workers, or for less with --worker-cpus and --worker-gpus",
    "E877": "give the space's file with --space",
}


def worker_error(code: str, message: str) -> LaptError:
    """The error for a finding about workers: no file is wrong."""
    found = Diagnostics()
    found.add(code, message, Span(0, 0, 1, 1, "<workers>"), hint=_HINTS.get(code))
    return LaptError(found.items)
