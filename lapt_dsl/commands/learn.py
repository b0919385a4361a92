"""`lapt learn`: from the best architectures of one task to a principle file."""

from __future__ import annotations

import click

from lapt_dsl.commands.options import complete_space_or_file


@click.command(
    "learn",
    epilog="""\b
Examples:
  lapt learn imagenet16-120.json --top 50 -o general.lp
  lapt learn final_valid.csv --space trans101 --task jigsaw -o general.lp
  lapt learn mine.csv --space my.space --task val_acc""",
)
@click.argument("table", type=click.Path(), metavar="TABLE")
@click.option(
    "--space", shell_complete=complete_space_or_file, metavar="SPACE", help="The table's space, by name or path."
)
@click.option("--task", metavar="COLUMN", help="The column to learn from. [default: the first validation column]")
@click.option(
    "--top", type=click.IntRange(min=1), default=50, show_default=True, help="Best architectures to learn from."
)
@click.option("--general", is_flag=True, help="Only rules of traits and positions, for other spaces (`for any`).")
@click.option(
    "-o", "out", type=click.Path(), metavar="FILE", help="Write the principles here instead of printing them."
)
def command(table: str, space: str | None, task: str | None, top: int, general: bool, out: str | None) -> int:
    """Learn design principles from the best architectures of TABLE, and write them as a .lp file.

    The file is for people to read, change and check in like one they wrote: every principle has a name, a sentence and
    the evidence it rests on. The same table gives the same file. No language model is asked.
    """
    from lapt_dsl.commands.loading import named_space
    from lapt_dsl.commands.output import write_file
    from lapt_dsl.commands.searching import read_archive
    from lapt_dsl.search.chain import compile_link
    from lapt_dsl.search.experiments.general import GeneralProposer
    from lapt_dsl.search.proposers import proposer_named

    archive = read_archive(table, None if space is None else named_space(space), task)
    proposer = proposer_named("induction", archive.space, archive, top)
    if general:
        assert isinstance(proposer, GeneralProposer)
        text = proposer.learn_general(archive.top(top))
    else:
        text = proposer.learn(archive.top(top))
    refined = compile_link(text, out or "learned.lp", {}, archive.space).refined
    if out is None:
        click.echo(text, nl=False)
    else:
        write_file(out, text)
    where = f" -> {out}" if out is not None else ""
    best = min(top, len(archive))
    click.echo(
        f"learned from the {best} best on {archive.task}: {refined.size:,} architectures are left{where}", err=True
    )
    return 0
