"""Archives from tables and from recorded runs."""

from __future__ import annotations

from lapt_dsl.compiler.building.library import load_space
from lapt_dsl.compiler.space.model import Space
from lapt_dsl.evaluate.evaluator import Evaluation
from lapt_dsl.evaluate.metric_names import read_metric_name, undecided_direction
from lapt_dsl.evaluate.tables.evaluator import TableEvaluator
from lapt_dsl.evaluate.tables.table import Table
from lapt_dsl.propose.archive import Archive
from lapt_dsl.search.store.errors import store_error
from lapt_dsl.search.store.run_store import RunStore


def archive_of(table: Table, task: str | None, top: int | None = None) -> Archive:
    """The best architectures of a table, with scores for which larger is better.

    Args:
        table: The table.
        task: The column. None takes the first column of the validation split.
        top: Number of architectures. None, or a number above the size of the table, gives all.

    Raises:
        LaptError: E712, the table has no such column, or the column is not of the validation split.
    """
    objective = TableEvaluator(table, task).objective
    metric = objective.metric
    sign = 1.0 if objective.direction == "higher" else -1.0
    best = table.top(len(table) if top is None else top, metric)
    return Archive(table.space, metric, [(arch, sign * value) for arch, value in best])


def archive_of_run(path: str, space: Space | None = None, metric: str | None = None) -> Archive:
    """All architectures that a recorded run has measured, best first.

    Args:
        path: A run store. A search may be writing to it.
        space: The space of the run. None takes the shipped space that the run names.
        metric: The measured metric to rank by. None takes the objective of the run.

    Raises:
        LaptError: E803 to E808, the store cannot be used; E220, the space is not shipped; E766, the store holds no
            such measurement, or its run searches another space; E714, the name of a metric that the run did not
            optimise does not tell which values are better.
    """
    with RunStore.open(path, read_only=True) as store:
        info, evaluations = store.info(), store.evaluations()
    known = space if space is not None else load_space(info.space)
    if known.digest != info.space_digest:
        message = f"the run in `{path}` searches another space: `{info.space}`, and here `{known.name}` is given"
        raise store_error("E766", path, message, "give the file of its space with --space")
    own = str(info.settings.get("metric"))
    name = metric if metric is not None else own
    # The run holds the direction of its objective; that of another metric follows from its name.
    direction = info.settings.get("direction") if name == own else read_metric_name(name).direction
    if direction is None:
        raise undecided_direction(name, path)
    sign = -1.0 if direction == "lower" else 1.0
    measured = [
        (known.parse_arch(evaluation.arch), sign * evaluation.outcome.metrics[name])
        for evaluation in evaluations
        if isinstance(evaluation.outcome, Evaluation) and name in evaluation.outcome.metrics
    ]
    if not measured:
        message = f"the run in `{path}` has no measurement of `{name}`"
        raise store_error("E766", path, message, "continue the run, or choose a metric that it measures with --task")
    return Archive(known, name, measured)
