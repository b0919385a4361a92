"""`lapt models`: what a language model's server really does."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from lapt_dsl.commands.options.common import json_option
from lapt_dsl.commands.options.model import endpoint_options

if TYPE_CHECKING:
    from lapt_dsl.propose.model.budget import ModelBudget
    from lapt_dsl.propose.model.check import CheckReport


MOST_SEEN = 140
"""Characters of what was seen in a table; --json has all of it."""


@click.group("models")
def command() -> None:
    """Language models that can write principles."""


@command.command("check", epilog="Example: lapt models check --base-url http://127.0.0.1:8080/v1 --model smollm2")
@endpoint_options
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=120.0,
    show_default=True,
    help="Stop asking after this long.",
)
@json_option
def check_command(seconds: float, as_json: bool, **options: Any) -> int:
    """Converse with an endpoint, and print which modes it really honours.

    Servers ignore what they do not know without a word. So each mode is asked for what an unconstrained model would not
    say: a grammar that allows nothing but `zq7-` and four digits.

    Exit codes: 0 a constrained mode is honoured, 1 the model answers but is held to nothing, 2 it cannot be asked.
    """
    from lapt_dsl.commands.options.model import client_from
    from lapt_dsl.commands.views.output import print_json
    from lapt_dsl.propose.model.check import check

    # One mode in which the server hangs is not to cost the answers about the others.
    timeout = options.pop("timeout") or seconds / 3
    client = client_from({**options, "timeout": timeout, "max_seconds": seconds})
    try:
        report = check(client, _progress if sys.stderr.isatty() else None)
    finally:
        client.close()
        if sys.stderr.isatty():
            click.echo("\r\x1b[K", err=True, nl=False)
    if as_json:
        print_json(_as_json(report, client.budget))
    else:
        _show(report, client.budget)
    return 0 if report.best not in (None, "plain") else 1


def _progress(words: str) -> None:
    click.echo(f"\r\x1b[Kasking: {words}", err=True, nl=False)


def _show(report: CheckReport, budget: ModelBudget) -> None:
    from textwrap import shorten

    from rich.table import Table

    from lapt_dsl.commands.views.output import console, print_table

    out = console()
    out.print(f"{report.model} at {report.base_url}, {report.server or 'a server that does not say what it is'}\n")
    modes = Table(box=None, pad_edge=False)
    for name in ("mode", "verdict", "seconds", "tokens/s", "seen"):
        modes.add_column(name, justify="right" if name in ("seconds", "tokens/s") else "left", overflow="fold")
    for row in report.modes:
        seconds, speed = _number(row.seconds, 2), _number(row.tokens_per_second, 1)
        modes.add_row(row.mode, row.verdict, seconds, speed, shorten(row.why, MOST_SEEN, placeholder=" ..."))
    print_table(out, modes)
    out.print()
    facts = Table(box=None, pad_edge=False)
    for name in ("question", "answer", "seen"):
        facts.add_column(name, overflow="fold")
    for fact in report.facts:
        facts.add_row(fact.question, fact.finding, shorten(fact.seen, MOST_SEEN, placeholder=" ..."))
    print_table(out, facts)
    spent = budget.spent
    out.print(f"\n{spent.calls} calls, {spent.tokens:,} tokens, {spent.seconds:.1f} seconds")
    out.print(_advice(report))


def _advice(report: CheckReport) -> str:
    if report.best is None:
        return "no mode works: the model does not answer"
    if report.best == "plain":
        return "no constrained mode works; with --mode plain, replies are linted and sent back with what is wrong"
    return f"use --mode {report.best}"


def _number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _as_json(report: CheckReport, budget: ModelBudget) -> dict[str, Any]:
    spent = budget.spent
    return {
        "base_url": report.base_url,
        "model": report.model,
        "server": report.server,
        "best": report.best,
        "modes": [
            {
                "mode": row.mode,
                "verdict": row.verdict,
                "why": row.why,
                "seconds": row.seconds,
                "tokens_per_second": row.tokens_per_second,
            }
            for row in report.modes
        ],
        "facts": [{"question": fact.question, "finding": fact.finding, "seen": fact.seen} for fact in report.facts],
        "spent": {"calls": spent.calls, "tokens": spent.tokens, "seconds": round(spent.seconds, 3)},
    }
