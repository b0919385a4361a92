"""`lapt count`: one exact integer."""

from __future__ import annotations

from dataclasses import dataclass, field

from lapt_dsl.commands.options.common import JSON, WHAT, CompileOptions
from lapt_dsl.commands.options.groups import verb
from lapt_dsl.commands.options.terminal import echo


@dataclass(frozen=True, kw_only=True)
class CountOptions:
    """Everything that `lapt count` takes."""

    what: str = field(metadata=WHAT)
    compiling: CompileOptions = field(default_factory=CompileOptions)
    as_json: bool = field(default=False, metadata=JSON)


@verb(
    "count",
    CountOptions,
    epilog="""\b
Examples:
  lapt count darts                    9119789245425254400
  lapt count my.lp
  lapt count general.lp --space trans101""",
)
def command(options: CountOptions) -> int:
    """Print the number of architectures in WHAT: an exact integer in plain digits, alone on a line.

    WHAT is the name of a space (see `lapt spaces`), a .space file or a .lp file.
    """
    from lapt_dsl.commands.options.named_spaces import load
    from lapt_dsl.commands.views.output import print_json

    named = load(options.what, options.compiling)
    if options.as_json:
        print_json({"space": named.space.name, "size": str(named.refined.size)})
    else:
        echo(str(named.refined.size))
    return 0
