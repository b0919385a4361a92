"""The options of all evaluators, shared by the verbs that search and learn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lapt_dsl.commands.options.common import complete_space_or_file

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeVar

    from lapt_dsl.compiler.space.model import Space
    from lapt_dsl.evaluate.evaluator import Evaluator
    from lapt_dsl.evaluate.spec import EvaluatorSpec

    Command = TypeVar("Command", bound=Callable[..., Any])

TABLE = "table"
KIND_HELP = (
    "Evaluator: table:FILE, analytic, train, proxy:NAME, surrogate:FILE, supernet, exec:COMMAND or"
    " python:MODULE:FUNCTION. [default: the table, else analytic]"
)
PACKAGES = {"torch": "torch", "sklearn": "torch", "onnxruntime": "surrogate"}
"""Which extra brings a package that evaluators import."""

_FIELDS = {
    "evaluator_seed": "seed",
    **{
        name: name
        for name in ("task", "data", "recipe", "epochs", "channels", "depth", "device", "threads", "checkpoints")
    },
    **{name: name for name in ("time_limit", "memory_limit", "metric", "lower")},
}
"""Options of the command line, with the fields of `EvaluatorOptions` that they fill."""

_LIMITS = frozenset({"time_limit", "memory_limit"})

NAMES = ("space", "table", "kind", *_FIELDS)
"""The arguments that `evaluator_options` adds to a verb."""


def table_option(command: Command) -> Command:
    """`--table`."""
    help_text = "Table of published results to use as the evaluator."
    return click.option("--table", type=click.Path(), metavar="FILE", help=help_text)(command)


def evaluator_options(command: Command) -> Command:
    """`--space`, `--task`, `--evaluator` and the options of evaluators."""
    positive = click.IntRange(min=1)
    for option in reversed(
        [
            click.option(
                "--space", shell_complete=complete_space_or_file, metavar="SPACE", help="The space, by name or path."
            ),
            click.option("--task", metavar="COLUMN", help="The table's column. [default: the first validation column]"),
            click.option("--evaluator", "kind", metavar="KIND", help=KIND_HELP),
            click.option(
                "--data", metavar="SET", help="Images: digits, fashion-mnist, cifar10, cifar100 or a path. [digits]"
            ),
            click.option("--recipe", metavar="NAME", help="How to train (docs/training.md lists the recipes)."),
            click.option("--epochs", type=positive, metavar="N", help="Epochs in place of the recipe's."),
            click.option("--channels", type=positive, metavar="N", help="Initial channels in place of the recipe's."),
            click.option("--depth", type=positive, metavar="N", help="Cells a stage in place of the recipe's."),
            click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), help="Where to compute. [auto]"),
            click.option("--threads", type=positive, metavar="N", help="CPU threads of one training. [1]"),
            click.option(
                "--evaluator-seed", type=click.IntRange(min=0), metavar="N", help="Seed of weights and batches. [0]"
            ),
            click.option("--checkpoints", type=click.Path(), metavar="DIR", help="Keep unfinished trainings here."),
            click.option("--time-limit", type=float, metavar="S", help="Most seconds for one evaluation."),
            click.option("--memory-limit", type=positive, metavar="MIB", help="Most memory for one evaluation."),
            click.option("--metric", metavar="NAME", help="What of a command's or function's output is searched on."),
            click.option("--lower", is_flag=True, default=None, help="Lower values of it are better."),
        ]
    ):
        command = option(command)
    return command


def evaluator_spec(given: Mapping[str, Any], principles: str | None = None) -> EvaluatorSpec:
    """The evaluator that the options of a verb name.

    Args:
        given: The verb's arguments, with at least those of `NAMES` but the space.
        principles: The principle file of a search, for evaluators that are made for it.

    Raises:
        click.UsageError: There is no such kind, or it does not take an option that was given.
    """
    from lapt_dsl.diagnostics.suggestions import Suggestions
    from lapt_dsl.evaluate.spec import KINDS, EvaluatorOptions, EvaluatorSpec

    table = given["table"]
    kind, colon, argument = (given["kind"] or (TABLE if table is not None else "analytic")).partition(":")
    if kind not in KINDS:
        raise click.UsageError(f"there is no evaluator `{kind[:64]}`: {Suggestions().hint(kind, KINDS, 'evaluators')}")
    takes = KINDS[kind].takes
    if colon and "argument" not in takes:
        raise click.UsageError(f"--evaluator {kind} takes nothing after a colon")
    # Workers enforce these limits for every kind.
    with_workers = given.get("workers") is not None or given.get("ray") is not None
    _refuse_others(kind, takes | _LIMITS if with_workers else takes, given)
    if kind == TABLE:
        argument = _table_path(table, argument)
    values = {field: given[name] for name, field in _FIELDS.items() if given.get(name) is not None and field in takes}
    if "principles" in takes:
        values["principles"] = principles
    return EvaluatorSpec(kind, EvaluatorOptions(argument=argument, **values))


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


def _table_path(table: str | None, argument: str) -> str:
    """The path of a table, which `--table` or the evaluator's argument names."""
    if table is not None and argument:
        raise click.UsageError(f"the table is named twice: --table and --evaluator {TABLE}:FILE")
    if not (table or argument):
        raise click.UsageError("name the table of results: --table FILE (`lapt tables` lists tables)")
    return table or argument


def _refuse_others(kind: str, takes: frozenset[str], given: Mapping[str, Any]) -> None:
    """Refuse an option that the evaluator would ignore."""
    if kind != TABLE and given["table"] is not None:
        raise click.UsageError(f"--table is for --evaluator {TABLE}, and this is --evaluator {kind}")
    for name, field in _FIELDS.items():
        if given.get(name) is not None and field not in takes:
            taken = [f"--{option.replace('_', '-')}" for option, its in _FIELDS.items() if its in takes]
            listed = f"it takes {', '.join(taken)}" if taken else "it takes no options"
            if field in _LIMITS:
                listed += "; with --workers any evaluator keeps it"
            raise click.UsageError(f"--{name.replace('_', '-')} is not for --evaluator {kind}; {listed}")
