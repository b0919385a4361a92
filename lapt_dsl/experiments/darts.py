"""The DARTS experiment over several seeds and processes, and its results for JSON, table and figure."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from statistics import fmean

from lapt_dsl.evaluate.evaluator import Evaluator
from lapt_dsl.experiments.darts_run import METHODS, DartsMethod, DartsPlan, SeedRecord, run_seed, searched
from lapt_dsl.experiments.statistics import summary

Values = dict[str, object]
Load = Callable[[], Evaluator]
"""Creates the evaluator. It is called once in every process, so it must be picklable."""

_loaded: list[tuple[DartsPlan, Evaluator]] = []
"""The plan and the evaluator of this worker process."""


def run_darts(
    plan: DartsPlan, load: Load, seeds: int, workers: int = 1, watch: Callable[[int, int], None] = lambda *_: None
) -> list[SeedRecord]:
    """Run seeds 0 to `seeds` - 1.

    Args:
        plan: The experiment.
        load: Creates the evaluator.
        seeds: Number of seeds.
        workers: Number of processes; 1 runs in this process.
        watch: Called after each seed with the number of finished seeds and of all seeds.

    Returns:
        Records in order of the seed, the same for any number of workers.
    """
    records: list[SeedRecord] = []
    for record in _records(plan, load, seeds, min(workers, seeds)):
        records.append(record)
        watch(len(records), seeds)
    return records


def _records(plan: DartsPlan, load: Load, seeds: int, workers: int) -> Iterator[SeedRecord]:
    if workers <= 1:
        evaluator = load()
        yield from (run_seed(plan, evaluator, seed) for seed in range(seeds))
        return
    # Spawn, not fork: a session of onnxruntime belongs to the process that created it.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, _load, (plan, load)) as pool:
        yield from pool.map(_in_worker, range(seeds))


def _load(plan: DartsPlan, load: Load) -> None:
    _loaded[:] = [(plan, load())]


def _in_worker(seed: int) -> SeedRecord:
    return run_seed(*_loaded[0], seed)


# --- values ---------------------------------------------------------------------------------------------------


def report(plan: DartsPlan, evaluator: Evaluator, records: Sequence[SeedRecord]) -> Values:
    """Everything that `--json` prints; the same bytes for the same plan, surrogate and seeds."""
    return {
        "experiment": "darts",
        "notice": getattr(evaluator, "notice", None),
        "evaluator": evaluator.describe(),
        "metric": evaluator.objective.metric,
        "space": evaluator.space.name,
        "architectures": str(searched(evaluator.space).size),
        "source": {
            "samples": plan.samples,
            "learned_from": plan.settings.archive,
            "best": summary([record.archive_best for record in records]),
            "last_learned_from": summary([record.archive_last for record in records]),
            "outside": fmean(record.outside for record in records),
        },
        "seeds": len(records),
        "budget": plan.settings.budget,
        "settings": asdict(plan.settings),
        "refined_size": summary([float(record.refined_size) for record in records]),
        "box_size": summary([float(record.box_size) for record in records]),
        "results": [_result(plan, method, records) for method in METHODS],
        "comparisons": _comparisons(plan, records),
    }


def checkpoints(plan: DartsPlan) -> tuple[int, ...]:
    """Evaluation counts for comparisons: a tenth of the budget, the budget, ten budgets, and budget plus samples."""
    budget = plan.settings.budget
    return tuple(dict.fromkeys((max(1, budget // 10), budget, plan.long, plan.total)))


def at(record: SeedRecord, method: str, evaluations: int) -> float | None:
    """The best of a method after a number of evaluations; None if it was stopped earlier by its budget."""
    trace = record.traces[method]
    ended = len(trace.best) < trace.budget
    if not trace.best or (evaluations > len(trace.best) and not (ended and evaluations <= trace.budget)):
        return None
    return trace.best[min(evaluations, len(trace.best)) - 1]


def _values(records: Sequence[SeedRecord], method: str, evaluations: int) -> list[float]:
    return [value for record in records if (value := at(record, method, evaluations)) is not None]


def _result(plan: DartsPlan, method: DartsMethod, records: Sequence[SeedRecord]) -> Values:
    traces = [record.traces[method.name] for record in records]
    return {
        "method": method.name,
        "title": method.title,
        "learned_from_samples": plan.samples if method.learns else 0,
        "best_after": [
            {"evaluations": count, **summary(found)}
            for count in checkpoints(plan)
            if (found := _values(records, method.name, count))
        ],
        "outside_share": fmean(trace.failed / max(1, len(trace.best)) for trace in traces),
    }


def _comparisons(plan: DartsPlan, records: Sequence[SeedRecord]) -> list[Values]:
    """The comparisons of the experiment: differences between the best of two methods, per seed."""
    budget = plan.settings.budget
    tenth, long = max(1, budget // 10), plan.long
    asked = [
        ("refined", tenth, "evolution", budget),
        ("focused", tenth, "evolution", budget),
        ("refined", budget, "evolution", long),
        ("focused", budget, "evolution", long),
        ("refined", budget, "evolution", budget),
        ("refined", budget, "random", budget),
        ("refined", budget, "box", budget),
        ("adapted", budget, "refined", budget),
        ("refined", budget, "evolution", plan.total),
    ]
    found = [_comparison(records, *question) for question in asked]
    best = [value - r.archive_best for r in records if (value := at(r, "refined", budget)) is not None]
    found.append(_compared(best, "refined", budget, "replay", 1))
    return found


def _comparison(records: Sequence[SeedRecord], one: str, first: int, other: str, second: int) -> Values:
    pairs = [(at(record, one, first), at(record, other, second)) for record in records]
    differences = [mine - theirs for mine, theirs in pairs if mine is not None and theirs is not None]
    return _compared(differences, one, first, other, second)


def _compared(differences: Sequence[float], one: str, first: int, other: str, second: int) -> Values:
    found = summary(differences)
    interval = found["interval"]
    verdict = "not known"
    if isinstance(interval, list):
        verdict = "above" if interval[0] > 0 else "below" if interval[1] < 0 else "no difference shown"
    return {
        "method": one,
        "evaluations": first,
        "against": other,
        "its_evaluations": second,
        "difference": found,
        "verdict": verdict,
    }


def details(records: Sequence[SeedRecord]) -> Values:
    """Data for the figure, and every run: mean best so far with the middle 80 % of seeds."""
    curves = []
    for method in METHODS:
        traces = [record.traces[method.name].best for record in records]
        length = min(len(trace) for trace in traces)
        rows = [[value for trace in traces if (value := trace[step]) is not None] for step in range(length)]
        curves.append({"method": method.name, "title": method.title, **_curve([sorted(row) for row in rows if row])})
    runs = [
        {
            "seed": record.seed,
            "archive_best": record.archive_best,
            "refined_size": str(record.refined_size),
            "final": {name: trace.best[-1] if trace.best else None for name, trace in record.traces.items()},
        }
        for record in records
    ]
    return {"curves": curves, "runs": runs}


def _curve(rows: Sequence[Sequence[float]]) -> Values:
    return {
        "mean": [fmean(row) for row in rows],
        "low": [row[len(row) // 10] for row in rows],
        "high": [row[-1 - len(row) // 10] for row in rows],
    }
