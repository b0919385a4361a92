"""The results of the comparison of language models, for JSON and a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace

from lapt_dsl.experiments import statistics
from lapt_dsl.experiments.methods import LEARNED
from lapt_dsl.experiments.models import (
    BASELINES,
    EAGER,
    REFUSED,
    Comparison,
    ModelRow,
    is_question,
)
from lapt_dsl.experiments.parallel import run_all
from lapt_dsl.experiments.report import Values
from lapt_dsl.experiments.single import RunRecord
from lapt_dsl.experiments.study import Method, Study
from lapt_dsl.propose.model.budget import ModelBudget
from lapt_dsl.propose.model.proposer import ACCEPTED, AFTER_FIX
from lapt_dsl.search.settings import OFTEN, Settings

Baselines = dict[str, tuple[Method, Settings, list[RunRecord], str]]
"""By name: the method, its settings, its runs, and its first principles (empty for none)."""


def run_baselines(comparison: Comparison, methods: Sequence[Method] = BASELINES, workers: int = 1) -> Baselines:
    """Run the baselines. The records do not depend on the number of workers."""
    often = replace(comparison.settings, interval=OFTEN)
    found: Baselines = {}
    for settings, chosen in (
        (comparison.settings, tuple(method for method in methods if method.name != EAGER)),
        (often, tuple(method for method in methods if method.name == EAGER)),
    ):
        if not chosen:
            continue
        study = comparison.study(chosen, settings)
        records = run_all(study, comparison.seeds, workers)
        for method in chosen:
            text = study.plan.principles.get(LEARNED if method.principles else method.strategy, "")
            own = [record for record in records if record.method == method.name]
            found[method.name] = (method, settings, own, text)
    return {method.name: found[method.name] for method in methods}


def report(comparison: Comparison, rows: Sequence[ModelRow], baselines: Baselines) -> Values:
    """Everything that `--json` prints; the same bytes for the same recorded replies."""
    study = comparison.study((), comparison.settings)
    settings = comparison.settings
    return {
        "experiment": "models",
        "space": study.space.name,
        "architectures": str(study.whole.size),
        "source": {"table": study.plan.source.path, "task": study.archive.task, "best": len(study.archive)},
        "seeds": comparison.seeds,
        "budget": settings.budget,
        "evaluations_per_iteration": settings.evaluations_per_iteration,
        "rounds": comparison.writing.rounds,
        "fallback": comparison.fallback,
        "settings": asdict(settings),
        "targets": [
            {"name": target.name, "metric": target.metric, "best": target.table.best(target.metric)[1]}
            for target in study.targets
        ],
        "rows": [
            *(_model(comparison, study, row) for row in rows),
            *(_baseline(comparison, study, *each) for each in baselines.values()),
        ],
        "principles": {
            **{row.name: row.learned for row in rows if row.learned is not None},
            **{name: text for name, (_, _, _, text) in baselines.items() if text and name != EAGER},
        },
    }


def _baseline(
    comparison: Comparison, study: Study, method: Method, settings: Settings, records: list[RunRecord], text: str
) -> Values:
    return {
        "name": method.name,
        "title": method.title,
        "model": None,
        "mode": None,
        "every": settings.evaluations_per_iteration if method.adapts else None,
        **_ranks(comparison, study, records),
        "asked": None,
        "failed": [],
    }


def _model(comparison: Comparison, study: Study, row: ModelRow) -> Values:
    return {
        "name": row.name,
        "title": row.name,
        "model": row.model,
        "mode": row.mode,
        "every": comparison.settings.evaluations_per_iteration,
        **_ranks(comparison, study, row.records),
        "asked": asked(row),
        "failed": [asdict(each) for each in row.failed],
    }


def _ranks(comparison: Comparison, study: Study, records: Sequence[RunRecord]) -> Values:
    """The rank of the best found on each target, and its mean over targets of the seeds that ended on all of them."""
    names = [target.name for target in study.targets]
    whole = [
        seed
        for seed in range(comparison.seeds)
        if all(any(record.seed == seed and record.target == name for record in records) for name in names)
    ]
    return {
        "ranks": {name: statistics.of_ranks([each for each in records if each.target == name]) for name in names},
        "rank": statistics.over_targets([record for record in records if record.seed in whole]),
    }


def asked(row: ModelRow) -> Values:
    """Counts of the requests to a model, the results of its replies, and their cost."""
    first = [each for each in row.exchanges if is_question(each)]
    repairs = sum(each.request.task == "repair" for each in row.exchanges)
    budget = ModelBudget()
    budget.restore(row.exchanges)
    spent = budget.spent
    return {
        "files": row.files,
        "accepted_first_try": sum(each.outcome == ACCEPTED for each in first),
        "compiled_first_try": row.first_formed,
        "repair_rounds": repairs,
        "fixed": sum(each.outcome == AFTER_FIX for each in row.exchanges),
        "refused": sum(each.code == REFUSED for each in row.failed),
        "fell_back": row.fell_back,
        "calls": spent.calls,
        "prompt_tokens": spent.prompt_tokens,
        "completion_tokens": spent.completion_tokens,
        "seconds": round(spent.seconds, 3),
        "money": round(row.money, 6),
    }
