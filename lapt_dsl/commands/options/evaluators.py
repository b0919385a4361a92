"""The options of all evaluators, shared by the verbs that search and learn."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from lapt_dsl.commands.options.common import COLUMNS, NATURAL, PATH, POSITIVE, SPACE
from lapt_dsl.commands.options.groups import given_options, option

if TYPE_CHECKING:
    from lapt_dsl.compiler.space.model import Space
    from lapt_dsl.evaluate.evaluator import Direction, Evaluator
    from lapt_dsl.evaluate.spec import EvaluatorOptions, EvaluatorSpec

TABLE = "table"
PACKAGES = {"torch": "torch", "sklearn": "torch", "onnxruntime": "surrogate"}
"""Which extra brings a package that evaluators import."""

_FIELDS = {
    "--task": "task",
    "--columns": "columns",
    "--data": "data",
    "--recipe": "recipe",
    "--epochs": "epochs",
    "--channels": "channels",
    "--depth": "depth",
    "--device": "device",
    "--threads": "threads",
    "--evaluator-seed": "seed",
    "--checkpoints": "checkpoints",
    "--time-limit": "time_limit",
    "--memory-limit": "memory_limit",
    "--metric": "metric",
    "--maximize": "direction",
    "--minimize": "direction",
}
"""Options of the command line, with the fields of `EvaluatorOptions` that they fill."""

_LIMITS = frozenset({"time_limit", "memory_limit"})

TABLE_FILE = option("--table", type=PATH, metavar="FILE", help="Table of published results to use as the evaluator.")


@dataclass(frozen=True, kw_only=True)
class EvaluatorSelection:
    """Which evaluator is used, and its options; None leaves an option to the evaluator."""

    space: str | None = field(default=None, metadata=SPACE)
    task: str | None = field(
        default=None,
        metadata=option("--task", metavar="COLUMN", help="Column of the table. [default: the first validation column]"),
    )
    columns: str | None = field(default=None, metadata=COLUMNS)
    kind: str | None = field(
        default=None,
        metadata=option(
            "--evaluator",
            metavar="KIND",
            help="Evaluator: table:FILE, analytic, train, proxy:NAME, surrogate:FILE, supernet, exec:COMMAND or"
            " python:MODULE:FUNCTION. [default: the table, else analytic]",
        ),
    )
    data: str | None = field(
        default=None,
        metadata=option(
            "--data",
            metavar="SET",
            help="Image data set: digits, fashion-mnist, cifar10, cifar100 or a path. [default: digits]",
        ),
    )
    recipe: str | None = field(
        default=None,
        metadata=option("--recipe", metavar="NAME", help="Training recipe (docs/training.md lists the recipes)."),
    )
    epochs: int | None = field(
        default=None,
        metadata=option("--epochs", type=POSITIVE, metavar="N", help="Training epochs. [default: the recipe's]"),
    )
    channels: int | None = field(
        default=None,
        metadata=option("--channels", type=POSITIVE, metavar="N", help="Initial channels. [default: the recipe's]"),
    )
    depth: int | None = field(
        default=None,
        metadata=option("--depth", type=POSITIVE, metavar="N", help="Cells per stage. [default: the recipe's]"),
    )
    device: str | None = field(
        default=None,
        metadata=option(
            "--device", type=click.Choice(["auto", "cpu", "cuda"]), help="Device to compute on. [default: auto]"
        ),
    )
    threads: int | None = field(
        default=None,
        metadata=option("--threads", type=POSITIVE, metavar="N", help="CPU threads per training. [default: 1]"),
    )
    evaluator_seed: int | None = field(
        default=None,
        metadata=option(
            "--evaluator-seed", type=NATURAL, metavar="N", help="Seed of weights and batches. [default: 0]"
        ),
    )
    checkpoints: str | None = field(
        default=None,
        metadata=option(
            "--checkpoints", type=PATH, metavar="DIR", help="Directory for checkpoints of unfinished trainings."
        ),
    )
    time_limit: float | None = field(
        default=None,
        metadata=option("--time-limit", type=click.FLOAT, metavar="S", help="Time limit per evaluation in seconds."),
    )
    memory_limit: int | None = field(
        default=None,
        metadata=option("--memory-limit", type=POSITIVE, metavar="MIB", help="Memory limit per evaluation in MiB."),
    )
    metric: str | None = field(
        default=None,
        metadata=option(
            "--metric", metavar="NAME", help="Metric to optimize, of those that a command or function returns."
        ),
    )
    maximize: bool = field(
        default=False,
        metadata=option("--maximize", flag=True, help="Higher values of the metric or column are better."),
    )
    minimize: bool = field(
        default=False,
        metadata=option(
            "--minimize", flag=True, help="Lower values of the metric or column are better.", aliases=("--lower",)
        ),
    )

    @property
    def direction(self) -> Direction | None:
        """The direction that was asked for. click.UsageError where both were."""
        if self.maximize and self.minimize:
            raise click.UsageError("give --maximize or --minimize, not both")
        return "higher" if self.maximize else "lower" if self.minimize else None


def evaluator_spec(
    selection: EvaluatorSelection,
    table: str | None = None,
    principles: str | None = None,
    *,
    with_workers: bool = False,
) -> EvaluatorSpec:
    """The evaluator that the options of a verb name.

    Args:
        selection: The evaluator and its options.
        table: The table of `--table`.
        principles: The principle file of a search, for evaluators that are made for it.
        with_workers: Whether workers evaluate: they enforce the limits for every kind.

    Raises:
        click.UsageError: There is no such kind, or it does not take an option that was given.
    """
    from lapt_dsl.diagnostics.suggestions import Suggestions
    from lapt_dsl.evaluate.spec import KINDS, EvaluatorSpec

    kind, colon, argument = (selection.kind or (TABLE if table is not None else "analytic")).partition(":")
    if kind not in KINDS:
        raise click.UsageError(f"there is no evaluator `{kind[:64]}`: {Suggestions().hint(kind, KINDS, 'evaluators')}")
    takes = KINDS[kind].takes
    if colon and "argument" not in takes:
        raise click.UsageError(f"--evaluator {kind} takes no argument after a colon")
    if kind != TABLE and table is not None:
        raise click.UsageError(f"--table requires --evaluator {TABLE}, and this is --evaluator {kind}")
    _refuse_others(kind, takes | _LIMITS if with_workers else takes, selection)
    if kind == TABLE:
        argument = _table_path(table, argument)
    return EvaluatorSpec(kind, _options(selection, argument, principles, takes))


def build_evaluator(spec: EvaluatorSpec, space: Space | None) -> Evaluator:
    """Build an evaluator for the command line; `space` None where `--space` is not given.

    Raises:
        LaptError: It cannot be built with these options.
        click.UsageError: The space or a package is missing.
    """
    from lapt_dsl.evaluate.spec import KINDS

    if space is None and not KINDS[spec.kind].finds_space:
        raise click.UsageError("name the space: --space nas201 (`lapt spaces` lists them)")
    try:
        return spec.build(space)
    except ImportError as error:
        package = (error.name or "").partition(".")[0]
        if package not in PACKAGES:
            raise
        hint = f"pip install 'lapt-dsl[{PACKAGES[package]}]'"
        raise click.UsageError(f"--evaluator {spec.kind} needs {package}: {hint}") from error


def _options(
    selection: EvaluatorSelection, argument: str, principles: str | None, takes: frozenset[str]
) -> EvaluatorOptions:
    """The options of the evaluator itself: a limit that only workers enforce is none of them."""
    from lapt_dsl.evaluate.spec import EvaluatorOptions

    default = EvaluatorOptions()
    return EvaluatorOptions(
        argument=argument,
        task=selection.task,
        columns=selection.columns,
        data=selection.data,
        recipe=selection.recipe,
        epochs=selection.epochs,
        channels=selection.channels,
        depth=selection.depth,
        device=selection.device or default.device,
        seed=default.seed if selection.evaluator_seed is None else selection.evaluator_seed,
        checkpoints=selection.checkpoints,
        principles=principles if "principles" in takes else None,
        time_limit=selection.time_limit if "time_limit" in takes else None,
        memory_limit=selection.memory_limit if "memory_limit" in takes else None,
        threads=selection.threads or default.threads,
        metric=default.metric if selection.metric is None else selection.metric,
        direction=selection.direction,
    )


def _table_path(table: str | None, argument: str) -> str:
    """The path of a table, which `--table` or the evaluator's argument names."""
    if table is not None and argument:
        raise click.UsageError(f"the table is named twice: --table and --evaluator {TABLE}:FILE")
    if not (table or argument):
        raise click.UsageError("name the table of results: --table FILE (`lapt tables` lists tables)")
    return table or argument


def _refuse_others(kind: str, takes: frozenset[str], selection: EvaluatorSelection) -> None:
    """Refuse an option that the evaluator would ignore."""
    for name in given_options(selection):
        field_name = _FIELDS.get(name)
        if field_name is None or field_name in takes:
            continue
        taken = [option_name for option_name, its in _FIELDS.items() if its in takes]
        listed = f"it takes {', '.join(taken)}" if taken else "it takes no options"
        if field_name in _LIMITS:
            listed += "; with --workers, it applies to every evaluator"
        raise click.UsageError(f"{name} does not apply to --evaluator {kind}; {listed}")
