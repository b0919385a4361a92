"""The failed evaluations of a run: how many there are of each kind, and the reason of the last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lapt_dsl.evaluate.evaluator import Failure

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lapt_dsl.search.run_log import Step

LONGEST = 300
"""Characters of a reason that are shown; the store has it in full."""


def failed(steps: Iterable[Step]) -> list[Failure]:
    """The failures among the steps of a run, in their order."""
    return [step.outcome for step in steps if isinstance(step.outcome, Failure)]


def counted(failures: Iterable[Failure]) -> dict[str, int]:
    """How many there are of each kind, the most frequent first.

    >>> counted([Failure("error", ""), Failure("timeout", ""), Failure("timeout", "")])
    {'timeout': 2, 'error': 1}
    """
    kinds = [failure.kind for failure in failures]
    return {kind: kinds.count(kind) for kind in sorted(set(kinds), key=lambda kind: (-kinds.count(kind), kind))}


def reason(failure: Failure) -> str:
    """Why an evaluation failed, on one line without control characters.

    >>> reason(Failure("error", "exit code 1:\\n" + chr(27) + "[2Jno such file"))
    'exit code 1: ?[2Jno such file'
    """
    line = " ".join(failure.message.split())
    line = "".join(sign if sign.isprintable() else "?" for sign in line)
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 3]}..."


def summary(steps: Iterable[Step]) -> str | None:
    """One sentence on the failures of a run; None where there are none."""
    steps = list(steps)
    failures = failed(steps)
    if not failures:
        return None
    kinds = ", ".join(f"{count} {kind}" for kind, count in counted(failures).items())
    return f"{len(failures)} of {len(steps)} evaluations failed ({kinds}), the last: {reason(failures[-1])}"
