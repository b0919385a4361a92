"""The workers of a search and the order in which it processes results: options, and what is built from them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, redirect_stdout
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import click

from lapt_dsl.commands.options.common import NATURAL, POSITIVE
from lapt_dsl.commands.options.groups import AliasedChoice, option
from lapt_dsl.commands.options.terminal import echo
from lapt_dsl.search.schedule import ORDERS

if TYPE_CHECKING:
    from lapt_dsl.commands.options.evaluators import EvaluatorSelection
    from lapt_dsl.commands.options.stores import StoreOptions
    from lapt_dsl.evaluate.spec import EvaluatorSpec
    from lapt_dsl.search.run.session import Search
    from lapt_dsl.search.schedule import Order, Schedule
    from lapt_dsl.search.workers.build import Workers
    from lapt_dsl.search.workers.executor import Executor

RETRIES = 2
GRACE = 10.0
"""Seconds that, with a tenth of the limit, an evaluator with a time limit of its own has to enforce it."""

ORDER_NAMES: dict[str, Order] = {"submission": "asked", "completion": "finished"}
"""The values of `--order`, with those that a run store records."""

_SHARE = click.FloatRange(min=0)


@dataclass(frozen=True, kw_only=True)
class WorkerOptions:
    """Which processes evaluate, and in which order their results are processed."""

    workers: int | None = field(
        default=None, metadata=option("--workers", type=POSITIVE, metavar="N", help="Number of worker processes.")
    )
    ray: str | None = field(
        default=None,
        metadata=option("--ray", metavar="ADDRESS", help="Evaluate on a Ray cluster: auto, HOST:PORT or local."),
    )
    order: str | None = field(
        default=None,
        metadata=option(
            "--order",
            type=AliasedChoice(tuple(ORDER_NAMES), {stored: name for name, stored in ORDER_NAMES.items()}),
            help="Order in which results are processed. [default: submission]",
        ),
    )
    window: int | None = field(
        default=None,
        metadata=option(
            "--window", type=POSITIVE, metavar="W", help="Evaluations in flight. [default: 8, or 2 per worker above 8]"
        ),
    )
    retries: int = field(
        default=RETRIES,
        metadata=option(
            "--retries",
            type=NATURAL,
            show_default=True,
            metavar="R",
            help="Retries of an evaluation whose worker died.",
        ),
    )
    worker_cpus: float | None = field(
        default=None,
        metadata=option("--worker-cpus", type=_SHARE, metavar="C", help="CPU cores per Ray worker. [default: 1]"),
    )
    worker_gpus: float | None = field(
        default=None,
        metadata=option(
            "--worker-gpus", type=_SHARE, metavar="G", help="GPUs per Ray worker, fractions allowed. [default: 0]"
        ),
    )

    @property
    def apart(self) -> bool:
        """Whether evaluations happen in other processes than this one."""
        return self.workers is not None or self.ray is not None


@contextmanager
def scheduled_search(
    search: Search, spec: EvaluatorSpec, selection: EvaluatorSelection, options: WorkerOptions, store: StoreOptions
) -> Iterator[tuple[Search, Executor]]:
    """A search with its schedule, and its workers for as long as the context lasts.

    Args:
        search: The search, with its evaluator.
        spec: How the evaluator was built.
        selection: The options it was built from, with the limits that workers enforce.
        options: The workers and the schedule.
        store: The run store, whose schedule a resumed run keeps.

    Raises:
        click.UsageError: Options that contradict one another; Ray is not installed.
        LaptError: E875, there is no such cluster; E877, the evaluator cannot be sent to workers.
    """
    from lapt_dsl.search.workers.build import executor_for

    workers = _workers(spec, selection, options)
    portable = _portable(spec, search, selection.space) if workers.apart else None
    # Ray prints notes about its nodes to standard output, which may be read by a program.
    aside = redirect_stdout(sys.stderr) if workers.ray is not None else nullcontext()
    with aside, executor_for(workers, search.evaluator, portable, _notice) as executor:
        schedule = _schedule(options, store, executor.workers if workers.apart else None)
        if workers.apart:
            _advise(schedule, executor.workers)
        yield replace(search, schedule=schedule), executor


def _workers(spec: EvaluatorSpec, selection: EvaluatorSelection, options: WorkerOptions) -> Workers:
    from lapt_dsl.evaluate.spec import KINDS
    from lapt_dsl.search.workers.build import Workers
    from lapt_dsl.search.workers.pool import PoolLimits

    ray = options.ray
    for name, share in (("--worker-cpus", options.worker_cpus), ("--worker-gpus", options.worker_gpus)):
        if share is not None and ray is None:
            raise click.UsageError(f"{name} applies to the workers of a cluster: name it with --ray")
    if ray is not None:
        _require_ray()
    takes = KINDS[spec.kind].takes
    seconds, memory = selection.time_limit, selection.memory_limit
    if seconds is not None and "time_limit" in takes:
        seconds = seconds * 1.1 + GRACE
    if memory is not None and ray is not None and "memory_limit" not in takes:
        raise click.UsageError("--memory-limit applies to local processes; Ray watches the memory of its nodes itself")
    return Workers(
        options.workers,
        ray,
        PoolLimits(options.retries, seconds),
        None if "memory_limit" in takes else memory,
        1.0 if options.worker_cpus is None else options.worker_cpus,
        options.worker_gpus or 0.0,
    )


def _require_ray() -> None:
    from importlib.util import find_spec

    if find_spec("ray") is None:
        raise click.UsageError("--ray needs Ray: pip install 'lapt-dsl[ray]'")


def _schedule(options: WorkerOptions, store: StoreOptions, workers: int | None) -> Schedule:
    """The schedule of the options, else that of the run to be resumed, else the default for the workers."""
    from lapt_dsl.search.workers.build import schedule_for

    order = None if options.order is None else ORDER_NAMES[options.order]
    window = options.window
    if store.resume and store.store is not None:
        recorded = _recorded(store.store)
        order, window = order or recorded[0], window or recorded[1]
    return schedule_for(workers, order or "asked", window)


def _recorded(store: str) -> tuple[Order | None, int | None]:
    """Order and window of the run in a store, so that it may be resumed with other workers, or none."""
    from lapt_dsl.diagnostics.diagnostic import LaptError
    from lapt_dsl.search.store.run_store import RunStore

    try:
        with RunStore.open(store, read_only=True) as opened:
            settings = opened.info().settings
    except LaptError:
        # The search that opens the store to continue reports any fault in it, or begins a new run.
        return None, None
    order, window = settings.get("order", "asked"), settings.get("window", 1)
    known = next((each for each in ORDERS if each == order), None)
    return known, window if isinstance(window, int) and window > 0 else None


def _portable(spec: EvaluatorSpec, search: Search, file: str | None) -> EvaluatorSpec:
    from lapt_dsl.evaluate.spec import space_reference
    from lapt_dsl.search.workers.errors import worker_error

    try:
        return spec.portable(space_reference(search.evaluator.space, file))
    except ValueError as error:
        raise worker_error("E877", f"the evaluator cannot be sent to workers: {error}") from error


def _advise(schedule: Schedule, workers: int) -> None:
    """Print what the result depends on, so that the run can be repeated, and whether workers will be idle."""
    if schedule.order == "finished":
        _notice("results are processed in completion order: another run will differ, --resume repeats this one")
        return
    window = schedule.window
    in_flight = "1 evaluation" if window == 1 else f"{window} evaluations"
    _notice(
        f"results are processed in submission order with {in_flight} in flight"
        f" (--window {window} repeats this run with any number of workers)"
    )
    if window < workers:
        _notice(
            f"{workers - window} of {workers} workers will be idle; --window {2 * workers} or --order completion"
            " keeps all of them busy"
        )


def _notice(message: str) -> None:
    echo(f"note: {message}", err=True)
