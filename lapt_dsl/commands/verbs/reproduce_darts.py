"""`lapt reproduce darts`: principles and evolution in a space of 1e18, scored by a surrogate."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import click

from lapt_dsl.commands.options.common import json_option

if TYPE_CHECKING:
    from lapt_dsl.evaluate.evaluator import Evaluator


@click.command("darts", epilog="Example: lapt reproduce darts --surrogate nb301_surrogate.onnx -o out")
@click.option("--surrogate", required=True, type=click.Path(), metavar="FILE", help="NAS-Bench-301's surrogate, ONNX.")
@click.option(
    "--samples",
    type=click.IntRange(min=2),
    default=5000,
    show_default=True,
    help="Architectures sampled to learn from.",
)
@click.option("--archive", type=click.IntRange(min=1), default=100, show_default=True, help="How many are the best.")
@click.option("--seeds", type=click.IntRange(min=1), default=20, show_default=True, help="Seeds from 0.")
@click.option("--budget", type=click.IntRange(min=1), default=200, show_default=True, help="Architectures per run.")
@click.option("--workers", type=click.IntRange(min=1), default=2, show_default=True, help="Processes.")
@click.option("-o", "out", type=click.Path(), metavar="DIR", help="Write the figure, principles and JSON here.")
@json_option
def command(
    surrogate: str, samples: int, archive: int, seeds: int, budget: int, workers: int, out: str | None, as_json: bool
) -> int:
    """Principles from sampled DARTS cells, then evolution inside, beside the full space and random search.

    Each seed samples, learns and searches for itself. The surrogate knows one task only, so the samples are of the task
    that is searched: what learns from them has paid for them too, and the last comparison counts them.
    """
    from lapt_dsl.commands.views.output import print_json, write_files
    from lapt_dsl.compiler.targets.json_text import json_text
    from lapt_dsl.experiments.darts import details, report, run_darts
    from lapt_dsl.experiments.darts_run import DartsPlan
    from lapt_dsl.search.settings import PRESETS

    if archive > samples:
        raise click.UsageError("the best of the samples cannot be more than the samples: lower --archive")
    load = _Load(surrogate)
    evaluator = load()
    plan = DartsPlan(replace(PRESETS["darts"], budget=budget, archive=archive), samples)
    records = run_darts(plan, load, seeds, workers, _progress)
    values = report(plan, evaluator, records)
    if out is not None:
        more = details(records)
        texts = {f"learned-{record.seed:02d}.lp": record.principles for record in records}
        write_files(out, {"results.json": json_text({**values, **more}), **texts})
        _write_figure(out, values, more)
    if as_json:
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
    """One line on standard error: rewritten on a terminal, elsewhere a line for every seed."""
    line = f"{done}/{total} seeds"
    if sys.stderr.isatty():
        click.echo(f"\r{line:<30}" + ("\n" if done == total else ""), err=True, nl=False)
    else:
        click.echo(line, err=True)
