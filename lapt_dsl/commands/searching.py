"""What the verbs of the search share: tables, archives, evaluators and proposers named on the command line."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from lapt_dsl.compiler.model import Space
    from lapt_dsl.evaluate.evaluator import Evaluator
    from lapt_dsl.evaluate.table import Table
    from lapt_dsl.propose.archive import Archive
    from lapt_dsl.propose.proposer import Proposer

PROPOSERS = {"induction": ("lapt_dsl.propose.induction", "Induction")}
"""Who writes principles, by name: a module and its class."""


def proposer_named(name: str) -> Proposer | None:
    """The proposer of this name, imported now; None for `none`."""
    if name == "none":
        return None
    module, made = PROPOSERS[name]
    proposer: Proposer = getattr(importlib.import_module(module), made)()
    return proposer


def read_archive(path: str, space: Space | None, task: str | None, top: int) -> Archive:
    """The best architectures of a table, with their scores turned so that larger is better.

    Args:
        path: The table.
        space: Its space; None looks for the shipped space that reads it.
        task: The column; None takes the first of the validation split.
        top: How many; a table that holds fewer gives all.

    Raises:
        LaptError: The table cannot be read, or has no such column.
    """
    from lapt_dsl.evaluate.read_table import read_table

    return archive_of(read_table(path, space), task, top)


def archive_of(table: Table, task: str | None, top: int) -> Archive:
    """The best architectures of a table that is read. Arguments and errors as for `read_archive`."""
    from lapt_dsl.evaluate.table_evaluator import TableEvaluator
    from lapt_dsl.propose.archive import Archive

    metric = TableEvaluator(table, task).objective.metric
    sign = 1.0 if table.column(metric).direction == "higher" else -1.0
    return Archive(table.space, metric, [(arch, sign * value) for arch, value in table.top(top, metric)])


def evaluator_of(kind: str | None, table: str | None, space: Space | None, task: str | None) -> Evaluator:
    """The evaluator that options name: a table where there is one, else the analytic score, labelled as such."""
    if kind == "analytic" or (kind is None and table is None):
        from lapt_dsl.evaluate.analytic import AnalyticEvaluator

        if space is None:
            raise click.UsageError("name the space: --space nas201 (`lapt spaces` lists them)")
        return AnalyticEvaluator(space)
    from lapt_dsl.evaluate.read_table import read_table
    from lapt_dsl.evaluate.table_evaluator import TableEvaluator

    if table is None:
        raise click.UsageError("name the table to look architectures up in: --table FILE (`lapt tables` finds them)")
    return TableEvaluator(read_table(table, space), task)
