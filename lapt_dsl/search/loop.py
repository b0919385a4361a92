"""The loop that every search shares: ask, evaluate, record, tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lapt_dsl.compiler.model import Architecture
from lapt_dsl.evaluate.evaluator import Evaluator, Failure, Outcome, checked
from lapt_dsl.language.diagnostics import Diagnostic, LaptError
from lapt_dsl.language.span import Span
from lapt_dsl.search.ledger import Ledger, Step
from lapt_dsl.search.strategy import Strategy

RUN = Span(0, 0, 1, 1, "<run>")
"""Where a finding about a run as a whole is shown: no file is wrong."""

MAX_FAILURES = 10
"""A search stops when this many evaluations in a row have failed: the evaluator is broken, not the architectures."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a run found: every step in order, and the step with the best score, earlier first among equals."""

    steps: tuple[Step, ...]
    best: Step | None

    def first_at_least(self, evaluator: Evaluator, score: float) -> int | None:
        """How many architectures were evaluated until one reached a score, or None."""
        for step in self.steps:
            found = score_of(evaluator, step.outcome)
            if found is not None and found >= score:
                return step.number + 1
        return None


def score_of(evaluator: Evaluator, outcome: Outcome) -> float | None:
    """The objective of an outcome, turned so that larger is better; None for a failure."""
    return None if isinstance(outcome, Failure) else evaluator.objective.score(outcome)


def run(
    strategy: Strategy,
    evaluator: Evaluator,
    budget: int,
    ledger: Ledger,
    watch: Callable[[Step], None] = lambda step: None,
    enough: Callable[[Step], bool] = lambda step: False,
) -> Result:
    """Evaluate up to `budget` architectures, taking recorded steps from the ledger instead of paying again.

    A failed evaluation counts, is told as such, and the search goes on. `watch` sees every step after it is recorded.
    The run ends early after a step that is `enough`.

    Raises:
        LaptError: E820 where the ledger holds another run than this one; E821 after MAX_FAILURES failures in a row.
    """
    steps: list[Step] = []
    best: tuple[float, Step] | None = None
    failures = 0
    for number in range(budget):
        state = strategy.state()
        arch = strategy.ask()
        if arch is None:
            break
        step = ledger.step(number)
        if step is None:
            step = Step(number, arch, checked(evaluator.evaluate(arch), evaluator.objective), state)
            ledger.add_step(step)
        elif step.arch != arch or step.state != state:
            raise _other_run(step, arch)
        steps.append(step)
        watch(step)
        score = score_of(evaluator, step.outcome)
        strategy.tell(arch, score)
        failures = failures + 1 if score is None else 0
        if failures == MAX_FAILURES:
            raise _broken(step)
        if score is not None and (best is None or score > best[0]):
            best = (score, step)
        if enough(step):
            break
    return Result(tuple(steps), best[1] if best is not None else None)


def _other_run(step: Step, arch: Architecture) -> LaptError:
    message = f"the store's step {step.number} evaluated {step.arch}, but this run asks for {arch}"
    hint = "resume with the settings, files and versions the run was started with, or start a new store"
    return LaptError([Diagnostic("E820", "error", message, RUN, hint)])


def _broken(step: Step) -> LaptError:
    reason = step.outcome.message if isinstance(step.outcome, Failure) else ""
    message = f"{MAX_FAILURES} evaluations in a row have failed, the last: {reason}"
    hint = "mend the evaluator and resume; everything so far is kept"
    return LaptError([Diagnostic("E821", "error", message, RUN, hint)])
