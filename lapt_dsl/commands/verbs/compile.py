"""`lapt compile`: the meaning of principles, printed as tables and written as files for programs."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING

from lapt_dsl.commands.options.common import PATH, CompileOptions
from lapt_dsl.commands.options.groups import argument, option, verb
from lapt_dsl.commands.options.terminal import echo

if TYPE_CHECKING:
    from lapt_dsl.compiler.refined.compiled import Compiled


@dataclass(frozen=True, kw_only=True)
class CompileVerbOptions:
    """Everything that `lapt compile` takes."""

    file: str = field(metadata=argument("FILE.lp", type=PATH))
    output: str = field(
        default=".",
        metadata=option(
            "-o", type=PATH, metavar="DIR", show_default="current directory", help="Directory for the output files."
        ),
    )
    compiling: CompileOptions = field(default_factory=CompileOptions)
    as_json: bool = field(
        default=False, metadata=option("--json", flag=True, help="Print constraints.json instead of the tables.")
    )
    supernet: bool = field(
        default=False,
        metadata=option(
            "--supernet",
            flag=True,
            help="Also write supernet.py: one network that contains all remaining candidates.",
        ),
    )
    dry_run: bool = field(default=False, metadata=option("--dry-run", flag=True, help="Write no files."))


@verb(
    "compile",
    CompileVerbOptions,
    epilog="""\b
Examples:
  lapt compile my.lp
  lapt compile my.lp -o out
  lapt compile general.lp --space darts -o out
  lapt compile my.lp --supernet -o out
  lapt compile my.lp --json -o out | jq .size

\b
Output files:
  constraints.json   sizes, remaining candidates, effect of each principle
  cells.py           PyTorch modules that contain only the allowed operators
  sampler.py         a regularized-evolution sampler that stays inside the principles
  supernet.py        with --supernet: one network that contains all remaining candidates""",
)
def command(options: CompileVerbOptions) -> int:
    """Compile a principle file: print its meaning and write the files to search with.

    All numbers are exact: how many architectures remain, which candidates remain in each layer, and how many
    architectures each principle removes, alone and in addition to the others.
    """
    from lapt_dsl.commands.options.named_spaces import compile_file
    from lapt_dsl.commands.views.output import exit_code, show_diagnostics, write_files, write_text
    from lapt_dsl.compiler.analyses.analysis import analyse
    from lapt_dsl.compiler.targets.constraints_json import constraints_json

    compiled = compile_file(options.file, options.compiling.space, options.compiling.max_nodes)
    diagnostics = analyse(compiled)
    machine_text = constraints_json(compiled)
    if options.as_json:
        write_text(machine_text)
    else:
        _report(compiled, options.file)
    if diagnostics:
        show_diagnostics(diagnostics, {source.name: source.text for source in compiled.program.files})
    if not compiled.refined:
        echo("no architecture remains, so no files are written", err=True)
        return 1
    if not options.dry_run:
        written = write_files(
            options.output, {"constraints.json": machine_text, **_generated(compiled, options.supernet)}
        )
        echo(f"wrote {', '.join(written)}", err=True)
    return exit_code(diagnostics)


def _generated(compiled: Compiled, supernet: bool) -> dict[str, str]:
    """The Python files; their headers name every input and its hash, so that a file can be traced to its sources."""
    from lapt_dsl.compiler.targets.code.cells import cells_source
    from lapt_dsl.compiler.targets.code.supernet_source import supernet_source
    from lapt_dsl.compiler.targets.sampler import write_sampler

    inputs = [(PurePath(source.name).name, source.sha256) for source in compiled.program.files]
    inputs.append((f"space {compiled.space.name}", compiled.space.digest))
    allowed = {left.layer.decision: left.choices for left in compiled.refined.candidates}
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
