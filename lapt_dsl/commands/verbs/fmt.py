"""`lapt fmt`: the one standard layout, keeping every comment and the meaning."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Sequence


@click.command(
    "fmt",
    epilog="""\b
Examples:
  lapt fmt examples/              rewrite every .lp and .space file below a folder
  lapt fmt --check .              for CI: say what would change, exit 1
  lapt fmt --diff my.lp           show what would change
  cat my.lp | lapt fmt -          from standard input to standard output""",
)
@click.argument("paths", nargs=-1, required=True, metavar="PATH... | -")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 where a file would change.")
@click.option("--diff", "show_diff", is_flag=True, help="Write nothing; print what would change, exit 1 if anything.")
def command(paths: Sequence[str], check: bool, show_diff: bool) -> int:
    """Rewrite principle and space files in the one standard layout.

    Comments and meaning stay; formatting twice changes nothing more. A file with syntax errors is left alone and its
    errors are shown. A folder stands for every .lp and .space file below it that is not hidden.
    """
    from lapt_dsl.commands.options.inputs import STANDARD_INPUT, read_inputs
    from lapt_dsl.commands.views.output import print_diff, show_findings, write_file
    from lapt_dsl.diagnostics.diagnostic import LaptError
    from lapt_dsl.language.printing.formatter import format_text

    changed, worst = 0, 0
    for source in read_inputs(paths):
        if isinstance(source, LaptError):
            show_findings(source.diagnostics)
            worst = 2
            continue
        name, text = source.name, source.text
        try:
            tidy = format_text(text, name)
        except LaptError as error:
            show_findings(error.diagnostics, {name: text})
            worst = max(worst, 1)
            continue
        if name == STANDARD_INPUT and not (check or show_diff):
            sys.stdout.write(tidy)
        elif tidy != text:
            changed += 1
            if show_diff:
                print_diff(name, text, tidy, "formatted")
            elif check:
                click.echo(f"would reformat {name}")
            else:
                write_file(name, tidy)
                click.echo(f"reformatted {name}")
    return max(worst, 1 if changed and (check or show_diff) else 0)
