"""`lapt lint`: every mistake of every file in one run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lapt_dsl.commands.options.common import complete_space_or_file, max_nodes_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lapt_dsl.commands.views.fixes import Fixer
    from lapt_dsl.compiler.program.source_files import SourceFile
    from lapt_dsl.compiler.space.model import Space
    from lapt_dsl.diagnostics.diagnostic import Diagnostic


@click.command(
    "lint",
    epilog="""\b
Examples:
  lapt lint my.lp
  lapt lint examples/                        every .lp and .space file below a folder
  lapt lint --extract examples/reply.md      every fenced block of a model's reply
  cat my.lp | lapt lint -                    standard input
  lapt lint --fix examples/                  mend what has one meaning only
  lapt lint --diff my.lp                     show what --fix would change
  lapt lint --format github .                annotations in a pull request
  lapt lint --format sarif . > lint.sarif    for code scanning

\b
With --fix standard input is mended to standard output, and --extract mends blocks where they stand.
A line that ends in `// lapt: allow CODE` silences that finding there.
Exit codes: 0 clean (notes do not count), 1 findings, 2 usage or I/O.""",
)
@click.argument("paths", nargs=-1, required=True, metavar="PATH... | -")
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json", "github", "sarif"]),
    default="text",
    show_default=True,
    help="How findings are printed.",
)
@click.option("--extract", is_flag=True, help="Lint the fenced blocks of Markdown texts, such as a model's reply.")
@click.option("--fix", is_flag=True, help="Rewrite the files with every safe fix applied, and show what is left.")
@click.option(
    "--diff", "show_diff", is_flag=True, help="Write nothing; print what --fix would change, exit 1 if anything."
)
@click.option(
    "--space",
    shell_complete=complete_space_or_file,
    metavar="SPACE",
    help="Space to check `for any` files against, by name or path.",
)
@max_nodes_option
def command(
    paths: Sequence[str],
    output_format: str,
    extract: bool,
    fix: bool,
    show_diff: bool,
    space: str | None,
    max_nodes: int | None,
) -> int:
    """Find mistakes in principle and space files, all of them in one run.

    Beyond syntax and names the findings speak of meaning, decided exactly: principles that cannot hold together (with
    a smallest set that conflicts), a rule that removes nothing, a principle the others imply, a preference that cannot
    act.

    What is marked [fixable] has one meaning only, such as the benchmark's own name of an operator, and --fix writes
    it as the language does. A misspelt word is not: its nearest name is a hint.
    """
    from lapt_dsl.commands.options.inputs import ENDINGS, read_inputs
    from lapt_dsl.commands.options.named_spaces import named_space
    from lapt_dsl.commands.views.output import add_texts, colour, exit_code
    from lapt_dsl.diagnostics.diagnostic import LaptError
    from lapt_dsl.diagnostics.render import render

    given = None if space is None else named_space(space)
    fixer = _fixer(given, max_nodes, extract, show_diff) if fix or show_diff else None
    findings: list[Diagnostic] = []
    texts: dict[str, str] = {}
    for source in read_inputs(paths, (".md",) if extract else ENDINGS):
        if isinstance(source, LaptError):
            findings += source.diagnostics
            continue
        texts[source.name] = source.text
        if fixer is not None:
            texts[source.name], found = fixer.mend(source)
        else:
            found = _lint_blocks(source, given, max_nodes) if extract else _lint(source, given, max_nodes)
        findings += found
    add_texts(texts, findings)
    aside = fixer is not None and fixer.printed
    stream = sys.stderr if aside else sys.stdout
    click.echo(render(findings, texts, output_format, colour=colour(stream)), nl=False, err=aside)
    if fixer is not None:
        fixer.summarize(len(findings))
        return exit_code(findings) or int(fixer.diff and fixer.files > 0)
    if output_format == "text":
        _summarize(findings, len(texts))
    return exit_code(findings)


def _summarize(findings: Sequence[Diagnostic], files: int) -> None:
    fixable = sum(finding.fix is not None for finding in findings)
    if not findings:
        click.echo(f"{files} file{'s' if files != 1 else ''}, no findings", err=True)
    elif fixable:
        click.echo(f"{fixable} of {len(findings)} fixable with --fix", err=True)


def _fixer(space: Space | None, max_nodes: int | None, extract: bool, diff: bool) -> Fixer:
    from lapt_dsl.commands.views.fixes import Fixer

    return Fixer(space, max_nodes, extract, diff)


def _lint_blocks(source: SourceFile, space: Space | None, max_nodes: int | None) -> list[Diagnostic]:
    from lapt_dsl.commands.views.markdown_blocks import lint_blocks

    return lint_blocks(source, space, max_nodes)


def _lint(source: SourceFile, space: Space | None, max_nodes: int | None) -> list[Diagnostic]:
    from lapt_dsl.commands.options.inputs import STANDARD_INPUT
    from lapt_dsl.compiler.analyses.lint import lint_text
    from lapt_dsl.compiler.automata.diagram import DEFAULT_MAX_NODES

    # Piped text may come from anywhere, so it reads nothing outside the working directory.
    piped = source.name == STANDARD_INPUT
    return lint_text(
        source.text,
        source.name,
        space_hint=space,
        base=Path() if piped else Path(source.name).parent,
        root=Path() if piped else None,
        max_nodes=max_nodes or DEFAULT_MAX_NODES,
    )
