"""What the verbs of the search share: evaluators and archives named on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from lapt_dsl.compiler.model import Space
    from lapt_dsl.evaluate.evaluator import Evaluator
    from lapt_dsl.propose.archive import Archive


def read_archive(path: str, space: Space | None, task: str | None) -> Archive:
    """Every architecture of the table at `path` with its score, best first.

    `space` None looks for the shipped one that reads it.

    Raises:
        LaptError: The table cannot be read, or has no such column.
    """
    from lapt_dsl.evaluate.read_table import read_table
    from lapt_dsl.search.archives import archive_of

    return archive_of(read_table(path, space), task)


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
