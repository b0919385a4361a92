"""`lapt store`: examine a run store, and save what can be saved of a damaged one."""

from __future__ import annotations

import click

from lapt_dsl.commands.options.common import json_option


@click.group("store")
def command() -> None:
    """Examine and repair the file that a search keeps its results in (--store)."""


@command.command(
    "check",
    epilog="""\b
Example:
  lapt store check run.db""",
)
@click.argument("path", type=click.Path(), metavar="RUN.db")
@json_option
def check(path: str, as_json: bool) -> int:
    """Say whether a run store is intact: its structure, and every row against its digest.

    The file is not changed. Exit code 1 for a damaged store.
    """
    from lapt_dsl.commands.views.output import print_json
    from lapt_dsl.search.store.repair import check_store

    report = check_store(path)
    if as_json:
        print_json({"path": path, "problems": report.problems, "evaluations": report.steps, "lost": report.lost})
    elif not report.problems:
        click.echo(f"{path}: intact, {_counted(report.steps)}")
    else:
        for problem in report.problems:
            click.echo(f"{path}: {problem}")
        click.echo(f"{_counted(report.steps)} can be saved, {report.lost} cannot: lapt store repair {path}")
    return 1 if report.problems else 0


@command.command(
    "repair",
    epilog="""\b
Example:
  lapt store repair run.db -o saved.db && lapt search --store saved.db --resume""",
)
@click.argument("path", type=click.Path(), metavar="RUN.db")
@click.option("-o", "output", type=click.Path(), metavar="FILE", help="The new store. [default: RUN.repaired.db]")
def repair(path: str, output: str | None) -> int:
    """Write the intact part of a run store, up to its first damaged step, to a new store.

    The damaged file is not changed.
    """
    from lapt_dsl.search.store.repair import default_output, repair_store

    target = output if output is not None else default_output(path)
    report = repair_store(path, target)
    click.echo(f"wrote {target}: {_counted(report.steps)}, {report.lost} lost")
    return 0


def _counted(steps: int) -> str:
    return "1 evaluation" if steps == 1 else f"{steps} evaluations"
