"""`lapt search`: evaluate architectures inside principles, which change with what is found."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import click

from lapt_dsl.commands.options.common import json_option
from lapt_dsl.commands.options.evaluators import build_evaluator, evaluator_options, evaluator_spec, table_option
from lapt_dsl.commands.options.proposer import HAND, INDUCTION, LLM, by_option, check_by, writer_options
from lapt_dsl.commands.options.supernet import prepare, principles_stay
from lapt_dsl.commands.options.workers import evaluated, worker_options
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.search.settings import OFTEN, PRESETS

if TYPE_CHECKING:
    from typing import Any

    from lapt_dsl.commands.options.proposer import Writer
    from lapt_dsl.evaluate.evaluator import Evaluator
    from lapt_dsl.evaluate.spec import EvaluatorSpec
    from lapt_dsl.search.run.loop import Result
    from lapt_dsl.search.run.session import Search
    from lapt_dsl.search.settings import Settings
    from lapt_dsl.search.strategy import Strategy

NOTHING_MEASURED = 2
"""Exit code of a run every evaluation of which failed: the evaluator is broken, as after E821."""

NAMES = ("lapt", "evolution", "random", "local", "tpe", "replay", "box")


@click.command(
    "search",
    epilog="""\b
Examples:
  lapt search --table cifar10.json --principles general.lp --seed 0 --store run.db
  lapt search --table cifar10.json --principles general.lp --seed 0 --store run.db --resume
  lapt search --table final_valid.csv --task normal --principles general.lp --budget 50
  lapt search --space nas201 --evaluator train --data digits --budget 30 --store run.db
  lapt search --space darts --evaluator analytic --strategy evolution --json
  lapt search --table cifar10.json --source imagenet16-120.json --by llm --model qwen
  lapt search --table cifar10.json --principles general.lp --by hand --store run.db

\b
Exit codes: 0 done, 1 findings in the input, 2 usage, I/O, the store, a broken evaluator or a model that cannot be
asked, 4 the search waits for principles written by hand.""",
)
@table_option
@evaluator_options
@click.option("--principles", type=click.Path(), metavar="FILE.lp", help="Search inside these principles.")
@click.option(
    "--source", type=click.Path(), metavar="FILE", help="A table or run store to learn from, replay or count in first."
)
@click.option("--source-task", metavar="COLUMN", help="Its column. [default: the first validation column]")
@click.option("--strategy", type=click.Choice(NAMES), default="lapt", show_default=True, help="How to search.")
@click.option("--preset", type=click.Choice(list(PRESETS)), help="The paper's settings. [default: the space's]")
@click.option("--budget", type=click.IntRange(min=1), metavar="N", help="Architectures to evaluate.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Same seed, same run.")
@click.option("--fixed", is_flag=True, help="Leave the principles as they are.")
@click.option("--no-final", is_flag=True, help="Leave test data alone: no measurement of the best at the end.")
@worker_options
@by_option(INDUCTION, LLM, HAND)
@writer_options
@click.option("--store", type=click.Path(), metavar="FILE", help="Record the run here.")
@click.option("--resume", is_flag=True, help="Continue the run in --store; give everything else as before.")
@json_option
def command(**options: Any) -> int:
    """Search for good architectures: draw, evaluate, and let the principles follow what is found.

    With --store, every evaluation and every principle file is on disk before it is used. A run that was killed goes on
    with --resume and ends as if it had never stopped; nothing is evaluated twice. The objective is measured on
    validation data; the test metric, where there is one, is only reported. With --evaluator train the best is trained
    once more at the end, on training and validation images, and then tested, once.

    Principles are written by induction, which costs nothing; with --by llm by a language model; with --by hand by you:
    the search stops where it needs them, says what to do, and goes on with --resume.
    """
    from lapt_dsl.commands.options.search_proposer import WAITS, waits_for_principles
    from lapt_dsl.commands.views import failures
    from lapt_dsl.commands.views.output import print_json

    if options["resume"] and options["store"] is None:
        raise click.UsageError("--resume continues the run of a store: name it with --store")
    check_by(options)
    spec = evaluator_spec(options, options["principles"])
    options["fixed"] = principles_stay(spec, options)
    search, writer = _search(spec, options, **{name: options[name] for name in _SEARCH})
    evaluator = search.evaluator
    prepare(evaluator, spec, options)
    if notice := getattr(evaluator, "notice", None):
        click.echo(f"note: {notice}", err=True)
    try:
        strategy, result = _run(search, spec, options)
    except LaptError as error:
        if waits_for_principles(error):
            return WAITS
        if writer is not None and options["store"] is not None:
            click.echo(f"everything so far is in {options['store']}: go on with --resume", err=True)
        raise
    finally:
        if writer is not None:
            click.echo(writer.summary(), err=True)
    if (said := failures.summary(result.steps)) is not None:
        click.echo(f"note: {said}", err=True)
    if options["as_json"]:
        print_json(report(search, strategy, result))
    else:
        _show(evaluator, result)
    return NOTHING_MEASURED if result.best is None and result.steps else 0


def _run(search: Search, spec: EvaluatorSpec, options: dict[str, Any]) -> tuple[Strategy, Result]:
    from lapt_dsl.commands.views.progress import SearchProgress
    from lapt_dsl.search.run.session import run_search

    space = search.refined.space
    with (
        evaluated(search, spec, options) as (scheduled, executor),
        SearchProgress(search.evaluator, search.settings.budget, search.refined.size, space.name) as progress,
    ):
        return run_search(
            scheduled, options["store"], options["resume"], progress, executor, final=not options["no_final"]
        )


_SEARCH = (
    "space", "principles", "source", "source_task", "strategy", "preset", "budget", "seed",
)  # fmt: skip


def _search(
    spec: EvaluatorSpec,
    options: dict[str, Any],
    *,
    space: str | None,
    principles: str | None,
    source: str | None,
    source_task: str | None,
    strategy: str,
    preset: str | None,
    budget: int | None,
    seed: int,
) -> tuple[Search, Writer | None]:
    """The search that the options describe, and the model that writes for it, if any."""
    from lapt_dsl.commands.options.archives import read_archive
    from lapt_dsl.commands.options.named_spaces import compile_file, named_space
    from lapt_dsl.commands.options.search_proposer import proposing
    from lapt_dsl.compiler.refined.refined_space import full
    from lapt_dsl.propose.revisions import flattened
    from lapt_dsl.search.run.session import Search
    from lapt_dsl.search.strategies.build import FROM_SOURCE
    from lapt_dsl.search.strategies.tpe import is_installed

    if strategy == "tpe" and not is_installed():
        raise click.UsageError("--strategy tpe needs Optuna: pip install 'lapt-dsl[bridges]'")
    evaluator = build_evaluator(spec, None if space is None else named_space(space))
    whole = full(evaluator.space)
    settings = _settings(preset, budget, evaluator.space.name)
    if strategy in FROM_SOURCE and source is None:
        raise click.UsageError(f"--strategy {strategy} needs --source: the table whose best architectures it takes")
    archive = None if source is None else read_archive(source, evaluator.space, source_task)
    refined, text = whole, None
    if principles is not None:
        compiled = compile_file(principles, space or evaluator.space.name)
        refined, text = compiled.refined, flattened(compiled.program, evaluator.space)
    best = None if archive is None else archive.top(settings.archive)
    if strategy != "lapt":
        if options["by"] != INDUCTION:
            raise click.UsageError(f"--by {options['by']} is for --strategy lapt: {strategy} changes no principles")
        return Search(evaluator, refined, strategy, settings, seed, text, archive=best), None
    who = proposing(options, whole, archive, settings, text)
    search = Search(
        evaluator, whole, strategy, who.settings, seed, who.text, who.proposer, who.name, best, asked=who.asked
    )
    return search, who.writer


def _settings(preset: str | None, budget: int | None, space: str) -> Settings:
    settings = PRESETS[preset or (space if space in PRESETS else "nas201")]
    settings = replace(settings, interval=OFTEN)
    return settings if budget is None else replace(settings, budget=budget)


def report(search: Search, strategy: Strategy, result: Result) -> dict[str, object]:
    """A finished search as a value for `--json`."""
    from lapt_dsl.commands.views import failures
    from lapt_dsl.evaluate.evaluator import Evaluation
    from lapt_dsl.search.run.loop import score_of
    from lapt_dsl.search.strategies.lapt import Lapt

    evaluator = search.evaluator
    best = result.best
    revisions = strategy.revisions if isinstance(strategy, Lapt) else []
    return {
        "space": search.refined.space.name,
        "objective": {**asdict(evaluator.objective)},
        "notice": getattr(evaluator, "notice", None),
        "strategy": search.strategy,
        "settings": asdict(search.settings),
        "seed": search.seed,
        "evaluated": len(result.steps),
        "best": None
        if best is None
        else {"step": best.number, "architecture": str(best.arch), **_metrics(best.outcome)},
        **({} if result.final is None else {"final": _metrics(result.final)}),
        "principles": [
            {"name": file.name, "kind": file.kind, "step": file.step, "size": str(file.size)} for file in revisions
        ],
        "failed": failures.counted(failures.failed(result.steps)),
        "evaluations": [
            {
                "architecture": str(step.arch),
                "score": score_of(evaluator, step.outcome),
                **({} if isinstance(step.outcome, Evaluation) else _metrics(step.outcome)),
            }
            for step in result.steps
        ],
    }


def _metrics(outcome: object) -> dict[str, object]:
    from lapt_dsl.evaluate.evaluator import Evaluation, Failure

    if isinstance(outcome, Failure):
        return {"failure": outcome.kind, "message": outcome.message}
    # In the order in which a store gives them back, so that a resumed run reports the same bytes.
    return {"metrics": dict(sorted(outcome.metrics.items()))} if isinstance(outcome, Evaluation) else {}


def _show(evaluator: Evaluator, result: Result) -> None:
    from lapt_dsl.evaluate.evaluator import Evaluation

    best = result.best
    if best is None or not isinstance(best.outcome, Evaluation):
        click.echo("nothing could be measured")
        return
    click.echo(f"best of {len(result.steps)}, found at {best.number + 1}: {best.arch}")
    for name in dict.fromkeys((evaluator.objective.metric, evaluator.objective.reported)):
        if name in best.outcome.metrics:
            click.echo(f"  {name} {best.outcome.metrics[name]:.6g}")
    if isinstance(result.final, Evaluation):
        click.echo("trained anew on training and validation images, and tested once:")
        for name, value in sorted(result.final.metrics.items()):
            click.echo(f"  {name} {value:.6g}")
    elif result.final is not None:
        click.echo(f"the final training failed: {result.final.message}")
