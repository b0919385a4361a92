"""`lapt models`: what the server of a language model supports."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import click

from lapt_dsl.commands.options.common import JSON
from lapt_dsl.commands.options.groups import option, verb
from lapt_dsl.commands.options.model import ServerOptions, SpendingOptions, build_client
from lapt_dsl.diagnostics.snippet import plain

if TYPE_CHECKING:
    from lapt_dsl.propose.model.budget import ModelBudget
    from lapt_dsl.propose.model.check import CheckReport


LONGEST_EVIDENCE = 140
"""Characters of the evidence shown in a table; --json has all of it."""


@click.group("models")
def command() -> None:
    """Check the servers of language models."""


@dataclass(frozen=True, kw_only=True)
class CheckOptions:
    """Everything that `lapt models check` takes."""

    server: ServerOptions = field(default_factory=ServerOptions)
    seconds: float = field(
        default=120.0,
        metadata=option(
            "--seconds",
            type=click.FloatRange(min=0, min_open=True),
            show_default=True,
            help="Time limit of the whole check in seconds.",
        ),
    )
    as_json: bool = field(default=False, metadata=JSON)


@verb(
    "check",
    CheckOptions,
    epilog="Example: lapt models check --base-url http://127.0.0.1:8080/v1 --model smollm2",
)
def check_command(options: CheckOptions) -> int:
    """Test which modes of constrained decoding a model server supports.

    Servers silently ignore parameters they do not know. Each mode is therefore tested with a grammar that allows only
    `zq7-` and four digits, which an unconstrained model would not write.

    Exit codes: 0 a constrained mode works, 1 the model answers but no constrained mode works, 2 it does not answer.
    """
    from lapt_dsl.commands.views.output import print_json
    from lapt_dsl.propose.model.check import check

    # A mode in which the server hangs must not use up the time for the others.
    server = replace(options.server, timeout=options.server.timeout or options.seconds / 3)
    client = build_client(server, spending=SpendingOptions(max_seconds=options.seconds))
    try:
        report = check(client, _progress if sys.stderr.isatty() else None)
    finally:
        client.close()
        if sys.stderr.isatty():
            click.echo("\r\x1b[K", err=True, nl=False)
    if options.as_json:
        print_json(_as_json(report, client.budget))
    else:
        _show(report, client.budget)
    return 0 if report.best not in (None, "plain") else 1


command.add_command(check_command)


def _progress(words: str) -> None:
    click.echo(f"\r\x1b[Kchecking: {plain(words)}", err=True, nl=False)


def _show(report: CheckReport, budget: ModelBudget) -> None:
    from textwrap import shorten

    from rich.table import Table

    from lapt_dsl.commands.views.output import console, print_table

    out = console()
    out.print(f"{report.model} at {report.base_url}, {report.server or 'an unidentified server'}\n")
    modes = Table(box=None, pad_edge=False)
    for name in ("mode", "verdict", "seconds", "tokens/s", "seen"):
        modes.add_column(name, justify="right" if name in ("seconds", "tokens/s") else "left", overflow="fold")
    for row in report.modes:
        seconds, speed = _number(row.seconds, 2), _number(row.tokens_per_second, 1)
        modes.add_row(row.mode, row.status, seconds, speed, shorten(row.why, LONGEST_EVIDENCE, placeholder=" ..."))
    print_table(out, modes)
    out.print()
    facts = Table(box=None, pad_edge=False)
    for name in ("question", "answer", "seen"):
        facts.add_column(name, overflow="fold")
    for fact in report.facts:
        facts.add_row(fact.question, fact.finding, shorten(fact.seen, LONGEST_EVIDENCE, placeholder=" ..."))
    print_table(out, facts)
    spent = budget.spent
    out.print(f"\n{spent.calls} calls, {spent.tokens:,} tokens, {spent.seconds:.1f} seconds")
    out.print(_advice(report))


def _advice(report: CheckReport) -> str:
    if report.best is None:
        return "no mode works: the model does not answer"
    if report.best == "plain":
        return "no constrained mode works; with --mode plain, replies are linted and sent back with their diagnostics"
    return f"use --mode {report.best}"


def _number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _as_json(report: CheckReport, budget: ModelBudget) -> dict[str, object]:
    spent = budget.spent
    return {
        "base_url": report.base_url,
        "model": report.model,
        "server": report.server,
        "best": report.best,
        "modes": [
            {
                "mode": row.mode,
                "verdict": row.status,
                "why": row.why,
                "seconds": row.seconds,
                "tokens_per_second": row.tokens_per_second,
            }
            for row in report.modes
        ],
        "facts": [{"question": fact.question, "finding": fact.finding, "seen": fact.seen} for fact in report.facts],
        "spent": {"calls": spent.calls, "tokens": spent.tokens, "seconds": round(spent.seconds, 3)},
    }
