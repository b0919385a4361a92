"""Who evaluates for a search, and in which order results are told: options, and what is made of them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, redirect_stdout
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from lapt_dsl.search.schedule import ORDERS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeVar

    from lapt_dsl.evaluate.spec import EvaluatorSpec
    from lapt_dsl.search.run.session import Search
    from lapt_dsl.search.schedule import Schedule
    from lapt_dsl.search.workers.build import Workers
    from lapt_dsl.search.workers.executor import Executor

    Command = TypeVar("Command", bound=Callable[..., Any])

RETRIES = 2
GRACE = 10.0
"""Seconds and a tenth of the limit that an evaluator which keeps its own time limit is given to keep it."""


def worker_options(command: Command) -> Command:
    """`--workers`, `--ray` and what goes with them."""
    positive = click.IntRange(min=1)
    share = click.FloatRange(min=0)
    for option in reversed(
        [
            click.option("--workers", type=positive, metavar="N", help="Evaluate in so many processes of their own."),
            click.option("--ray", metavar="ADDRESS", help="Evaluate on a Ray cluster: auto, HOST:PORT, or local."),
            click.option("--order", type=click.Choice(ORDERS), help="Take results as asked or as finished. [asked]"),
            click.option("--window", type=positive, metavar="W", help="Architectures asked for ahead. [8, or 2 N]"),
            click.option(
                "--retries", type=click.IntRange(min=0), default=RETRIES, show_default=True, metavar="R",
                help="Tries after a worker died.",
            ),
            click.option("--worker-cpus", type=share, metavar="C", help="Cores a worker takes on Ray. [1]"),
            click.option("--worker-gpus", type=share, metavar="G", help="GPUs, or a share of one, on Ray. [0]"),
        ]
    ):  # fmt: skip
        command = option(command)
    return command


@contextmanager
def evaluated(search: Search, spec: EvaluatorSpec, options: Mapping[str, Any]) -> Iterator[tuple[Search, Executor]]:
    """A search with the schedule that the options say, and its workers for as long as the context lasts.

    Args:
        search: The search, with its evaluator.
        spec: How the evaluator was built.
        options: The verb's arguments, with those of `worker_options`, `space`, `store`, `resume` and the limits.

    Raises:
        click.UsageError: Options that contradict one another; Ray is not installed.
        LaptError: E875, there is no such cluster; E877, the evaluator cannot be sent to workers.
    """
    from lapt_dsl.search.workers.build import executor_for

    workers = _workers(spec, options)
    portable = _portable(spec, search, options["space"]) if workers.apart else None
    # What Ray has to tell of its nodes it prints, and results may go to a program.
    aside = redirect_stdout(sys.stderr) if workers.ray is not None else nullcontext()
    with aside, executor_for(workers, search.evaluator, portable, _notice) as executor:
        schedule = _schedule(options, executor.workers if workers.apart else None)
        if workers.apart:
            _advise(schedule, executor.workers)
        try:
            yield replace(search, schedule=schedule), executor
        except KeyboardInterrupt:
            if options["store"] is not None:
                click.echo(f"\nstopped; everything so far is in {options['store']}: go on with --resume", err=True)
            raise


def _workers(spec: EvaluatorSpec, options: Mapping[str, Any]) -> Workers:
    from lapt_dsl.evaluate.spec import KINDS
    from lapt_dsl.search.workers.build import Workers
    from lapt_dsl.search.workers.pool import PoolLimits

    ray = options["ray"]
    for name in ("worker_cpus", "worker_gpus"):
        if options[name] is not None and ray is None:
            raise click.UsageError(
                f"--{name.replace('_', '-')} says what a worker takes on a cluster: name it with --ray"
            )
    if ray is not None:
        _require_ray()
    takes = KINDS[spec.kind].takes
    seconds, memory = options["time_limit"], options["memory_limit"]
    if seconds is not None and "time_limit" in takes:
        seconds = seconds * 1.1 + GRACE
    if memory is not None and ray is not None and "memory_limit" not in takes:
        raise click.UsageError("--memory-limit bounds processes of this machine; Ray watches its nodes' memory itself")
    return Workers(
        options["workers"],
        ray,
        PoolLimits(options["retries"], seconds),
        None if "memory_limit" in takes else memory,
        1.0 if options["worker_cpus"] is None else options["worker_cpus"],
        options["worker_gpus"] or 0.0,
    )


def _require_ray() -> None:
    from importlib.util import find_spec

    if find_spec("ray") is None:
        raise click.UsageError("--ray needs Ray: pip install 'lapt-dsl[ray]'")


def _schedule(options: Mapping[str, Any], workers: int | None) -> Schedule:
    """What the options say, else what the run to be resumed has, else what suits the workers."""
    from lapt_dsl.search.workers.build import schedule_for

    order, window = options["order"], options["window"]
    if options["resume"]:
        kept = _kept(options["store"])
        order, window = order or kept[0], window or kept[1]
    return schedule_for(workers, order or "asked", window)


def _kept(store: str) -> tuple[Any, int | None]:
    """Order and window of the run in a store, so that it may be resumed with other workers, or none."""
    from lapt_dsl.diagnostics.diagnostic import LaptError
    from lapt_dsl.search.store.run_store import RunStore

    try:
        with RunStore.open(store, read_only=True) as opened:
            settings = opened.info().settings
    except LaptError:
        # Whatever is wrong with it, the search that opens it to go on says so, or begins it anew.
        return None, None
    order, window = settings.get("order", "asked"), settings.get("window", 1)
    return order if order in ORDERS else None, window if isinstance(window, int) and window > 0 else None


def _portable(spec: EvaluatorSpec, search: Search, file: str | None) -> EvaluatorSpec:
    from lapt_dsl.evaluate.spec import space_reference
    from lapt_dsl.search.workers.errors import worker_error

    try:
        return spec.portable(space_reference(search.evaluator.space, file))
    except ValueError as error:
        raise worker_error("E877", f"the evaluator cannot be sent to workers: {error}") from error


def _advise(schedule: Schedule, workers: int) -> None:
    """Say what the run depends on, so that it can be had again, and whether workers will be idle."""
    if schedule.order == "finished":
        click.echo("note: results are told in the order finished: another run will differ, this one resumes", err=True)
        return
    click.echo(f"note: results are told in the order asked, a window of {schedule.window} ahead (--window "
               f"{schedule.window} gives this run with any number of workers)", err=True)  # fmt: skip
    if schedule.window < workers:
        click.echo(f"note: {workers - schedule.window} of {workers} workers will be idle: --window {2 * workers}, or "
                   "--order finished, keeps all of them busy", err=True)  # fmt: skip


def _notice(message: str) -> None:
    click.echo(f"note: {message}", err=True)
