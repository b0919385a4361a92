"""`lapt show`: the cells drawn, with the candidates that remain under the principles."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from lapt_dsl.commands.options.common import PATH, WHAT, CompileOptions
from lapt_dsl.commands.options.groups import option, verb
from lapt_dsl.commands.options.terminal import echo

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console
    from rich.text import Text

    from lapt_dsl.compiler.analyses.remaining_candidates import RemainingCandidates
    from lapt_dsl.compiler.space.model import Cell


@dataclass(frozen=True, kw_only=True)
class ShowOptions:
    """Everything that `lapt show` takes."""

    what: str = field(metadata=WHAT)
    output: str | None = field(
        default=None, metadata=option("-o", type=PATH, metavar="FILE.svg", help="Also write the drawing as SVG.")
    )
    compiling: CompileOptions = field(default_factory=CompileOptions)


@verb(
    "show",
    ShowOptions,
    epilog="""\b
Examples:
  lapt show nas201
  lapt show my.lp
  lapt show my.lp -o cell.svg""",
)
def command(options: ShowOptions) -> int:
    """Draw the cells of WHAT and list the remaining candidates of every layer.

    WHAT is the name of a space, a .space file or a .lp file. A column is a node and a row is a layer: it reads the
    nodes marked with a dot and feeds the node at the arrowhead.
    """
    from lapt_dsl.commands.options.named_spaces import load
    from lapt_dsl.commands.views.output import console, write_file
    from lapt_dsl.compiler.analyses.remaining_candidates import remaining

    if options.output is not None and not options.output.lower().endswith(".svg"):
        raise click.UsageError(f"drawings are SVG: name the file {options.output.rpartition('.')[0] or 'cell'}.svg")
    named = load(options.what, options.compiling)
    out = console()
    out.print(f"{named.heading}: {named.refined.size:,} architectures", style="bold")
    left = remaining(named.refined)
    for cell in named.space.cells:
        out.print(f"\ncell {cell.name}", style="bold")
        print_cell(out, cell, left[cell.name])
    out.print("\n● always read   ○ sometimes read   · no longer read   ▶ fed", style="dim")
    if options.output is not None:
        from lapt_dsl.compiler.views.svg import refined_svg

        title = f"{named.heading}: {named.refined.size:,} architectures"
        echo(f"wrote {write_file(options.output, refined_svg(title, named.refined))}", err=True)
    return 0


def print_cell(out: Console, cell: Cell, layers: Sequence[RemainingCandidates]) -> None:
    """Print one cell's picture; candidates that need several lines keep the drawing's lines running beside them."""
    from rich.text import Text

    from lapt_dsl.compiler.views.text_drawing import picture

    rows = picture(cell, layers)
    label = max(len(row.label) for row in rows)
    art = max(len(row.art) for row in rows)
    room = max(30, out.width - label - art - 8)
    for row in rows:
        lines = _candidate_lines(row.left, row.removed, room)
        for number, candidates_line in enumerate(lines or [Text()]):
            text = Text(f"  {row.label if number == 0 else '':<{label}}  ", style="cyan" if row.label else "")
            text.append(f"{row.art if number == 0 else row.below:<{art}}  ", style="bold" if not row.label else "")
            text.append_text(candidates_line)
            text.rstrip()
            out.print(text, soft_wrap=True)


def _candidate_lines(left: tuple[str, ...], removed: tuple[str, ...], room: int) -> list[Text]:
    from rich.text import Text

    lines = [Text(line) for line in textwrap.wrap(" ".join(left), room, break_on_hyphens=False)]
    gone = textwrap.wrap(" ".join(removed), room - 2, break_on_hyphens=False)
    for number, line in enumerate(gone):
        lines.append(Text("- " if number == 0 else "  ", style="dim") + Text(line, style="dim strike"))
    return lines
