"""`lapt lint`: all diagnostics of all files in one run."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lapt_dsl.commands.options.common import MAX_NODES, NATURAL, PATHS, complete_space_or_file
from lapt_dsl.commands.options.groups import option, verb
from lapt_dsl.commands.options.terminal import echo

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lapt_dsl.commands.options.read_roots import ReadRoots
    from lapt_dsl.commands.views.fixes import Fixer
    from lapt_dsl.compiler.program.source_files import SourceFile
    from lapt_dsl.compiler.space.model import Space
    from lapt_dsl.diagnostics.diagnostic import Diagnostic

FORMATS = ("text", "json", "github", "sarif")


@dataclass(frozen=True, kw_only=True)
class LintOptions:
    """Everything that `lapt lint` takes."""

    paths: tuple[str, ...] = field(metadata=PATHS)
    format: str = field(
        default="text",
        metadata=option(
            "--format", type=click.Choice(FORMATS), show_default=True, help="Output format of the diagnostics."
        ),
    )
    extract: bool = field(
        default=False,
        metadata=option(
            "--extract", flag=True, help="Lint the fenced blocks of Markdown files, such as replies of a model."
        ),
    )
    fix: bool = field(
        default=False,
        metadata=option("--fix", flag=True, help="Apply all safe fixes to the files, and show the other diagnostics."),
    )
    diff: bool = field(
        default=False,
        metadata=option(
            "--diff", flag=True, help="Write nothing; print the changes of --fix, exit with code 1 if any."
        ),
    )
    space: str | None = field(
        default=None,
        metadata=option(
            "--space",
            complete=complete_space_or_file,
            metavar="SPACE",
            help="Search space to check `for any` files against, by name or path.",
        ),
    )
    max_per_code: int = field(
        default=20,
        metadata=option(
            "--max-per-code",
            type=NATURAL,
            metavar="N",
            show_default=True,
            help="Diagnostics of one code that are shown per file, with the number of the others; 0 shows all.",
        ),
    )
    root: str | None = field(
        default=None,
        metadata=option(
            "--root",
            type=click.Path(exists=True, file_okay=False),
            metavar="DIR",
            help="Folder outside of which no file is read. [default: see below]",
        ),
    )
    max_nodes: int | None = field(default=None, metadata=MAX_NODES)


@verb(
    "lint",
    LintOptions,
    epilog="""\b
Examples:
  lapt lint my.lp
  lapt lint .                                every .lp and .space file below a folder
  lapt lint --extract reply.md               every fenced block of a model's reply
  cat my.lp | lapt lint -                    standard input
  lapt lint --fix .                          apply all safe fixes
  lapt lint --diff my.lp                     show the changes of --fix
  lapt lint --format github .                annotations in a pull request
  lapt lint --format sarif . > lint.sarif    for code scanning

\b
With --fix, standard input is fixed to standard output; with --extract as well, blocks are fixed in place.
No file outside the root is read or shown, whatever `extends`, a space or a symbolic link names. The root is --root;
else the current directory for files below it and for standard input, and for others the folder that you name, or
the folder of the file that you name.
A line that ends in `// lapt: allow CODE` suppresses that diagnostic on the line.
Exit codes: 0 clean (notes do not count), 1 diagnostics, 2 usage error or I/O error.""",
)
def command(options: LintOptions) -> int:
    """Check principle and space files, and report all diagnostics in one run.

    Beyond syntax and names, the diagnostics cover meaning, and they are exact: principles that contradict each other
    (with a smallest conflicting set), a rule that removes nothing, a principle implied by the others, a preference
    that has no effect.

    A diagnostic marked [fixable] has a safe fix, such as an operator written with its benchmark name, which --fix
    applies. A misspelt name has no safe fix; the nearest name is given as a hint.
    """
    from lapt_dsl.commands.options.named_spaces import named_space
    from lapt_dsl.commands.options.read_roots import ReadRoots
    from lapt_dsl.commands.views.fixes import Fixer
    from lapt_dsl.commands.views.output import add_texts, colour, exit_code
    from lapt_dsl.diagnostics.cap import capped
    from lapt_dsl.diagnostics.render import render

    space = None if options.space is None else named_space(options.space)
    roots = ReadRoots(options.root)
    fixer = None
    if options.fix or options.diff:
        fixer = Fixer(space, options.max_nodes, options.extract, roots, options.diff)
    diagnostics, texts = _lint_all(options, space, fixer, roots)
    shown = capped(diagnostics, options.max_per_code)
    add_texts(texts, shown, roots.allows)
    aside = fixer is not None and fixer.printed
    stream = sys.stderr if aside else sys.stdout
    click.echo(render(shown, texts, options.format, colour=colour(stream)), nl=False, err=aside)
    if fixer is not None:
        fixer.summarize(len(diagnostics))
        return exit_code(diagnostics) or int(fixer.diff and fixer.files > 0)
    if options.format == "text":
        _summarize(diagnostics, len(texts))
    return exit_code(diagnostics)


def _lint_all(
    options: LintOptions, space: Space | None, fixer: Fixer | None, roots: ReadRoots
) -> tuple[list[Diagnostic], dict[str, str]]:
    """The diagnostics of all inputs, after fixing where there is a fixer, and the text of every input by its name."""
    from lapt_dsl.commands.options.inputs import ENDINGS, read_inputs
    from lapt_dsl.diagnostics.diagnostic import LaptError

    diagnostics: list[Diagnostic] = []
    texts: dict[str, str] = {}
    for source in read_inputs(options.paths, (".md",) if options.extract else ENDINGS, roots):
        if isinstance(source, LaptError):
            diagnostics += source.diagnostics
            continue
        texts[source.name] = source.text
        if fixer is not None:
            texts[source.name], found = fixer.fix(source)
        elif options.extract:
            found = _lint_blocks(source, space, options.max_nodes)
        else:
            found = _lint(source, space, options.max_nodes, roots)
        diagnostics += found
    return diagnostics, texts


def _summarize(diagnostics: Sequence[Diagnostic], files: int) -> None:
    fixable = sum(diagnostic.fix is not None for diagnostic in diagnostics)
    if not diagnostics:
        echo(f"{files} file{'s' if files != 1 else ''}, no diagnostics", err=True)
    elif fixable:
        echo(f"{fixable} of {len(diagnostics)} fixable with --fix", err=True)


def _lint_blocks(source: SourceFile, space: Space | None, max_nodes: int | None) -> list[Diagnostic]:
    from lapt_dsl.commands.views.markdown_blocks import lint_blocks

    return lint_blocks(source, space, max_nodes)


def _lint(source: SourceFile, space: Space | None, max_nodes: int | None, roots: ReadRoots) -> list[Diagnostic]:
    from lapt_dsl.commands.options.inputs import STANDARD_INPUT
    from lapt_dsl.compiler.analyses.lint import lint_text
    from lapt_dsl.compiler.automata.diagram import DEFAULT_MAX_NODES

    piped = source.name == STANDARD_INPUT
    return lint_text(
        source.text,
        source.name,
        space_hint=space,
        base=Path() if piped else Path(source.name).parent,
        root=roots.root_of(source.name),
        max_nodes=max_nodes or DEFAULT_MAX_NODES,
    )
