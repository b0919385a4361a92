"""`lapt tables`: which tables of measured architectures there are, and what is best in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lapt_dsl.commands.options.common import complete_space_or_file, json_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lapt_dsl.diagnostics.diagnostic import Diagnostic
    from lapt_dsl.evaluate.tables.read_table import FoundTable
    from lapt_dsl.evaluate.tables.table import Table

_LONGEST = 100
"""Longer architectures are cut in the listing; `--json` has them whole."""

_OTHER_FILES = ("E701", "E708")
"""What is wrong with files in a folder that are simply something else."""


@click.command(
    "tables",
    epilog="""\b
Examples:
  lapt tables                              what is under $LAPT_DATA or ../shared/data
  lapt tables my.csv --space my.space
  lapt tables data/ --json""",
)
@click.argument("paths", nargs=-1, type=click.Path(), metavar="[PATH]...")
@click.option(
    "--space",
    "space",
    shell_complete=complete_space_or_file,
    metavar="SPACE",
    help="The tables' space, by name or path.",
)
@json_option
def command(paths: tuple[str, ...], space: str | None, as_json: bool) -> int:
    """Say what tables of measured architectures are found: space, rows, columns, best values and architectures.

    PATH is a table (CSV, JSON, Parquet or TransNASBench's .pth) or a folder of them. Without one, the folders of
    $LAPT_DATA are looked through, else ../shared/data. Exit code 1 where a table is broken or there is none at all.
    """
    from lapt_dsl.commands.views.output import exit_code, print_json, show_findings
    from lapt_dsl.compiler.building.library import load_space
    from lapt_dsl.evaluate.tables.read_table import data_folders, find_tables

    places = list(paths) or data_folders()
    # Loaded once and first, so that a wrong name is one finding and not one for every file.
    found = list(find_tables(places, load_space(space) if space is not None else None))
    named = set(paths)
    skipped = [item for item in found if _is_something_else(item, named)]
    findings: list[Diagnostic] = []
    for item in found:
        if item.error is not None and item not in skipped:
            findings += item.error.diagnostics
    tables = [item.table for item in found if item.table is not None]
    if as_json:
        print_json({"tables": [_as_json(table) for table in tables], "skipped": [item.path for item in skipped]})
    else:
        _show(tables, skipped)
    if findings:
        show_findings(findings)
        return exit_code(findings)
    if not tables and not as_json:
        where = f" under {', '.join(places)}" if places else ""
        click.echo(
            f"No table was found{where}. Name one (lapt tables FILE), or set LAPT_DATA to the folder they are in."
        )
    return 0 if tables else 1


def _is_something_else(item: FoundTable, named: set[str]) -> bool:
    return (
        item.error is not None
        and item.path not in named
        and all(finding.code in _OTHER_FILES for finding in item.error.diagnostics)
    )


def _as_json(table: Table) -> dict[str, object]:
    columns: list[dict[str, object]] = []
    for column in table.columns:
        arch, value = table.best(column.name)
        columns.append(
            {
                "name": column.name,
                "better": column.direction,
                "split": column.split,
                "best": value,
                "architecture": str(arch),
            }
        )
    size = table.coverage.denominator * len(table) // table.coverage.numerator
    return {
        "path": table.name,
        "space": table.space.name,
        "rows": len(table),
        "space_size": str(size),
        "coverage": float(table.coverage),
        "sha256": table.digest,
        "columns": columns,
    }


def _show(tables: Sequence[Table], skipped: Sequence[FoundTable]) -> None:
    from lapt_dsl.commands.views.output import share

    for table in tables:
        kept = share(table.coverage.numerator, table.coverage.denominator)
        rows_text = "1 row" if len(table) == 1 else f"{len(table):,} rows"
        click.echo(f"{table.name}\n  space {table.space.name}, {rows_text}, {kept} of the space\n")
        rows = [("column", "better", "split", "best", "architecture")]
        for column in table.columns:
            arch, value = table.best(column.name)
            text = str(arch)
            text = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
            rows.append((column.name, column.direction, column.split, f"{value:.6g}", text))
        widths = [max(len(row[index]) for row in rows) for index in range(4)]
        for row in rows:
            cells = [cell.ljust(width) for cell, width in zip(row[:3], widths[:3], strict=True)]
            click.echo("  " + "  ".join([*cells, row[3].rjust(widths[3]), row[4]]))
        click.echo()
    if skipped:
        click.echo(f"not tables: {', '.join(item.path for item in skipped)}")
