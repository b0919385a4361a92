"""The results of an experiment, for JSON, a table and figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from statistics import fmean

from lapt_dsl.experiments import statistics
from lapt_dsl.experiments.methods import BUDGET_ONLY
from lapt_dsl.experiments.quality import quality_of
from lapt_dsl.experiments.single import RunRecord
from lapt_dsl.experiments.study import Study, TargetTask
from lapt_dsl.propose.revisions import compile_revision

Values = dict[str, object]


def report(name: str, study: Study, seeds: int, records: Sequence[RunRecord]) -> Values:
    """Everything that `--json` prints; the same bytes for the same plan and seeds."""
    plan = study.plan
    return {
        "experiment": name,
        "space": study.space.name,
        "architectures": str(study.whole.size),
        "source": {"table": plan.source.path, "task": study.archive.task, "best": len(study.archive)},
        "seeds": seeds,
        "budget": plan.settings.budget,
        "limit": plan.limit,
        "settings": asdict(plan.settings),
        "targets": [_target(study, target) for target in study.targets],
        "results": [
            _result(study, target, method.name, method.title, _of(records, target.name, method.name))
            for target in study.targets
            for method in plan.methods
        ],
        "over_targets": [
            {
                "method": method.name,
                "rank": statistics.over_targets([record for record in records if record.method == method.name]),
            }
            for method in plan.methods
        ],
        "principles": dict(plan.principles),
    }


def _of(records: Sequence[RunRecord], target: str, method: str) -> list[RunRecord]:
    return [record for record in records if record.target == target and record.method == method]


def _target(study: Study, target: TargetTask) -> Values:
    objective = target.evaluator.objective
    best, value = target.table.best(target.metric)
    return {
        "name": target.name,
        "table": target.table.name,
        "metric": target.metric,
        "direction": objective.direction,
        "reported_metric": objective.reported,
        "top_0.1_percent": objective.value(target.threshold),
        "best": {"architecture": str(best), "value": value},
        "kept_of_top_1_percent": {
            name: _kept(study, target, text, name) for name, text in study.plan.principles.items()
        },
    }


def _kept(study: Study, target: TargetTask, text: str, name: str) -> Values:
    refined = compile_revision(text, f"{name}.lp", {}, study.space).refined
    quality = quality_of(refined, target)
    return {"size": str(refined.size), "share": None if quality is None else quality.kept}


def _result(study: Study, target: TargetTask, method: str, title: str, records: Sequence[RunRecord]) -> Values:
    plan = study.plan
    qualities = [record.quality for record in records if record.quality is not None]
    adapted: Values | None = None
    if qualities:
        adapted = {"size": fmean(each.size for each in qualities), "share": fmean(each.kept for each in qualities)}
    return {
        "target": target.name,
        "method": method,
        "title": title,
        "limit": plan.settings.budget if method in BUDGET_ONLY else max(plan.limit, plan.settings.budget),
        "evaluations_to_top_0.1_percent": statistics.evaluations_to_top(records),
        "rank": statistics.of_ranks(records),
        "reported": {"metric": target.evaluator.objective.reported, **statistics.of_reported(records)},
        "final_space": adapted,
        "principle_files": fmean(record.files for record in records),
    }


def details(study: Study, records: Sequence[RunRecord]) -> Values:
    """Data for the figures: mean search curves with intervals, and distributions of errors."""
    return {
        "curves": [
            {"target": target.name, "method": method.name, **_curve(_of(records, target.name, method.name))}
            for target in study.targets
            for method in study.plan.methods
        ],
        "errors": [_errors(study, target, records) for target in study.targets],
        "runs": [
            {
                "target": record.target,
                "method": record.method,
                "seed": record.seed,
                "reached": record.reached,
                "evaluated": record.evaluated,
                "rank": record.rank,
                "reported": record.reported,
            }
            for record in records
        ],
    }


def _curve(records: Sequence[RunRecord]) -> Values:
    """Mean of the best so far after each evaluation, and the middle 80 % of runs. A run that ended keeps its best."""
    length = max((len(record.curve) for record in records), default=0)
    mean, low, high = [], [], []
    for step in range(length):
        now = [record.curve[min(step, len(record.curve) - 1)] for record in records if record.curve]
        values = sorted(value for value in now if value is not None)
        if not values:
            continue
        mean.append(fmean(values))
        low.append(values[len(values) // 10])
        high.append(values[-1 - len(values) // 10])
    return {"mean": mean, "low": low, "high": high}


def _errors(study: Study, target: TargetTask, records: Sequence[RunRecord]) -> Values:
    """The distribution of errors in the full space, as learned, and after adaptation (averaged over seeds)."""
    spaces: Values = {}
    whole = quality_of(study.whole, target)
    if whole is not None:
        spaces["full"] = list(whole.edf)
    for name, text in study.plan.principles.items():
        quality = quality_of(compile_revision(text, f"{name}.lp", {}, study.space).refined, target)
        if quality is not None:
            spaces[name] = list(quality.edf)
    for method in study.plan.methods:
        found = [record.quality for record in _of(records, target.name, method.name) if record.quality is not None]
        if found and method.adapts:
            spaces[f"adapted by {method.name}"] = [
                fmean(column) for column in zip(*(q.edf for q in found), strict=True)
            ]
    unit = "error (%)" if target.is_percentage else f"distance to the best {target.metric}"
    return {"target": target.name, "unit": unit, "errors": target.grid, "share": spaces}
