"""Archives out of tables."""

from __future__ import annotations

from lapt_dsl.evaluate.table import Table
from lapt_dsl.evaluate.table_evaluator import TableEvaluator
from lapt_dsl.propose.archive import Archive


def archive_of(table: Table, task: str | None, top: int | None = None) -> Archive:
    """The best architectures of a table, or all, their scores turned so that larger is better.

    Args:
        table: The table.
        task: The column; None takes the first of the validation split.
        top: How many; None, or more than the table holds, gives all.

    Raises:
        LaptError: E712, the table has no such column, or it is one that a search must not see.
    """
    metric = TableEvaluator(table, task).objective.metric
    sign = 1.0 if table.column(metric).direction == "higher" else -1.0
    best = table.top(len(table) if top is None else top, metric)
    return Archive(table.space, metric, [(arch, sign * value) for arch, value in best])
