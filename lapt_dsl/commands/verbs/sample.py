"""`lapt sample`: architectures drawn from what is left, as strings."""

from __future__ import annotations

import click

from lapt_dsl.commands.options.common import json_option, max_nodes_option, space_option, what

BATCH = 4096
"""Architectures drawn and printed at a time, so that a large `-n` starts at once and needs little memory."""


@click.command(
    "sample",
    epilog="""\b
Examples:
  lapt sample nas201 -n 3 --seed 0
  lapt sample my.lp -n 1000 --seed 7 > population.txt
  lapt sample my.lp --uniform --json""",
)
@what
@click.option("-n", "number", type=click.IntRange(min=0), default=1, show_default=True, help="How many to draw.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Same seed, same architectures.")
@click.option("--uniform", is_flag=True, help="Ignore the preferences: every architecture equally likely.")
@space_option
@max_nodes_option
@json_option
def command(
    what: str, number: int, seed: int, uniform: bool, space: str | None, max_nodes: int | None, as_json: bool
) -> int:
    """Draw architectures from WHAT, one a line in the space's own notation.

    WHAT is the name of a space, a .space file or a .lp file. Every draw satisfies the principles; none is rejected and
    drawn again. Draws follow the preferences (`prefer`) and are independent, so an architecture can come twice.
    """
    from lapt_dsl.commands.options.named_spaces import load
    from lapt_dsl.commands.views.output import print_json

    named = load(what, space, max_nodes)
    if number and not named.refined:
        click.echo(f"{named.heading}: no architecture is left to draw from; `lapt lint {what}` says why", err=True)
        return 1
    import numpy as np

    rng = np.random.default_rng(seed)
    drawn: list[str] = []
    for start in range(0, number, BATCH):
        batch = named.refined.sample(min(BATCH, number - start), rng, uniform=uniform)
        texts = [named.space.format_arch(arch) for arch in batch]
        if as_json:
            drawn += texts
        else:
            click.echo("\n".join(texts))
    if as_json:
        print_json({"space": named.space.name, "seed": seed, "uniform": uniform, "architectures": drawn})
    return 0
