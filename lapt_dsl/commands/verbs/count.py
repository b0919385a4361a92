"""`lapt count`: one exact integer."""

from __future__ import annotations

import click

from lapt_dsl.commands.options.common import json_option, max_nodes_option, space_option, what


@click.command(
    "count",
    epilog="""\b
Examples:
  lapt count darts                              9119789245425254400
  lapt count examples/nas201_imagenet.lp
  lapt count examples/any_transfer.lp --space trans101""",
)
@what
@space_option
@max_nodes_option
@json_option
def command(what: str, space: str | None, max_nodes: int | None, as_json: bool) -> int:
    """Print how many architectures WHAT holds: an exact integer in plain digits, alone on a line.

    WHAT is the name of a space (see `lapt spaces`), a .space file or a .lp file.
    """
    from lapt_dsl.commands.options.named_spaces import load
    from lapt_dsl.commands.views.output import print_json

    named = load(what, space, max_nodes)
    if as_json:
        print_json({"space": named.space.name, "size": str(named.refined.size)})
    else:
        click.echo(str(named.refined.size))
    return 0
