"""`lapt reproduce`: the published experiments over many seeds, in numbers and figures."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import click

from lapt_dsl.commands.options.common import complete_space_or_file, json_option
from lapt_dsl.commands.verbs import reproduce_darts, reproduce_models

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from lapt_dsl.experiments.study import Study
    from lapt_dsl.search.settings import Settings

    Command = TypeVar("Command", bound=Callable[..., Any])


@click.group("reproduce")
def command() -> None:
    """Run the published experiments: many seeds, every method, the same numbers for any number of workers.

    Principles are learned from the source's best alone; no target is looked at before it is searched, but for `darts`,
    which says so. Progress goes to standard error, the result to standard output.
    """
    # Before NumPy is loaded: workers that each start threads are slower, and sums depend on how they are split.
    for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")


command.add_command(reproduce_darts.command)
command.add_command(reproduce_models.command)


def _shared(seeds: int, budget: int) -> Callable[[Command], Command]:
    """The options that every experiment has."""
    options = [
        click.option("--seeds", type=click.IntRange(min=1), default=seeds, show_default=True, help="Seeds from 0."),
        click.option(
            "--budget", type=click.IntRange(min=1), default=budget, show_default=True, help="Architectures per run."
        ),
        click.option(
            "--interval",
            type=click.IntRange(min=1),
            default=5,
            show_default=True,
            help="Evaluations between changes of the principles.",
        ),
        click.option(
            "--limit", type=click.IntRange(min=1), help="Give up a run here. [default: 20 budgets in nas201, else 5]"
        ),
        click.option(
            "--space", shell_complete=complete_space_or_file, metavar="SPACE", help="The space that is searched."
        ),
        click.option("--methods", metavar="A,B,...", help="Only these methods. [default: all]"),
        click.option("--workers", type=click.IntRange(min=1), default=2, show_default=True, help="Processes."),
        click.option("-o", "out", type=click.Path(), metavar="DIR", help="Write figures and JSON here."),
        json_option,
    ]

    def add(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return add


@command.command("nas201", epilog="Example: lapt reproduce nas201 --source imagenet16-120.json --target cifar10.json")
@click.option("--source", required=True, type=click.Path(), metavar="FILE", help="The table to learn from.")
@click.option("--source-task", metavar="COLUMN", help="Its column. [default: the first validation column]")
@click.option("--target", required=True, multiple=True, type=click.Path(), metavar="FILE", help="A table to search on.")
@click.option("--task", metavar="COLUMN", help="Its column. [default: the first validation column]")
@_shared(seeds=200, budget=100)
def nas201(source: str, source_task: str | None, target: tuple[str, ...], task: str | None, **options: Any) -> int:
    """Principles from one data set's table, searches on another's: evaluations until the true top 0.1 %."""
    from lapt_dsl.experiments.methods import METHODS, chosen
    from lapt_dsl.experiments.published import between_files
    from lapt_dsl.experiments.study import Task

    methods = chosen(options["methods"], METHODS)
    settings = _settings("nas201", options)
    targets = tuple(Task(path, task) for path in target)
    return _run(
        "nas201",
        between_files(Task(source, source_task), targets, methods, settings, options["limit"], options["space"]),
        options,
    )


@command.command("trans101", epilog="Example: lapt reproduce trans101 --table final_valid.csv --source jigsaw --json")
@click.option("--table", required=True, type=click.Path(), metavar="FILE", help="The table: a column for each task.")
@click.option("--source", required=True, metavar="COLUMN", help="The task to learn from; all others are targets.")
@_shared(seeds=25, budget=50)
def trans101(table: str, source: str, **options: Any) -> int:
    """Principles from one task's column, searches on every other: the rank of the best found within the budget."""
    from lapt_dsl.experiments.methods import METHODS, chosen
    from lapt_dsl.experiments.published import between_columns

    methods = chosen(options["methods"], METHODS)
    settings = _settings("trans101", options)
    return _run(
        "trans101", between_columns(table, source, methods, settings, options["limit"], options["space"]), options
    )


@command.command("transfer", epilog="Example: lapt reproduce transfer --source cifar10.json --table final_valid.csv")
@click.option("--source", required=True, type=click.Path(), metavar="FILE", help="A table of the other space.")
@click.option("--source-task", metavar="COLUMN", help="Its column. [default: the first validation column]")
@click.option("--table", required=True, type=click.Path(), metavar="FILE", help="The table to search on.")
@click.option(
    "--same", default="jigsaw", show_default=True, metavar="COLUMN", help="Its column for transfer inside the space."
)
@_shared(seeds=25, budget=50)
def transfer(source: str, source_task: str | None, table: str, same: str, **options: Any) -> int:
    """Principles from one space as a `for any` file, searches in another; beside same-space and no transfer."""
    from lapt_dsl.experiments.methods import CROSS_METHODS, chosen
    from lapt_dsl.experiments.published import between_spaces
    from lapt_dsl.experiments.study import Task

    methods = chosen(options["methods"], CROSS_METHODS)
    settings = _settings("trans101", options)
    study = between_spaces(
        Task(source, source_task), table, same, methods, settings, options["limit"], options["space"]
    )
    return _run("transfer", study, options)


def _settings(preset: str, options: dict[str, Any]) -> Settings:
    from lapt_dsl.search.settings import PRESETS

    return replace(PRESETS[preset], budget=options["budget"], interval=options["interval"])


def _run(name: str, study: Study, options: dict[str, Any]) -> int:
    from lapt_dsl.commands.views.output import print_json, write_files
    from lapt_dsl.experiments.parallel import run_all
    from lapt_dsl.experiments.report import details, report

    records = run_all(study, options["seeds"], options["workers"], _Progress())
    values = report(name, study, options["seeds"], records)
    if options["out"] is not None:
        from lapt_dsl.commands.views.figures import write_figures
        from lapt_dsl.compiler.targets.json_text import json_text

        more = details(study, records)
        texts = {f"{key}.lp": text for key, text in study.plan.principles.items()}
        write_files(options["out"], {"results.json": json_text({**values, **more}), **texts})
        write_figures(options["out"], values, more)
    if options["as_json"]:
        print_json(values)
    else:
        from lapt_dsl.commands.views.experiment_table import show

        show(values)
    return 0


class _Progress:
    """One line on standard error: rewritten on a terminal, elsewhere a line for every method that is done."""

    def __init__(self) -> None:
        self._last = ("", "")

    def __call__(self, method: str, target: str, done: int, total: int) -> None:
        line = f"{done}/{total} runs  {method} on {target}"
        if sys.stderr.isatty():
            click.echo(f"\r{line:<79.79}" + ("\n" if done == total else ""), err=True, nl=False)
        elif (method, target) != self._last:
            click.echo(line, err=True)
        self._last = (method, target)
