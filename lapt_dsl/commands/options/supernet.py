"""What a search does before its first evaluation where its evaluator is a supernet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lapt_dsl.commands.options.proposer import INDUCTION
from lapt_dsl.commands.options.terminal import echo

if TYPE_CHECKING:
    from lapt_dsl.commands.options.search import SearchOptions
    from lapt_dsl.evaluate.evaluator import Evaluator
    from lapt_dsl.evaluate.spec import EvaluatorSpec

SUPERNET = "supernet"


def keeps_principles(spec: EvaluatorSpec, options: SearchOptions) -> bool:
    """Whether the search must keep its principles: a supernet holds only the candidates of those it was made for.

    Raises:
        click.UsageError: A proposer was named that would change them.
    """
    if options.fixed:
        return True
    if spec.kind != SUPERNET or options.principles is None or options.strategy != "lapt":
        return False
    if options.proposer != INDUCTION:
        raise click.UsageError(
            f"--proposer {options.proposer} has no effect: the supernet is made for --principles and holds no other"
            " candidates; learn first, or omit --principles for a supernet of the whole space"
        )
    echo(
        "note: the supernet holds only the candidates that --principles allow, so the principles are kept (--fixed)",
        err=True,
    )
    return True


def prepare(evaluator: Evaluator, spec: EvaluatorSpec, options: SearchOptions) -> None:
    """Train a supernet before anything is recorded, so that a failure costs no budget. Nothing for other kinds.

    Raises:
        LaptError: E781 to E783 and E785, its training failed.
        click.UsageError: Workers could not load it.
    """
    if spec.kind != SUPERNET:
        return
    from lapt_dsl.evaluate.supernet.evaluator import SupernetEvaluator

    assert isinstance(evaluator, SupernetEvaluator), "made by its kind's builder"
    apart = options.workers.apart
    if apart and options.evaluator.checkpoints is None:
        raise click.UsageError(
            "workers load the trained supernet from a directory that all of them reach: name it with --checkpoints"
        )
    # A run that is resumed may have nothing left to evaluate.
    if apart or not options.store.resume:
        evaluator.prepare()
