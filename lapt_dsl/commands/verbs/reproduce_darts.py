"""`lapt reproduce darts`: principles and evolution in a space of 1e18, scored by a surrogate."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import click

from lapt_dsl.commands.options.common import JSON, PATH, POSITIVE, RUN_BUDGET, SEEDS
from lapt_dsl.commands.options.groups import option, verb
from lapt_dsl.commands.options.terminal import echo
from lapt_dsl.diagnostics.snippet import plain

if TYPE_CHECKING:
    from lapt_dsl.evaluate.evaluator import Evaluator


@dataclass(frozen=True, kw_only=True)
class DartsOptions:
    """Everything that `lapt reproduce darts` takes."""

    surrogate: str = field(
        metadata=option("--surrogate", type=PATH, metavar="FILE", help="Surrogate of NAS-Bench-301 in ONNX.")
    )
    samples: int = field(
        default=5000,
        metadata=option(
            "--samples", type=click.IntRange(min=2), show_default=True, help="Architectures sampled to learn from."
        ),
    )
    archive: int = field(
        default=100,
        metadata=option(
            "--archive", type=POSITIVE, show_default=True, help="Best architectures of the sample to learn from."
        ),
    )
    seeds: int = field(default=20, metadata=SEEDS)
    budget: int = field(default=200, metadata=RUN_BUDGET)
    workers: int = field(
        default=2,
        metadata=option("--workers", type=POSITIVE, show_default=True, help="Number of worker processes."),
    )
    out: str | None = field(
        default=None,
        metadata=option(
            "-o", type=PATH, metavar="DIR", help="Write the figure, principles and JSON to this directory."
        ),
    )
    as_json: bool = field(default=False, metadata=JSON)


@verb("darts", DartsOptions, epilog="Example: lapt reproduce darts --surrogate nb301_surrogate.onnx -o out")
def command(options: DartsOptions) -> int:
    """Learn from sampled DARTS cells and search inside; compared with the full space and random search.

    Each seed samples, learns and searches independently. The surrogate has one task only, so the samples are from the
    task that is searched: the methods that learn from them have used more evaluations, and the last comparison counts
    these as well.
    """
    from lapt_dsl.commands.views.output import print_json, write_files
    from lapt_dsl.compiler.targets.json_text import json_text
    from lapt_dsl.experiments.darts import details, report, run_darts
    from lapt_dsl.experiments.darts_run import DartsPlan
    from lapt_dsl.propose.induction.library import require_scipy
    from lapt_dsl.search.settings import PRESETS

    if options.archive > options.samples:
        raise click.UsageError("--archive must not exceed --samples")
    require_scipy("learning principles by statistics")
    load = _Load(options.surrogate)
    evaluator = load()
    plan = DartsPlan(replace(PRESETS["darts"], budget=options.budget, archive=options.archive), options.samples)
    records = run_darts(plan, load, options.seeds, options.workers, _progress)
    values = report(plan, evaluator, records)
    out = options.out
    if out is not None:
        more = details(records)
        texts = {f"learned-{record.seed:02d}.lp": record.principles for record in records}
        write_files(out, {"results.json": json_text({**values, **more}), **texts})
        _write_figure(out, values, more)
    if options.as_json:
        print_json(values)
    else:
        from lapt_dsl.commands.views.darts_table import show

        show(values)
    return 0


@dataclass(frozen=True, slots=True)
class _Load:
    """Loads the surrogate, in this process or in a worker."""

    file: str

    def __call__(self) -> Evaluator:
        from lapt_dsl.compiler.building.library import load_space
        from lapt_dsl.evaluate.surrogate.evaluator import SurrogateEvaluator

        return SurrogateEvaluator(load_space("darts"), self.file)


def _write_figure(directory: str, values: dict[str, object], more: dict[str, object]) -> None:
    from lapt_dsl.commands.views.figures import write_drawn
    from lapt_dsl.experiments.darts_figure import figure

    write_drawn(directory, lambda: {"search_curves.png": figure(values, more)})


def _progress(done: int, total: int) -> None:
    """One line on standard error: rewritten on a terminal, elsewhere one line per seed."""
    line = f"{done}/{total} seeds"
    if sys.stderr.isatty():
        click.echo(f"\r{plain(line):<30}" + ("\n" if done == total else ""), err=True, nl=False)
    else:
        echo(line, err=True)
