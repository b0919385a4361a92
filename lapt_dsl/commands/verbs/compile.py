"""`lapt compile`: what principles mean, said to a person and written for programs."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

import click

from lapt_dsl.commands.options.common import max_nodes_option, space_option

if TYPE_CHECKING:
    from lapt_dsl.compiler.refined.compiled import Compiled


@click.command(
    "compile",
    epilog="""\b
Examples:
  lapt compile examples/nas201_imagenet.lp
  lapt compile my.lp -o out
  lapt compile examples/any_transfer.lp --space darts -o out
  lapt compile my.lp --supernet -o out
  lapt compile my.lp --json -o out | jq .size

\b
The files:
  constraints.json   sizes, candidates left, what each principle removes
  cells.py           PyTorch modules that hold only the operators still allowed
  sampler.py         a regularized-evolution sampler that never leaves the set
  supernet.py        with --supernet: one network that holds all that is left""",
)
@click.argument("file", type=click.Path(), metavar="FILE.lp")
@click.option(
    "-o", "output", type=click.Path(), default=".", show_default="here", metavar="DIR", help="Where to write the files."
)
@space_option
@max_nodes_option
@click.option("--json", "as_json", is_flag=True, help="Print constraints.json instead of the tables.")
@click.option("--supernet", is_flag=True, help="Write supernet.py, too: one network that holds all that is left.")
@click.option("--dry-run", is_flag=True, help="Write no files.")
def command(
    file: str, output: str, space: str | None, max_nodes: int | None, as_json: bool, supernet: bool, dry_run: bool
) -> int:
    """Compile a principle file: print what it means and write the files to search with.

    The numbers are exact: how many architectures are left, which candidates of every layer some architecture still
    uses, and how many architectures each principle removes, alone and given the rest.
    """
    from lapt_dsl.commands.options.named_spaces import compile_file
    from lapt_dsl.commands.views.output import exit_code, show_findings, write_files
    from lapt_dsl.compiler.analyses.analysis import analyse
    from lapt_dsl.compiler.targets.constraints_json import constraints_json

    compiled = compile_file(file, space, max_nodes)
    findings = analyse(compiled)
    machine_text = constraints_json(compiled)
    if as_json:
        click.echo(machine_text, nl=False)
    else:
        _report(compiled, file)
    if findings:
        show_findings(findings, {source.name: source.text for source in compiled.program.files})
    if not compiled.refined:
        click.echo("nothing is left, so no files are written", err=True)
        return 1
    if not dry_run:
        written = write_files(output, {"constraints.json": machine_text, **_generated(compiled, supernet)})
        click.echo(f"wrote {', '.join(written)}", err=True)
    return exit_code(findings)


def _generated(compiled: Compiled, supernet: bool) -> dict[str, str]:
    """The Python files; their headers name every input by its hash, so that a file tells what it was made from."""
    from lapt_dsl.compiler.targets.code.cells import cells_source
    from lapt_dsl.compiler.targets.code.supernet_source import supernet_source
    from lapt_dsl.compiler.targets.sampler import write_sampler

    inputs = [(PurePath(source.name).name, source.sha256) for source in compiled.program.files]
    inputs.append((f"space {compiled.space.name}", compiled.space.digest))
    allowed = {left.layer.decision: left.labels for left in compiled.refined.candidates}
    files = {
        "cells.py": cells_source(compiled.space, allowed, inputs),
        "sampler.py": write_sampler(compiled.refined, inputs),
    }
    if supernet:
        files["supernet.py"] = supernet_source(compiled.space, allowed, inputs=inputs)
    return files


def _report(compiled: Compiled, file: str) -> None:
    from lapt_dsl.commands.views.compile_report import candidates_table, effects_table, preferences_table, summary
    from lapt_dsl.commands.views.output import console, print_table

    out = console()
    out.print(summary(compiled, file))
    candidates = candidates_table(compiled) if compiled.refined else None
    for table in (candidates, effects_table(compiled), preferences_table(compiled)):
        if table is not None:
            out.print()
            print_table(out, table)
    out.print()
