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
"""Number of errors at which a distribution of errors is evaluated."""

TAIL = 0.95
"""Distributions end at this quantile of the errors of the full space."""


Factory = Callable[[Space, Archive | None, int], Proposer]
"""Creates a proposer from a space, the archive of the source task, and the number of its best to learn from."""


@dataclass(frozen=True, slots=True)
class Method:
    """A method: name, title, strategy, name of its first principles, and whether they adapt."""

    name: str
    title: str
    strategy: str
    principles: str = ""
    adapts: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """A table and the column to search on or to learn from; None is the first validation column."""

    path: str
    column: str | None = None


@dataclass(frozen=True, slots=True)
class ExperimentPlan:
    """An experiment in plain values. Every worker process loads the tables itself.

    Attributes:
        space: Search space, by name or path. None is the shipped space that reads the tables.
        source: Task that principles are learned from. Replay and the frequency box take their architectures from it.
        targets: Tasks to search on.
        methods: Methods to compare.
        settings: Settings of a run.
        limit: Number of architectures after which a run ends, even if it has not reached the top 0.1 %.
        proposer: Creates the proposer that adapts principles.
        principles: First principles by the name that methods give.
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
    """A task to search on: its name, its table and the evaluator that reads it."""

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
        """The encodings of the top 1 %, rounded up."""
        return frozenset(arch.encoding for arch, _ in self.table.top(-(-len(self.table) // GOOD), self.metric))

    @cached_property
    def is_percentage(self) -> bool:
        """Whether the metric is a percentage: higher is better, and values are from 0 to 100 with some above 1."""
        values = self.table.values(self.metric)
        higher = self.evaluator.objective.direction == "higher"
        return higher and min(values) >= 0.0 and 1.0 < max(values) <= 100.0

    @cached_property
    def errors(self) -> list[float]:
        """The error of every row of the table, in its order.

        For a percentage the error is 100 minus the value. For every other metric it is the distance to the best row, in
        the unit of the metric.
        """
        values, best = self.table.values(self.metric), self.table.best(self.metric)[1]
        if self.is_percentage:
            return [100.0 - value for value in values]
        return [abs(best - value) for value in values]

    @cached_property
    def grid(self) -> list[float]:
        """Errors at which distributions are evaluated: evenly spaced from the smallest to the quantile `TAIL`."""
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
        """The proposer that changes principles of this name.

        It receives the archive of the source only if the principles were learned from it. All runs share one proposer:
        its results depend on its arguments alone, and its model of the source is expensive.
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
