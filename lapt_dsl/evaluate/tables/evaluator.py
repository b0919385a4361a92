"""A table of published results as an evaluator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lapt_dsl.compiler.space.model import Architecture, Space
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.evaluate.base import BaseEvaluator
from lapt_dsl.evaluate.evaluator import Description, Evaluation, Failure, Objective, Outcome
from lapt_dsl.evaluate.tables.read_table import read_table
from lapt_dsl.evaluate.tables.table import Table

if TYPE_CHECKING:
    from lapt_dsl.compiler.refined.refined_space import RefinedSpace
    from lapt_dsl.evaluate.spec import EvaluatorOptions


class TableEvaluator(BaseEvaluator):
    """Looks architectures up in a table.

    An evaluation holds the objective's metric and, where there is one, the test metric of the report.
    """

    def __init__(
        self, table: Table, metric: str | None = None, test_metric: str | None = None, cost_metric: str | None = None
    ) -> None:
        """Choose the columns.

        Args:
            table: The table.
            metric: The metric that a search optimises; by default the first column of the validation split.
            test_metric: The metric that is reported; by default the test column of the same name but for the split, if
                there is one.
            cost_metric: The column with the cost of an evaluation in seconds; None where there is none.

        Raises:
            LaptError: E712, there is no such column, or `metric` is one of the test split or measures nothing; E714,
                its name does not tell which values are better.
        """
        if metric is None:
            metric = default_metric(table)
        column = table.column(metric)
        if column.split == "test":
            seen = ", ".join(table.metrics()) or "none of this table"
            message = f"`{metric}` is measured on the test split, which a search must not use"
            raise LaptError.of("E712", message, table.name, hint=f"choose from: {seen}")
        if not column.measures:
            message = f"`{metric}` does not measure an architecture: it is an index, a setting or a spread"
            hint = f"choose from: {', '.join(table.metrics()) or 'none of this table'}; or add --maximize or --minimize"
            raise LaptError.of("E712", message, table.name, hint=hint)
        if test_metric is None:
            test_metric = table.test_metric(metric)
        super().__init__(table.space, Objective(metric, table.direction(metric), column.split, test_metric))
        self._table, self._index = table, table.index
        # A search looks up a million times, so the columns are fetched once.
        self._named = [(name, table.values(name)) for name in (metric, test_metric) if name is not None]
        self._cost_metric = cost_metric
        self._costs = table.values(cost_metric) if cost_metric is not None else None

    @property
    def table(self) -> Table:
        """The table."""
        return self._table

    @property
    def notice(self) -> str | None:
        """What the reader of the table took or left out by itself, and what the table lacks."""
        notes = [f"{self._table.name}: {note}" for note in self._table.notes]
        if self.covered is not None:
            notes.append(f"the table {self._table.coverage_text}; the search stays inside them")
        return "; ".join(notes) or None

    @property
    def covered(self) -> RefinedSpace | None:
        """The architectures that the table has; None where it has the whole space."""
        return None if self._table.coverage == 1 else self._table.covered

    def measure(self, arch: Architecture) -> Outcome:
        """Look one architecture up; a Failure where the table does not hold it."""
        row = self._index.get(arch.encoding)
        if row is None:
            return Failure("missing", f"the table `{self._table.name}` {self._table.coverage_text} and not {arch}")
        metrics = {name: values[row] for name, values in self._named}
        return Evaluation(metrics, self._costs[row] if self._costs is not None else None)

    def describe(self) -> Description:
        """The table's content and the chosen columns; its path does not matter."""
        return {
            "kind": "table",
            "deterministic": True,
            "space": self.space.digest,
            "table": self._table.digest,
            "metric": self._objective.metric,
            "test_metric": self._objective.test_metric,
            "cost_metric": self._cost_metric,
        }


def build(space: Space | None, options: EvaluatorOptions) -> TableEvaluator:
    """For `--evaluator table:FILE`; `space` None finds the shipped space that reads the table's architectures.

    Raises:
        LaptError: As for `read_table` and `TableEvaluator`.
    """
    table = read_table(options.argument, space, split_columns(options.columns))
    if options.direction is not None:
        task = options.task or default_metric(table)
        table = table.with_direction(task, options.direction)
        return TableEvaluator(table, task)
    return TableEvaluator(table, options.task)


def split_columns(text: str | None) -> list[str]:
    """The names of the columns in the value of `--columns`: `A,B`.

    >>> split_columns("val_acc, joules:cost:lower")
    ['val_acc', 'joules:cost:lower']
    """
    return [name.strip() for name in (text or "").split(",") if name.strip()]


def default_metric(table: Table) -> str:
    """The column that a search optimises unless another is named: the first of the validation split.

    Columns whose names tell which values are better come first.

    Raises:
        LaptError: E712, the table has none.
    """
    metrics = table.metrics()
    if not metrics:
        raise LaptError.of("E712", "the table has no column of the validation split", table.name)
    return next((metric for metric in metrics if table.column(metric).direction is not None), metrics[0])
