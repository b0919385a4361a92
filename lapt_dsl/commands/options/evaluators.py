"""Who measures: the options of all evaluators, shared by the verbs that search and learn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from lapt_dsl.commands.options.common import complete_space_or_file

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeVar

    from lapt_dsl.compiler.space.model import Space
    from lapt_dsl.evaluate.evaluator import Evaluator
    from lapt_dsl.evaluate.spec import EvaluatorOptions

    Command = TypeVar("Command", bound=Callable[..., Any])

TABLE = "table"
KIND_HELP = (
    "Who measures: table, analytic, train, proxy:NAME, surrogate:FILE, supernet, exec:COMMAND or"
    " python:MODULE:FUNCTION. [default: the table, else analytic]"
)
PACKAGES = {"torch": "torch", "sklearn": "torch", "onnxruntime": "surrogate"}
"""Which extra brings a package that evaluators import."""

_FIELDS = {
    "evaluator_seed": "seed",
    **{name: name for name in ("data", "recipe", "epochs", "channels", "depth", "device", "threads", "checkpoints")},
    **{name: name for name in ("time_limit", "memory_limit", "metric", "lower")},
}
"""Options of the command line, with the fields of `EvaluatorOptions` that they fill."""

_LIMITS = frozenset({"time_limit", "memory_limit"})

NAMES = ("space", "table", "task", "kind", *_FIELDS)
"""The arguments that `evaluator_options` adds to a verb."""


def table_option(command: Command) -> Command:
    """`--table`."""
    help_text = "Look architectures up in this table."
    return click.option("--table", type=click.Path(), metavar="FILE", help=help_text)(command)


def evaluator_options(command: Command) -> Command:
    """`--space`, `--task`, `--evaluator` and what evaluators may be told."""
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


@dataclass(frozen=True, slots=True)
class Chosen:
    """An evaluator as it was asked for: a key of `KINDS` and its options, or a table to look up in."""

    kind: str
    options: EvaluatorOptions
    table: str | None = None
    task: str | None = None

    def build(self, space: Space | None) -> Evaluator:
        """Make the evaluator; `space` None looks for the table's.

        Raises:
            LaptError: It cannot be made of these options.
            click.UsageError: The space, the table or a package is missing.
        """
        if self.kind == TABLE:
            from lapt_dsl.evaluate.tables.evaluator import TableEvaluator
            from lapt_dsl.evaluate.tables.read_table import read_table

            assert self.table is not None, "a table is chosen with its path"
            return TableEvaluator(read_table(self.table, space), self.task)
        from lapt_dsl.evaluate.spec import evaluator_named

        if space is None:
            raise click.UsageError("name the space: --space nas201 (`lapt spaces` lists them)")
        try:
            return evaluator_named(self.kind, space, self.options)
        except ImportError as error:
            package = (error.name or "").partition(".")[0]
            if package not in PACKAGES:
                raise
            hint = f"pip install 'lapt-dsl[{PACKAGES[package]}]'"
            raise click.UsageError(f"--evaluator {self.kind} needs {package}: {hint}") from error


def chosen_evaluator(given: Mapping[str, Any], principles: str | None = None) -> Chosen:
    """What the options of a verb name.

    Args:
        given: The verb's arguments, with at least those of `NAMES` but the space.
        principles: The principle file of a search, for evaluators that are made for it.

    Raises:
        click.UsageError: There is no such kind, or an option that it does not take was given.
    """
    from lapt_dsl.diagnostics.suggestions import Suggestions
    from lapt_dsl.evaluate.spec import KINDS, EvaluatorOptions

    table = given["table"]
    kind, colon, argument = (given["kind"] or (TABLE if table is not None else "analytic")).partition(":")
    if kind != TABLE and kind not in KINDS:
        raise click.UsageError(
            f"there is no evaluator `{kind[:64]}`: {Suggestions().hint(kind, [TABLE, *KINDS], 'evaluators')}"
        )
    takes = frozenset() if kind == TABLE else KINDS[kind].takes
    # Workers keep these limits, whatever they evaluate.
    apart = given.get("workers") is not None or given.get("ray") is not None
    kept = _LIMITS if apart else frozenset()
    _refuse_others(kind, takes | kept, given, bool(colon))
    told = {field: given[name] for name, field in _FIELDS.items() if given.get(name) is not None and field in takes}
    if "principles" in takes:
        told["principles"] = principles
    options = EvaluatorOptions(argument=argument, **told)
    return Chosen(kind, options, table if kind == TABLE else None, given["task"])


def _refuse_others(kind: str, takes: frozenset[str], given: Mapping[str, Any], colon: bool) -> None:
    """An option that would be ignored looks like one that was followed."""
    if kind == TABLE:
        if given["table"] is None:
            raise click.UsageError(
                "name the table to look architectures up in: --table FILE (`lapt tables` finds them)"
            )
    elif given["table"] is not None or given["task"] is not None:
        name = "table" if given["table"] is not None else "task"
        raise click.UsageError(f"--{name} is for --evaluator table, and this is --evaluator {kind}")
    if colon and "argument" not in takes:
        raise click.UsageError(f"--evaluator {kind} takes nothing after a colon")
    for name, field in _FIELDS.items():
        if given.get(name) is not None and field not in takes:
            taken = [f"--{option.replace('_', '-')}" for option, its in _FIELDS.items() if its in takes]
            listed = f"it takes {', '.join(taken)}" if taken else "it takes no options"
            if field in _LIMITS:
                listed += "; with --workers any evaluator keeps it"
            raise click.UsageError(f"--{name.replace('_', '-')} is not for --evaluator {kind}; {listed}")
