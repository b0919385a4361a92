"""What a search does before its first evaluation where its evaluator is a supernet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from lapt_dsl.commands.options.proposer import INDUCTION

if TYPE_CHECKING:
    from lapt_dsl.evaluate.evaluator import Evaluator
    from lapt_dsl.evaluate.spec import EvaluatorSpec

SUPERNET = "supernet"


def principles_stay(spec: EvaluatorSpec, options: Mapping[str, Any]) -> bool:
    """Whether the search must leave its principles as they are: a supernet does not hold what others would leave.

    Raises:
        click.UsageError: Somebody was asked to change them.
    """
    if options["fixed"]:
        return True
    if spec.kind != SUPERNET or options["principles"] is None or options["strategy"] != "lapt":
        return False
    if options["by"] != INDUCTION:
        message = f"the supernet is made for --principles and holds nothing else, so --by {options['by']} has no use"
        raise click.UsageError(f"{message}: learn first, or leave --principles out for a supernet of the whole space")
    click.echo(
        "note: the supernet holds what --principles leave and no more, so they stay as they are (--fixed)", err=True
    )
    return True


def prepare(evaluator: Evaluator, spec: EvaluatorSpec, options: Mapping[str, Any]) -> None:
    """Train a supernet before anything is recorded, so that what fails has cost no budget. Nothing for other kinds.

    Raises:
        LaptError: E781 to E783 and E785, its training failed.
        click.UsageError: Workers could not take it up.
    """
    if spec.kind != SUPERNET:
        return
    from lapt_dsl.evaluate.supernet.evaluator import SupernetEvaluator

    assert isinstance(evaluator, SupernetEvaluator), "made by its kind's builder"
    apart = options["workers"] is not None or options["ray"] is not None
    if apart and options["checkpoints"] is None:
        message = "workers take the trained supernet from a folder that all of them reach: name it with --checkpoints"
        raise click.UsageError(message)
    # A run that is resumed may have nothing left to evaluate.
    if apart or not options["resume"]:
        evaluator.prepare()
