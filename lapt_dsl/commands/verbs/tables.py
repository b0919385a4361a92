"""`lapt tables`: the tables of published results that are available, and their best values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lapt_dsl.commands.options.common import COLUMNS, JSON, PATH, SPACE
from lapt_dsl.commands.options.groups import argument, verb
from lapt_dsl.commands.options.terminal import echo

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lapt_dsl.diagnostics.diagnostic import Diagnostic
    from lapt_dsl.evaluate.tables.read_table import FoundTable
    from lapt_dsl.evaluate.tables.table import Table

_LONGEST = 100
"""Longer architectures are truncated in the listing; `--json` has them in full."""

_OTHER_FILES = ("E701", "E708")
"""The codes for files in a folder that are not tables."""


@dataclass(frozen=True, kw_only=True)
class TablesOptions:
    """Everything that `lapt tables` takes."""

    paths: tuple[str, ...] = field(default=(), metadata=argument("[PATH]...", type=PATH, many=True))
    space: str | None = field(default=None, metadata=SPACE)
    columns: str | None = field(default=None, metadata=COLUMNS)
    as_json: bool = field(default=False, metadata=JSON)


@verb(
    "tables",
    TablesOptions,
    epilog="""\b
Examples:
  lapt tables                              tables below $LAPT_DATA or ../shared/data
  lapt tables my.csv --space my.space
  lapt tables data/ --json""",
)
def command(options: TablesOptions) -> int:
    """List tables of published results: space, rows, columns, best values and best architectures.

    PATH is a table (CSV, JSON, Parquet or the .pth file of TransNASBench) or a folder of tables. Without PATH, the
    folders of $LAPT_DATA are searched, else ../shared/data. The exit code is 1 if a table is broken or none is found.
    """
    from lapt_dsl.commands.views.output import exit_code, print_json, show_diagnostics
    from lapt_dsl.compiler.building.library import load_space
    from lapt_dsl.evaluate.tables.evaluator import split_columns
    from lapt_dsl.evaluate.tables.read_table import data_folders, find_tables

    places = list(options.paths) or data_folders()
    # Loaded once and first, so that a wrong name is one diagnostic and not one for every file.
    space = None if options.space is None else load_space(options.space)
    found = list(find_tables(places, space, split_columns(options.columns)))
    named = set(options.paths)
    skipped = [item for item in found if _is_something_else(item, named)]
    diagnostics: list[Diagnostic] = []
    for item in found:
        if item.error is not None and item not in skipped:
            diagnostics += item.error.diagnostics
    tables = [item.table for item in found if item.table is not None]
    if options.as_json:
        print_json({"tables": [_as_json(table) for table in tables], "skipped": [item.path for item in skipped]})
    else:
        _show(tables, skipped)
    if diagnostics:
        show_diagnostics(diagnostics)
        return exit_code(diagnostics)
    if not tables and not options.as_json:
        where = f" under {', '.join(places)}" if places else ""
        echo(f"No table was found{where}. Name one (lapt tables FILE), or set LAPT_DATA to the folder of your tables.")
    return 0 if tables else 1


def _is_something_else(item: FoundTable, named: set[str]) -> bool:
    return (
        item.error is not None
        and item.path not in named
        and all(diagnostic.code in _OTHER_FILES for diagnostic in item.error.diagnostics)
    )


def _as_json(table: Table) -> dict[str, object]:
    columns: list[dict[str, object]] = []
    for column in table.columns:
        best = table.best(column.name) if column.direction is not None else None
        columns.append(
            {
                "name": column.name,
                "better": column.direction,
                "split": column.split,
                "best": None if best is None else best[1],
                "architecture": None if best is None else str(best[0]),
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
        "notes": list(table.notes),
        "columns": columns,
    }


def _show(tables: Sequence[Table], skipped: Sequence[FoundTable]) -> None:
    from lapt_dsl.commands.views.output import share

    for table in tables:
        kept = share(table.coverage.numerator, table.coverage.denominator)
        rows_text = "1 row" if len(table) == 1 else f"{len(table):,} rows"
        echo(f"{table.name}\n  space {table.space.name}, {rows_text}, {kept} of the space\n")
        rows = [("column", "better", "split", "best", "architecture")]
        for column in table.columns:
            if column.direction is None:
                rows.append((column.name, "?", column.split, "", ""))
                continue
            arch, value = table.best(column.name)
            text = str(arch)
            text = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
            rows.append((column.name, column.direction, column.split, f"{value:.6g}", text))
        widths = [max(len(row[index]) for row in rows) for index in range(4)]
        for row in rows:
            cells = [cell.ljust(width) for cell, width in zip(row[:3], widths[:3], strict=True)]
            echo("  " + "  ".join([*cells, row[3].rjust(widths[3]), row[4]]))
        for note in table.notes:
            echo(f"  note: {note}")
        echo()
    if skipped:
        echo(f"not tables: {', '.join(item.path for item in skipped)}")
