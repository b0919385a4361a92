"""`lapt reproduce`: the published experiments over many seeds, in numbers and figures."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import click

from lapt_dsl.commands.options.common import JSON, PATH, POSITIVE, RUN_BUDGET, SEEDS, SOURCE_TASK, SPACE
from lapt_dsl.commands.options.groups import option, verb
from lapt_dsl.commands.options.terminal import echo
from lapt_dsl.commands.verbs import reproduce_darts, reproduce_models
from lapt_dsl.diagnostics.snippet import plain

if TYPE_CHECKING:
    from lapt_dsl.experiments.study import Study
    from lapt_dsl.search.settings import Settings


@click.group("reproduce")
def command() -> None:
    """Run the published experiments: many seeds, every method, the same numbers for any number of workers.

    Principles are learned from the best architectures of the source alone; no result of a target is read before its
    search, except in `darts`, whose help states this. Progress is written to standard error, results to standard
    output.
    """
    # Before NumPy is loaded: workers that each start threads are slower, and sums depend on how they are split.
    for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")


command.add_command(reproduce_darts.command)
command.add_command(reproduce_models.command)


@dataclass(frozen=True, kw_only=True)
class StudyOptions:
    """The options that every experiment with tables has."""

    seeds: int = field(default=25, metadata=SEEDS)
    budget: int = field(default=50, metadata=RUN_BUDGET)
    interval: int = field(
        default=5,
        metadata=option(
            "--interval", type=POSITIVE, show_default=True, help="Evaluations between changes of the principles."
        ),
    )
    limit: int | None = field(
        default=None,
        metadata=option(
            "--limit",
            type=POSITIVE,
            help="Evaluations after which a run is abandoned. [default: 20 budgets in nas201, else 5]",
        ),
    )
    space: str | None = field(default=None, metadata=SPACE)
    methods: str | None = field(
        default=None, metadata=option("--methods", metavar="A,B,...", help="Methods to run. [default: all]")
    )
    workers: int = field(
        default=2,
        metadata=option("--workers", type=POSITIVE, show_default=True, help="Number of worker processes."),
    )
    out: str | None = field(
        default=None,
        metadata=option("-o", type=PATH, metavar="DIR", help="Write figures, principles and JSON to this directory."),
    )
    as_json: bool = field(default=False, metadata=JSON)


@dataclass(frozen=True, kw_only=True)
class LongStudyOptions(StudyOptions):
    """The same with the larger numbers of NAS-Bench-201."""

    seeds: int = field(default=200, metadata=SEEDS)
    budget: int = field(default=100, metadata=RUN_BUDGET)


@dataclass(frozen=True, kw_only=True)
class Nas201Options:
    """Everything that `lapt reproduce nas201` takes."""

    source: str = field(metadata=option("--source", type=PATH, metavar="FILE", help="Table to learn from."))
    source_task: str | None = field(default=None, metadata=SOURCE_TASK)
    target: tuple[str, ...] = field(
        metadata=option("--target", multiple=True, type=PATH, metavar="FILE", help="Table to search on; repeatable.")
    )
    task: str | None = field(
        default=None,
        metadata=option(
            "--task", metavar="COLUMN", help="Column of the target tables. [default: the first validation column]"
        ),
    )
    study: LongStudyOptions = field(default_factory=LongStudyOptions)


@dataclass(frozen=True, kw_only=True)
class Trans101Options:
    """Everything that `lapt reproduce trans101` takes."""

    table: str = field(metadata=option("--table", type=PATH, metavar="FILE", help="Table with a column per task."))
    source: str = field(
        metadata=option("--source", metavar="COLUMN", help="Task to learn from; all others are targets.")
    )
    study: StudyOptions = field(default_factory=StudyOptions)


@dataclass(frozen=True, kw_only=True)
class TransferOptions:
    """Everything that `lapt reproduce transfer` takes."""

    source: str = field(metadata=option("--source", type=PATH, metavar="FILE", help="Table of the other space."))
    source_task: str | None = field(default=None, metadata=SOURCE_TASK)
    table: str = field(metadata=option("--table", type=PATH, metavar="FILE", help="Table to search on."))
    same: str = field(
        default="jigsaw",
        metadata=option(
            "--same", show_default=True, metavar="COLUMN", help="Source column for transfer within the space."
        ),
    )
    study: StudyOptions = field(default_factory=StudyOptions)


@verb(
    "nas201", Nas201Options, epilog="Example: lapt reproduce nas201 --source imagenet16-120.json --target cifar10.json"
)
def nas201(options: Nas201Options) -> int:
    """Learn on one data set and search on others: evaluations until the true top 0.1 % is reached."""
    from lapt_dsl.experiments.methods import METHODS, chosen
    from lapt_dsl.experiments.published import between_files
    from lapt_dsl.experiments.study import Task

    study = options.study
    methods, settings = chosen(study.methods, METHODS), _settings("nas201", study)
    source, targets = (
        Task(options.source, options.source_task),
        tuple(Task(path, options.task) for path in options.target),
    )
    return _run("nas201", between_files(source, targets, methods, settings, study.limit, study.space), study)


@verb(
    "trans101",
    Trans101Options,
    epilog="Example: lapt reproduce trans101 --table final_valid.csv --source jigsaw --json",
)
def trans101(options: Trans101Options) -> int:
    """Learn on one task and search on all others: rank of the best architecture found within the budget."""
    from lapt_dsl.experiments.methods import METHODS, chosen
    from lapt_dsl.experiments.published import between_columns

    study = options.study
    methods, settings = chosen(study.methods, METHODS), _settings("trans101", study)
    made = between_columns(options.table, options.source, methods, settings, study.limit, study.space)
    return _run("trans101", made, study)


@verb(
    "transfer",
    TransferOptions,
    epilog="Example: lapt reproduce transfer --source cifar10.json --table final_valid.csv",
)
def transfer(options: TransferOptions) -> int:
    """Learn a `for any` file in one space and search in another; compared with the same space and no transfer."""
    from lapt_dsl.experiments.methods import CROSS_METHODS, chosen
    from lapt_dsl.experiments.published import between_spaces
    from lapt_dsl.experiments.study import Task

    study = options.study
    methods, settings = chosen(study.methods, CROSS_METHODS), _settings("trans101", study)
    source = Task(options.source, options.source_task)
    made = between_spaces(source, options.table, options.same, methods, settings, study.limit, study.space)
    return _run("transfer", made, study)


for _experiment in (nas201, trans101, transfer):
    command.add_command(_experiment)


def _settings(preset: str, options: StudyOptions) -> Settings:
    from lapt_dsl.search.settings import PRESETS

    return replace(PRESETS[preset], budget=options.budget, interval=options.interval)


def _run(name: str, study: Study, options: StudyOptions) -> int:
    from lapt_dsl.commands.views.output import print_json, write_files
    from lapt_dsl.experiments.parallel import run_all
    from lapt_dsl.experiments.report import details, report

    records = run_all(study, options.seeds, options.workers, _Progress())
    values = report(name, study, options.seeds, records)
    if options.out is not None:
        from lapt_dsl.commands.views.figures import write_figures
        from lapt_dsl.compiler.targets.json_text import json_text

        more = details(study, records)
        texts = {f"{key}.lp": text for key, text in study.plan.principles.items()}
        write_files(options.out, {"results.json": json_text({**values, **more}), **texts})
        write_figures(options.out, values, more)
    if options.as_json:
        print_json(values)
    else:
        from lapt_dsl.commands.views.experiment_table import show

        show(values)
    return 0


class _Progress:
    """One line on standard error: rewritten on a terminal, elsewhere one line per finished method."""

    def __init__(self) -> None:
        self._last = ("", "")

    def __call__(self, method: str, target: str, done: int, total: int) -> None:
        line = f"{done}/{total} runs  {method} on {target}"
        if sys.stderr.isatty():
            click.echo(f"\r{plain(line):<79.79}" + ("\n" if done == total else ""), err=True, nl=False)
        elif (method, target) != self._last:
            echo(line, err=True)
        self._last = (method, target)
