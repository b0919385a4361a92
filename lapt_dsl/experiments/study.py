"""The plan of an experiment: methods, target tasks and settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from lapt_dsl.compiler.refined.refined_space import RefinedSpace, full
from lapt_dsl.compiler.space.model import Space
from lapt_dsl.evaluate.tables.evaluator import TableEvaluator
from lapt_dsl.evaluate.tables.read_table import read_table
from lapt_dsl.evaluate.tables.table import Table
from lapt_dsl.propose.archive import Archive
from lapt_dsl.propose.proposer import Proposer
from lapt_dsl.search.run.archives import archive_of
from lapt_dsl.search.settings import Settings

LEARNED, UNCONSTRAINED, CROSSED = "learned", "unconstrained", "crossed"
"""Names of principle texts: learned from the source, without principles, learned in another space."""

TOP = 1000
"""A run reaches the target when it evaluates one of the best 1 in 1000, rounded up."""

GOOD = 100
"""Quality is measured on the best 1 in 100 of the target, rounded up."""

POINTS = 200
"""Errors at which a distribution of errors is given."""

TAIL = 0.95
"""Errors are followed up to the one that this share of the full space does not exceed."""


Factory = Callable[[Space, Archive | None, int], Proposer]
"""Makes a proposer from a space, all that is known of the source task, and how many of its best to learn from."""


@dataclass(frozen=True, slots=True)
class Method:
    """A method: name, title, strategy, first principles, and whether they adapt."""

    name: str
    title: str
    strategy: str
    principles: str = ""
    adapts: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """A column of a table: what a file is searched or learned on; None is the first validation column."""

    path: str
    column: str | None = None


@dataclass(frozen=True, slots=True)
class ExperimentPlan:
    """An experiment in plain values, which every worker process loads for itself.

    `space`: by name or path, None for the shipped one that reads the tables; `source`: where replay and the box take
    their architectures from; `limit`: architectures after which a run that has not arrived is given up; `proposer`:
    makes who adapts; `principles`: texts by the name that methods give.
    """

    space: str | None
    source: Task
    targets: tuple[Task, ...]
    methods: tuple[Method, ...]
    settings: Settings
    limit: int
    proposer: Factory
    principles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class TargetTask:
    """A task to search on. `threshold`: the score of the last of the top 0.1 %; `good`: how many the top 1 % are."""

    name: str
    table: Table
    evaluator: TableEvaluator

    @property
    def metric(self) -> str:
        """The column."""
        return self.evaluator.objective.metric

    @cached_property
    def threshold(self) -> float:
        """The score, larger is better, of the ceil(0.001 N)-th best of the target's N architectures."""
        value = self.table.top(-(-len(self.table) // TOP), self.metric)[-1][1]
        return value if self.evaluator.objective.direction == "higher" else -value

    @cached_property
    def good(self) -> frozenset[tuple[int, ...]]:
        """The words of the top 1 %, rounded up."""
        return frozenset(arch.encoding for arch, _ in self.table.top(-(-len(self.table) // GOOD), self.metric))

    @cached_property
    def is_percentage(self) -> bool:
        """Whether the metric is in percent: from 0 to 100, some beyond 1, and better higher."""
        values = self.table.values(self.metric)
        higher = self.evaluator.objective.direction == "higher"
        return higher and min(values) >= 0.0 and 1.0 < max(values) <= 100.0

    @cached_property
    def errors(self) -> list[float]:
        """The error of every row of the table, in its order.

        Percentages that are better higher give 100 minus the value; every other metric its distance to the best row, in
        the metric's unit.
        """
        values, best = self.table.values(self.metric), self.table.best(self.metric)[1]
        if self.is_percentage:
            return [100.0 - value for value in values]
        return [abs(best - value) for value in values]

    @cached_property
    def grid(self) -> list[float]:
        """The errors at which distributions are given: evenly from the smallest to one that few exceed."""
        errors = sorted(self.errors)
        low, high = errors[0], errors[int(TAIL * (len(errors) - 1))]
        return [low + (high - low) * point / (POINTS - 1) for point in range(POINTS)]


class Study:
    """A plan with loaded tables."""

    def __init__(self, plan: ExperimentPlan) -> None:
        """Read the tables. Raises LaptError for an invalid table."""
        self.plan = plan
        tables: dict[str, Table] = {}
        for path in dict.fromkeys(task.path for task in (*plan.targets, plan.source)):
            tables[path] = read_table(path, plan.space)
        self.source_table = tables[plan.source.path]
        self.targets = tuple(self._target(task, tables[task.path]) for task in plan.targets)
        self.known: Archive = archive_of(self.source_table, plan.source.column)
        self.archive: Archive = self.known.top(plan.settings.archive)
        self._proposers: dict[bool, Proposer] = {}

    def proposer(self, principles: str) -> Proposer:
        """Who changes principles of this name: with the source's archive only where they come from it.

        It is shared by all runs: its answers depend on its arguments only, and its model of the source is expensive.
        """
        informed = principles == LEARNED
        if informed not in self._proposers:
            known = self.known if informed else None
            self._proposers[informed] = self.plan.proposer(self.space, known, self.plan.settings.archive)
        return self._proposers[informed]

    def _target(self, task: Task, table: Table) -> TargetTask:
        evaluator = TableEvaluator(table, task.column)
        return TargetTask(self._name(task, evaluator.objective.metric), table, evaluator)

    def _name(self, task: Task, metric: str) -> str:
        """The name of a target: its column if it is in the table of the source, else its file."""
        if task.path == self.plan.source.path:
            return metric
        stems = [Path(each.path).stem for each in self.plan.targets]
        stem = Path(task.path).stem
        return stem if stems.count(stem) == 1 else task.path

    @property
    def space(self) -> Space:
        """The space that is searched."""
        return self.targets[0].table.space

    @cached_property
    def whole(self) -> RefinedSpace:
        """The space that is searched, unrefined."""
        return full(self.space)

    def target(self, name: str) -> TargetTask:
        """The target of this name."""
        return next(target for target in self.targets if target.name == name)

    def method(self, name: str) -> Method:
        """The method of this name."""
        return next(method for method in self.plan.methods if method.name == name)
