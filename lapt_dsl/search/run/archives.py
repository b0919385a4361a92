"""Archives out of tables and of recorded runs."""

from __future__ import annotations

from lapt_dsl.compiler.building.library import load_space
from lapt_dsl.compiler.space.model import Space
from lapt_dsl.evaluate.evaluator import Evaluation
from lapt_dsl.evaluate.tables.evaluator import TableEvaluator
from lapt_dsl.evaluate.tables.table import Table
from lapt_dsl.propose.archive import Archive
from lapt_dsl.search.store.errors import store_error
from lapt_dsl.search.store.run_store import RunStore


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


def archive_of_run(path: str, space: Space | None = None, metric: str | None = None) -> Archive:
    """Every architecture that a recorded run has measured, best first.

    Args:
        path: A run store; a search may be writing to it.
        space: The run's space; None takes the shipped one that the run names.
        metric: What to rank by, of the metrics measured; None takes the run's own objective.

    Raises:
        LaptError: E803 to E808, it is no sound store; E220, the space is not shipped; E766, it holds no such
            measurement, or is of another space.
    """
    with RunStore.open(path, read_only=True) as store:
        info, evaluations = store.info(), store.evaluations()
    known = space if space is not None else load_space(info.space)
    if known.digest != info.space_digest:
        message = f"the run in `{path}` is of the space `{info.space}`, which is another one than `{known.name}` here"
        raise store_error("E766", path, message, "name the file of its space with --space")
    own = str(info.settings.get("metric"))
    # Only of the run's own objective is it known which values are better.
    sign = -1.0 if info.settings.get("direction") == "lower" and metric in (None, own) else 1.0
    name = metric if metric is not None else own
    found = [
        (known.parse_arch(evaluation.arch), sign * evaluation.outcome.metrics[name])
        for evaluation in evaluations
        if isinstance(evaluation.outcome, Evaluation) and name in evaluation.outcome.metrics
    ]
    if not found:
        message = f"the run in `{path}` has measured no `{name}`"
        raise store_error("E766", path, message, "let it run longer, or name a metric that it measures with --task")
    return Archive(known, name, found)
