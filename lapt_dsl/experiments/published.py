"""The experiments on published tables, ready to run."""

from __future__ import annotations

from dataclasses import replace

from lapt_dsl.compiler.space.model import Space
from lapt_dsl.diagnostics.diagnostic import Diagnostic, LaptError
from lapt_dsl.diagnostics.span import Span
from lapt_dsl.evaluate.tables.evaluator import TableEvaluator
from lapt_dsl.evaluate.tables.read_table import read_table
from lapt_dsl.experiments.methods import CROSSED, LEARNED
from lapt_dsl.experiments.study import ExperimentPlan, Factory, Method, Study, Task
from lapt_dsl.propose.archive import Archive
from lapt_dsl.propose.induction.general import general_principles
from lapt_dsl.propose.proposer import Proposer
from lapt_dsl.propose.registry import proposer_named
from lapt_dsl.search.run.archives import archive_of
from lapt_dsl.search.settings import PRESETS, Settings
from lapt_dsl.search.strategies.box import box_principles

LIMIT, SHORT_LIMIT = 20, 5
"""Number of budgets after which a run that has not reached the top 0.1 % ends. It is larger between files, where the
evaluations until then are the result; between columns and spaces the rank within the budget is."""

BOX = "box"


def induction(space: Space, archive: Archive | None, top: int) -> Proposer:
    """The offline proposer."""
    return proposer_named("induction", space, archive, top)


def between_files(
    source: Task,
    targets: tuple[Task, ...],
    methods: tuple[Method, ...],
    settings: Settings = PRESETS["nas201"],
    limit: int | None = None,
    space: str | None = None,
    proposer: Factory = induction,
) -> Study:
    """Principles from one table, searches on others of the same space: the NAS-Bench-201 experiment."""
    study = Study(ExperimentPlan(space, source, targets, methods, settings, _limit(settings, limit), proposer))
    here = study.source_table.space
    for target in study.targets:
        if target.table.space != here:
            message = f"the space of the table is {target.table.space.name}, but the space of the source is {here.name}"
            raise _refused(message, target.table.name, "use `lapt reproduce transfer`")
    return _with_principles(study)


def between_columns(
    path: str,
    source: str,
    methods: tuple[Method, ...],
    settings: Settings = PRESETS["trans101"],
    limit: int | None = None,
    space: str | None = None,
    proposer: Factory = induction,
) -> Study:
    """Principles from one column of a table, searches on every other: the TransNAS-Bench-101 experiment."""
    targets = _other_columns(path, source, space)
    plan = ExperimentPlan(
        space, Task(path, source), targets, methods, settings, _limit(settings, limit, SHORT_LIMIT), proposer
    )
    return _with_principles(Study(plan))


def between_spaces(
    source: Task,
    path: str,
    same: str,
    methods: tuple[Method, ...],
    settings: Settings = PRESETS["trans101"],
    limit: int | None = None,
    space: str | None = None,
    proposer: Factory = induction,
) -> Study:
    """Principles from another space as a `for any` file, beside those from column `same` of the searched table."""
    targets = _other_columns(path, same, space)
    plan = ExperimentPlan(
        space, Task(path, same), targets, methods, settings, _limit(settings, limit, SHORT_LIMIT), proposer
    )
    study = _with_principles(Study(plan))
    known = archive_of(read_table(source.path), source.column)
    inducer = proposer(known.space, known, settings.archive)
    text = general_principles(inducer, known.top(settings.archive), study.space)
    study.plan = replace(study.plan, principles={**study.plan.principles, CROSSED: text})
    return study


def _limit(settings: Settings, limit: int | None, budgets: int = LIMIT) -> int:
    return limit if limit is not None else budgets * settings.budget


def _other_columns(path: str, source: str, space: str | None) -> tuple[Task, ...]:
    table = read_table(path, space)
    # Checked before the targets are chosen: with a wrong name every column would become a target.
    TableEvaluator(table, source)
    targets = tuple(Task(path, metric) for metric in table.metrics() if metric != source)
    if not targets:
        message = f"the table has no column to search on beside `{source}`"
        raise _refused(message, path, "a target is another column of the validation split")
    return targets


def _with_principles(study: Study) -> Study:
    """Learn the first principles of the methods once, from the best of the source alone."""
    texts = {}
    if any(method.principles == LEARNED for method in study.plan.methods):
        texts[LEARNED] = study.proposer(LEARNED).learn(study.archive)
    if any(method.strategy == BOX for method in study.plan.methods):
        texts[BOX] = box_principles(study.archive)
    study.plan = replace(study.plan, principles=texts)
    return study


def _refused(message: str, path: str, hint: str) -> LaptError:
    return LaptError([Diagnostic("E831", "error", message, Span(0, 0, 1, 1, path), hint)])
