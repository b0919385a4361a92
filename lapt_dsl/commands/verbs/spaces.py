"""`lapt spaces`: the search spaces shipped with lapt."""

from __future__ import annotations

from dataclasses import dataclass, field

from lapt_dsl.commands.options.common import JSON
from lapt_dsl.commands.options.groups import verb


@dataclass(frozen=True, kw_only=True)
class SpacesOptions:
    """Everything that `lapt spaces` takes."""

    as_json: bool = field(default=False, metadata=JSON)


@verb(
    "spaces",
    SpacesOptions,
    epilog="""\b
Examples:
  lapt spaces
  lapt spaces --json
  lapt show nas201          the cells of one space""",
)
def command(options: SpacesOptions) -> int:
    """List the search spaces shipped with lapt: name, exact size and description.

    Your own space is a .space file; every verb accepts its path in place of a name.
    """
    from lapt_dsl import spaces
    from lapt_dsl.commands.views.output import console, print_json, print_table
    from lapt_dsl.compiler.building.library import load_space
    from lapt_dsl.compiler.refined.refined_space import full

    rows = []
    for name in spaces.names():
        space = load_space(name)
        rows.append(
            {
                "name": name,
                "size": str(full(space).size),
                "description": space.description,
                "cells": [cell.name for cell in space.cells],
                "operators": [operator.name for operator in space.operators],
                "traits": sorted(space.traits),
                "networks": [network.name for network in space.networks],
            }
        )
    if options.as_json:
        print_json(rows)
        return 0
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for heading in ("space", "size", "description"):
        table.add_column(heading, justify="right" if heading == "size" else "left")
    for row in rows:
        table.add_row(str(row["name"]), f"{int(str(row['size'])):,}", str(row["description"] or ""))
    print_table(console(), table)
    return 0
