"""`lapt learn`: from the best architectures of one task to a principle file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lapt_dsl.commands.options.evaluators import build_evaluator, evaluator_options, evaluator_spec
from lapt_dsl.commands.options.proposer import INDUCTION, LLM, by_option, check_by, writer_options
from lapt_dsl.commands.options.workers import evaluated, worker_options

if TYPE_CHECKING:
    from typing import Any

    from lapt_dsl.compiler.space.model import Space
    from lapt_dsl.evaluate.spec import EvaluatorSpec
    from lapt_dsl.propose.archive import Archive

TOP = 50
"""Best architectures that are learned from; of a run's few at most a quarter, so that the others are contrast."""


@click.command(
    "learn",
    epilog="""\b
Examples:
  lapt learn imagenet16-120.json --top 50 -o general.lp
  lapt learn final_valid.csv --space trans101 --task jigsaw -o general.lp
  lapt learn --space nas201 --evaluator train --data digits --samples 60 --store digits.db -o general.lp
  lapt learn run.db -o general.lp
  lapt learn mine.csv --space my.space --task val_acc
  lapt learn imagenet16-120.json --by llm --model qwen --base-url http://127.0.0.1:8080/v1 -o general.lp""",
)
@click.argument("table", type=click.Path(), metavar="[TABLE|STORE]", required=False)
@evaluator_options
@click.option(
    "--samples", type=click.IntRange(min=1), metavar="N", help="With --evaluator: how many to draw and measure."
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Which are drawn.")
@click.option("--store", type=click.Path(), metavar="FILE", help="With --evaluator: record what was measured here.")
@click.option("--resume", is_flag=True, help="Continue measuring in --store; give everything else as before.")
@worker_options
@click.option(
    "--top", type=click.IntRange(min=1), help="Best to learn from. [default: 50; of measured ones at most a quarter]"
)
@click.option("--general", is_flag=True, help="Only rules of traits and positions, for other spaces (`for any`).")
@by_option(INDUCTION, LLM)
@writer_options
@click.option(
    "-o", "out", type=click.Path(), metavar="FILE", help="Write the principles here instead of printing them."
)
def command(**options: Any) -> int:
    """Learn design principles from the best architectures of TABLE, and write them as a .lp file.

    TABLE is a table of measurements, or the store of a recorded run. With --evaluator in its place, --samples
    architectures are drawn and measured first. The file is for people to read, change and check in like one they wrote:
    every principle has a name, a sentence and the evidence it rests on. The same measurements give the same file. No
    language model is asked unless --by llm says so.
    """
    from lapt_dsl.commands.views.output import write_file
    from lapt_dsl.propose.revisions import compile_revision

    check_by(options)
    if options["general"] and options["by"] != INDUCTION:
        raise click.UsageError("--general is for --by induction")
    archive, few = _archive(options)
    top: int = options["top"] or (min(TOP, -(-len(archive) // 4)) if few else TOP)
    out: str | None = options["out"]
    text = _text(archive, top, options)
    refined = compile_revision(text, out or "learned.lp", {}, archive.space).refined
    if out is None:
        click.echo(text, nl=False)
    else:
        write_file(out, text)
    where = f" -> {out}" if out is not None else ""
    best = min(top, len(archive))
    click.echo(
        f"learned from the {best} best on {archive.task}: {refined.size:,} architectures are left{where}", err=True
    )
    return 0


def _text(archive: Archive, top: int, options: dict[str, Any]) -> str:
    """What is learned from the best, by whoever is to write it."""
    if options["by"] == LLM:
        from lapt_dsl.commands.options.proposer import writer_from

        writer = writer_from(options, archive.space, archive, top)
        try:
            return writer.proposer.learn(archive.top(top))
        finally:
            click.echo(writer.summary(), err=True)
    from lapt_dsl.propose.induction.general import GeneralProposer
    from lapt_dsl.propose.registry import proposer_named

    proposer = proposer_named(INDUCTION, archive.space, archive, top)
    if options["general"]:
        assert isinstance(proposer, GeneralProposer)
        return proposer.learn_general(archive.top(top))
    return proposer.learn(archive.top(top))


def _archive(options: dict[str, Any]) -> tuple[Archive, bool]:
    """What is learned from, and whether it was measured by a run, which measures few."""
    from lapt_dsl.commands.options.archives import is_store, read_archive
    from lapt_dsl.commands.options.named_spaces import named_space

    table, kind = options["table"], options["kind"]
    space = None if options["space"] is None else named_space(options["space"])
    if (table is None) == (kind is None):
        raise click.UsageError("give a table or a run store, or else --evaluator KIND with --space and --samples")
    if kind is not None:
        if options["samples"] is None:
            raise click.UsageError("--evaluator needs --samples: how many architectures to draw and measure")
        if options["resume"] and options["store"] is None:
            raise click.UsageError("--resume continues the run of a store: name it with --store")
        return _measured(evaluator_spec({**options, "table": None}), space, options), True
    if any(options[name] is not None for name in ("samples", "store", "workers", "ray")):
        raise click.UsageError(
            "--samples, --store and --workers belong to --evaluator; a table is learned from as it is"
        )
    return read_archive(table, space, options["task"]), is_store(table)


def _measured(spec: EvaluatorSpec, space: Space | None, options: dict[str, Any]) -> Archive:
    """Draw architectures at random and measure them: a random search whose steps are the archive."""
    from dataclasses import replace

    from lapt_dsl.commands.views import failures
    from lapt_dsl.commands.views.progress import SearchProgress
    from lapt_dsl.compiler.refined.refined_space import full
    from lapt_dsl.evaluate.evaluator import Evaluation
    from lapt_dsl.propose.archive import Archive
    from lapt_dsl.search.run.session import Search, run_search
    from lapt_dsl.search.settings import PRESETS

    evaluator = build_evaluator(spec, space)
    if notice := getattr(evaluator, "notice", None):
        click.echo(f"note: {notice}", err=True)
    whole = full(evaluator.space)
    settings = replace(PRESETS["nas201"], budget=options["samples"])
    search = Search(evaluator, whole, "random", settings, options["seed"])
    with (
        evaluated(search, spec, options) as (scheduled, executor),
        SearchProgress(evaluator, settings.budget, whole.size, evaluator.space.name) as progress,
    ):
        _, result = run_search(scheduled, options["store"], options["resume"], progress, executor, final=False)
    found = [
        (step.arch, evaluator.objective.score(step.outcome))
        for step in result.steps
        if isinstance(step.outcome, Evaluation)
    ]
    if not found:
        said = failures.summary(result.steps)
        raise click.ClickException(f"nothing could be measured, so there is nothing to learn from: {said}")
    if (said := failures.summary(result.steps)) is not None:
        click.echo(f"note: {said}", err=True)
    return Archive(evaluator.space, evaluator.objective.metric, found)
