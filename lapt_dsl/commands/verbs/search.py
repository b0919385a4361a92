"""`lapt search`: evaluate architectures inside principles, which follow the results."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import click

from lapt_dsl.commands.options.evaluators import build_evaluator, evaluator_spec
from lapt_dsl.commands.options.groups import verb
from lapt_dsl.commands.options.proposer import INDUCTION
from lapt_dsl.commands.options.resume import explained, recorded_options, resumed_options
from lapt_dsl.commands.options.search import SearchOptions
from lapt_dsl.commands.options.supernet import keeps_principles, prepare
from lapt_dsl.commands.options.terminal import echo
from lapt_dsl.commands.options.workers import scheduled_search
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.search.settings import OFTEN, PRESETS

if TYPE_CHECKING:
    from lapt_dsl.commands.options.proposer import ModelSession
    from lapt_dsl.evaluate.evaluator import Evaluator
    from lapt_dsl.evaluate.spec import EvaluatorSpec
    from lapt_dsl.search.run.loop import Result
    from lapt_dsl.search.run.session import Search
    from lapt_dsl.search.settings import Settings
    from lapt_dsl.search.strategy import Strategy

NOTHING_EVALUATED = 2
"""Exit code of a run whose every evaluation failed: the evaluator is broken, as after E821."""

FALLBACK = "nas201"
"""The preset of a space for which the paper has none."""


@verb(
    "search",
    SearchOptions,
    epilog="""\b
Examples:
  lapt search --table cifar10.json --principles general.lp --seed 0 --store run.db
  lapt search --store run.db --resume
  lapt search --store run.db --resume --budget 200
  lapt search --table final_valid.csv --task normal --principles general.lp --budget 50
  lapt search --space nas201 --evaluator train --data digits --budget 30 --store run.db
  lapt search --space darts --evaluator analytic --strategy evolution --json
  lapt search --table cifar10.json --source imagenet16-120.json --proposer llm --model qwen
  lapt search --table cifar10.json --principles general.lp --proposer manual --store run.db

\b
Exit codes: 0 done, 1 diagnostics in the input, 2 usage error, I/O error, or a failing evaluator or model server,
4 waiting for principles from a manual proposer, 130 interrupted by SIGINT, 143 by SIGTERM, 129 by SIGHUP.""",
)
def command(options: SearchOptions) -> int:
    """Search for good architectures inside principles that are updated from the results.

    With --store, every evaluation and every principle file is written to disk before it is used. An interrupted run
    continues with --resume, which needs no other option: the store records them. It ends exactly like an uninterrupted
    one, and repeats no evaluation. --budget may grow.

    The search optimizes the validation metric; the test metric, if there is one, is only reported. With --evaluator
    train, the best architecture is trained again at the end on the training and validation images and tested once.

    The proposer of the principles is induction, which costs nothing. With --proposer llm it is a language model. With
    --proposer manual you write them: the search stops where it needs principles, prints the next commands, and
    continues with --resume.
    """
    from lapt_dsl.commands.options.search_proposer import WAITS, waits_for_principles
    from lapt_dsl.commands.views import failures
    from lapt_dsl.commands.views.ending import reason_of
    from lapt_dsl.commands.views.output import print_json

    options.store.check()
    options = resumed_options(options)
    options.llm.check(options.proposer)
    apart = options.workers.apart
    spec = evaluator_spec(options.evaluator, options.table, options.principles, with_workers=apart)
    search, session = _search(spec, options, keeps_principles(spec, options))
    search = replace(search, command=recorded_options(options))
    evaluator = search.evaluator
    prepare(evaluator, spec, options)
    if notice := getattr(evaluator, "notice", None):
        echo(f"note: {notice}", err=True)
    try:
        strategy, result = _run(search, spec, options)
    except LaptError as error:
        if waits_for_principles(error):
            return WAITS
        raise explained(error, options) from error
    finally:
        if session is not None:
            echo(session.summary(), err=True)
    if (failed := failures.summary(result.steps)) is not None:
        echo(f"note: {failed}", err=True)
    if options.as_json:
        print_json(report(search, strategy, result))
    else:
        _show(evaluator, result)
        echo(reason_of(result, search.settings.budget))
    return NOTHING_EVALUATED if result.best is None and result.steps else 0


def _run(search: Search, spec: EvaluatorSpec, options: SearchOptions) -> tuple[Strategy, Result]:
    from lapt_dsl.commands.views.ending import EndingReport
    from lapt_dsl.commands.views.progress import SearchProgress
    from lapt_dsl.search.run.interruption import interruptible
    from lapt_dsl.search.run.session import run_search

    store, space = options.store, search.refined.space
    budget, as_json = search.settings.budget, options.as_json
    with (
        interruptible(),
        EndingReport(budget, store.store, as_json=as_json) as ending,
        scheduled_search(search, spec, options.evaluator, options.workers, store) as (scheduled, executor),
        SearchProgress(search.evaluator, budget, search.searched.size, space.name) as progress,
    ):
        watch = ending.counting(progress)
        return run_search(scheduled, store.store, store.resume, watch, executor, final=not options.no_test)


def _search(spec: EvaluatorSpec, options: SearchOptions, fixed: bool) -> tuple[Search, ModelSession | None]:
    """The search that the options describe, and the model that proposes its principles, if one does."""
    from lapt_dsl.commands.options.archives import read_archive
    from lapt_dsl.commands.options.named_spaces import compile_file, named_space
    from lapt_dsl.commands.options.search_proposer import proposer_setup
    from lapt_dsl.compiler.refined.refined_space import full
    from lapt_dsl.propose.revisions import flattened
    from lapt_dsl.search.run.session import Search

    strategy, seed, source, space = options.strategy, options.seed, options.source, options.evaluator.space
    _check_strategy_installed(strategy)
    evaluator = build_evaluator(spec, None if space is None else named_space(space))
    whole = full(evaluator.space)
    settings = _settings(options.preset, options.budget, evaluator.space.name)
    _check_source(strategy, source)
    archive = None if source is None else read_archive(source, evaluator.space, options.source_task)
    refined, text = whole, None
    if options.principles is not None:
        compiled = compile_file(options.principles, space or evaluator.space.name)
        refined, text = compiled.refined, flattened(compiled.program, evaluator.space)
    best = None if archive is None else archive.top(settings.archive)
    if strategy != "lapt":
        if options.proposer != INDUCTION:
            raise click.UsageError(
                f"--proposer {options.proposer} requires --strategy lapt: {strategy} does not change the principles"
            )
        return Search(evaluator, refined, strategy, settings, seed, text, archive=best), None
    setup = proposer_setup(options, whole, archive, settings, text, fixed=fixed)
    search = Search(
        evaluator, whole, strategy, setup.settings, seed, setup.text, setup.proposer, setup.name, best,
        asked=setup.asked,
    )  # fmt: skip
    return search, setup.session


def _check_strategy_installed(strategy: str) -> None:
    from lapt_dsl.search.strategies.tpe import is_installed

    if strategy == "tpe" and not is_installed():
        raise click.UsageError("--strategy tpe needs Optuna: pip install 'lapt-dsl[bridges]'")


def _check_source(strategy: str, source: str | None) -> None:
    from lapt_dsl.search.strategies.build import FROM_SOURCE

    if strategy in FROM_SOURCE and source is None:
        raise click.UsageError(f"--strategy {strategy} requires --source: it uses the best architectures of that table")


def _settings(preset: str | None, budget: int | None, space: str) -> Settings:
    if preset is None and space not in PRESETS:
        echo(f"note: no settings are published for `{space}`; those of {FALLBACK} are used (see --preset)", err=True)
    settings = PRESETS[preset or (space if space in PRESETS else FALLBACK)]
    settings = replace(settings, interval=OFTEN)
    return settings if budget is None else replace(settings, budget=budget)


def report(search: Search, strategy: Strategy, result: Result) -> dict[str, object]:
    """A finished search as a value for `--json`."""
    from lapt_dsl.commands.views import failures
    from lapt_dsl.evaluate.evaluator import Evaluation
    from lapt_dsl.search.run.loop import score_of
    from lapt_dsl.search.strategies.lapt import Lapt

    evaluator = search.evaluator
    best = result.best
    revisions = strategy.revisions if isinstance(strategy, Lapt) else []
    return {
        "space": search.refined.space.name,
        "objective": {**asdict(evaluator.objective)},
        "notice": getattr(evaluator, "notice", None),
        "strategy": search.strategy,
        "settings": asdict(search.settings),
        "seed": search.seed,
        "evaluated": len(result.steps),
        "ended": result.ended,
        "best": None
        if best is None
        else {"step": best.number, "architecture": str(best.arch), **_metrics(best.outcome)},
        **({} if result.final is None else {"final": _metrics(result.final)}),
        "principles": [
            {"name": file.name, "kind": file.kind, "step": file.step, "size": str(file.size)} for file in revisions
        ],
        "failed": failures.counted(failures.failed(result.steps)),
        "evaluations": [
            {
                "architecture": str(step.arch),
                "score": score_of(evaluator, step.outcome),
                **({} if isinstance(step.outcome, Evaluation) else _metrics(step.outcome)),
            }
            for step in result.steps
        ],
    }


def _metrics(outcome: object) -> dict[str, object]:
    from lapt_dsl.evaluate.evaluator import Evaluation, Failure

    if isinstance(outcome, Failure):
        return {"failure": outcome.kind, "message": outcome.message}
    # In the order in which a store gives them back, so that a resumed run reports the same bytes.
    return {"metrics": dict(sorted(outcome.metrics.items()))} if isinstance(outcome, Evaluation) else {}


def _show(evaluator: Evaluator, result: Result) -> None:
    from lapt_dsl.evaluate.evaluator import Evaluation

    best = result.best
    if best is None or not isinstance(best.outcome, Evaluation):
        echo("no evaluation succeeded")
        return
    echo(f"best of {len(result.steps)}, evaluation {best.number + 1}: {best.arch}")
    for name in dict.fromkeys((evaluator.objective.metric, evaluator.objective.reported)):
        if name in best.outcome.metrics:
            echo(f"  {name} {best.outcome.metrics[name]:.6g}")
    if isinstance(result.final, Evaluation):
        echo("trained again on the training and validation images, and tested once:")
        for name, value in sorted(result.final.metrics.items()):
            echo(f"  {name} {value:.6g}")
    elif result.final is not None:
        echo(f"the final evaluation on test data failed: {result.final.message}")
