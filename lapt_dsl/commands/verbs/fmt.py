"""`lapt fmt`: the standard layout of a file, which keeps its comments and its meaning."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lapt_dsl.commands.options.common import PATHS
from lapt_dsl.commands.options.groups import option, verb
from lapt_dsl.commands.options.terminal import echo

if TYPE_CHECKING:
    from lapt_dsl.compiler.program.source_files import SourceFile


@dataclass(frozen=True, kw_only=True)
class FormatOptions:
    """Everything that `lapt fmt` takes."""

    paths: tuple[str, ...] = field(metadata=PATHS)
    check: bool = field(
        default=False,
        metadata=option("--check", flag=True, help="Write nothing; exit with code 1 if a file would change."),
    )
    diff: bool = field(
        default=False,
        metadata=option("--diff", flag=True, help="Write nothing; print the changes, exit with code 1 if any."),
    )


@verb(
    "fmt",
    FormatOptions,
    epilog="""\b
Examples:
  lapt fmt .                      rewrite every .lp and .space file below a folder
  lapt fmt --check .              for CI: list files that would change, exit code 1
  lapt fmt --diff my.lp           show the changes
  cat my.lp | lapt fmt -          from standard input to standard output

\b
Exit codes: 0 done, 1 a syntax error, or a change with --check or --diff, 2 usage error or I/O error.""",
)
def command(options: FormatOptions) -> int:
    """Rewrite principle and space files in the standard layout.

    Comments and meaning are preserved, and formatting is idempotent. A file with syntax errors is left unchanged and
    its errors are shown. A folder is searched for .lp and .space files; hidden files are skipped.
    """
    from lapt_dsl.commands.options.inputs import read_inputs
    from lapt_dsl.commands.views.output import show_diagnostics
    from lapt_dsl.diagnostics.diagnostic import LaptError
    from lapt_dsl.language.printing.formatter import format_text

    changed, worst = 0, 0
    for source in read_inputs(options.paths):
        if isinstance(source, LaptError):
            show_diagnostics(source.diagnostics)
            worst = 2
            continue
        try:
            formatted = format_text(source.text, source.name)
        except LaptError as error:
            show_diagnostics(error.diagnostics, {source.name: source.text})
            worst = max(worst, 1)
            continue
        changed += _write(source, formatted, options)
    return max(worst, 1 if changed and (options.check or options.diff) else 0)


def _write(source: SourceFile, formatted: str, options: FormatOptions) -> bool:
    """Write, print or report a formatted text; whether it differs. Standard input is printed and never counts."""
    from lapt_dsl.commands.options.inputs import STANDARD_INPUT
    from lapt_dsl.commands.views.output import print_diff, write_file, write_text

    name = source.name
    if name == STANDARD_INPUT and not (options.check or options.diff):
        write_text(formatted)
        return False
    if formatted == source.text:
        return False
    if options.diff:
        print_diff(name, source.text, formatted, "formatted")
    elif options.check:
        echo(f"would reformat {name}")
    else:
        write_file(name, formatted)
        echo(f"reformatted {name}")
    return True
