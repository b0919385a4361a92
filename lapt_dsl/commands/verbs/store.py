"""`lapt store`: check a run store, and repair a damaged one."""

from __future__ import annotations

from dataclasses import dataclass, field

import click

from lapt_dsl.commands.options.common import JSON, PATH
from lapt_dsl.commands.options.groups import argument, option, verb
from lapt_dsl.commands.options.terminal import echo


@click.group("store")
def command() -> None:
    """Check and repair run stores, the files in which searches record their results (--store)."""


@dataclass(frozen=True, kw_only=True)
class CheckStoreOptions:
    """Everything that `lapt store check` takes."""

    path: str = field(metadata=argument("RUN.db", type=PATH))
    as_json: bool = field(default=False, metadata=JSON)


@dataclass(frozen=True, kw_only=True)
class RepairStoreOptions:
    """Everything that `lapt store repair` takes."""

    path: str = field(metadata=argument("RUN.db", type=PATH))
    output: str | None = field(
        default=None, metadata=option("-o", type=PATH, metavar="FILE", help="New store. [default: RUN.repaired.db]")
    )


@verb("check", CheckStoreOptions, epilog="Example: lapt store check run.db")
def check(options: CheckStoreOptions) -> int:
    """Check whether a run store is intact: its structure, and every row against its digest.

    The file is not changed. The exit code is 1 for a damaged store.
    """
    from lapt_dsl.commands.views.output import print_json
    from lapt_dsl.search.store.repair import check_store

    path = options.path
    report = check_store(path)
    if options.as_json:
        print_json({"path": path, "problems": report.problems, "evaluations": report.steps, "lost": report.lost})
    elif not report.problems:
        echo(f"{path}: intact, {_counted(report.steps)}")
    else:
        for problem in report.problems:
            echo(f"{path}: {problem}")
        echo(f"{_counted(report.steps)} can be saved, {report.lost} cannot: lapt store repair {path}")
    return 1 if report.problems else 0


@verb(
    "repair",
    RepairStoreOptions,
    epilog="Example: lapt store repair run.db -o saved.db && lapt search --store saved.db --resume",
)
def repair(options: RepairStoreOptions) -> int:
    """Write the intact part of a run store, up to its first damaged step, to a new store.

    The damaged file is not changed.
    """
    from lapt_dsl.search.store.repair import default_output, repair_store

    target = options.output if options.output is not None else default_output(options.path)
    report = repair_store(options.path, target)
    echo(f"wrote {target}: {_counted(report.steps)}, {report.lost} lost")
    return 0


command.add_command(check)
command.add_command(repair)


def _counted(steps: int) -> str:
    return "1 evaluation" if steps == 1 else f"{steps} evaluations"
