"""Why a run ended: always printed, and `ended` in `--json`."""

from __future__ import annotations

import os
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING

from lapt_dsl.commands.options.terminal import echo
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.search.run.interruption import Interrupted

if TYPE_CHECKING:
    from lapt_dsl.search.run.loop import Ending, Result
    from lapt_dsl.search.run.session import Watch
    from lapt_dsl.search.run_log import Step
    from lapt_dsl.search.strategy import Strategy

FAILING = "E821"
"""The diagnostic of an evaluator that fails again and again."""

NEEDS_PRINCIPLES = "E868"
"""The diagnostic of a run that waits for a manual proposer."""

_OPENING = ("E80", "E810")
"""Codes of a store that cannot be opened or continued: before the first evaluation no run has started."""

_REASONS: dict[Ending, str] = {
    "budget": "the budget is reached",
    "space exhausted": "the space is exhausted, every architecture that it allows is evaluated",
    "strategy exhausted": "the strategy has no further architecture",
    "stopped early": "it was stopped early",
}


def reason_of(result: Result, budget: int) -> str:
    """Why a finished run ended, on one line."""
    count = len(result.steps)
    return f"ended after {_evaluations(count, budget)}: {_REASONS[result.ended]}"


class EndingReport:
    """Reports why a run ended where an exception ends it: a line on standard error, and the values of `--json`."""

    def __init__(self, budget: int, store: str | None, *, as_json: bool) -> None:
        """`store`: path of the run store, or None."""
        self._budget, self._store, self._as_json = budget, store, as_json
        self._evaluated = 0

    def counting(self, watch: Watch) -> Watch:
        """`watch` of a run, with the evaluations counted."""

        def counted(strategy: Strategy, step: Step) -> None:
            self._evaluated += 1
            watch(strategy, step)

        return counted

    def __enter__(self) -> EndingReport:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        # The error decides the exit code, also where the terminal or the reader is gone.
        if error is not None:
            with suppress(OSError):
                self._report(error)

    def _report(self, error: BaseException) -> None:
        from lapt_dsl.commands.views.output import print_json

        values = _ending(error)
        if values is None or not (self._evaluated or self._recorded(values)):
            return
        if self._as_json:
            print_json({**values, "evaluated": self._evaluated, "store": self._store})
        if values["ended"] == "waiting for principles":
            return  # the verb prints the next commands
        signal = f" ({values['signal']})" if "signal" in values else ""
        then = "nothing is recorded; --store FILE records a run"
        if self._store is not None:
            then = f"the run is recorded in {self._store}: continue with --resume"
        echo(f"{values['ended']}{signal} after {_evaluations(self._evaluated, self._budget)}; {then}", err=True)

    def _recorded(self, values: dict[str, object]) -> bool:
        """Whether a run that evaluated nothing was interrupted, or failed after its store was made."""
        code = values.get("code")
        made = self._store is not None and os.path.exists(self._store)
        return code is None or (made and not str(code).startswith(_OPENING))


def _ending(error: BaseException) -> dict[str, object] | None:
    """Why an exception ended a run, as JSON values; None for one that is reported as internal error or wrong usage."""
    if isinstance(error, KeyboardInterrupt):
        name = error.name if isinstance(error, Interrupted) else "SIGINT"
        return {"ended": "interrupted", "signal": name}
    if not isinstance(error, LaptError):
        return None
    code = error.diagnostics[0].code
    known = {FAILING: "evaluator failing", NEEDS_PRINCIPLES: "waiting for principles"}
    return {"ended": known.get(code, "stopped by an error"), "code": code}


def _evaluations(count: int, budget: int) -> str:
    of = f" of {budget}" if count < budget else ""
    return f"{count}{of} evaluation{'s' if count != 1 or of else ''}"
