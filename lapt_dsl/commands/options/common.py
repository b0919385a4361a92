"""Options that several verbs share, with completion of space names and files."""

from __future__ import annotations

from dataclasses import dataclass, field

import click
from click.shell_completion import CompletionItem

from lapt_dsl.commands.options.groups import argument, option


def complete_space_or_file(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """For the shell: shipped spaces that start like the word, or else files (bash takes one kind at a time)."""
    from lapt_dsl import spaces

    names = [CompletionItem(name) for name in spaces.names() if name.startswith(incomplete)]
    return names or [CompletionItem(incomplete, type="file")]


POSITIVE = click.IntRange(min=1)
NATURAL = click.IntRange(min=0)
SHARE = click.FloatRange(0, 1)
PATH = click.Path()

PATHS = argument("PATH... | -", many=True)
WHAT = argument("WHAT", complete=complete_space_or_file)
JSON = option("--json", flag=True, help="Print JSON.")
SPACE = option("--space", complete=complete_space_or_file, metavar="SPACE", help="Search space, by name or path.")
MAX_NODES = option("--max-nodes", type=POSITIVE, metavar="N", help="Node limit of the decision diagram.")
SEEDS = option("--seeds", type=POSITIVE, show_default=True, help="Number of seeds, counted from 0.")
RUN_BUDGET = option("--budget", type=POSITIVE, show_default=True, help="Architectures evaluated per run.")
OUTPUT_FILE = option("-o", type=PATH, metavar="FILE", help="Write the principles to this file.")
STORE_FILE = option("--store", type=PATH, metavar="FILE", help="Run store.")
COLUMNS = option(
    "--columns", metavar="A,B", help="Columns of the table to read. [default: every column that holds numbers]"
)
SOURCE_TASK = option(
    "--source-task", metavar="COLUMN", help="Column of the source table. [default: the first validation column]"
)


@dataclass(frozen=True, kw_only=True)
class CompileOptions:
    """How principle files are compiled.

    Attributes:
        space: The space of a `for any` file, by name or path.
        max_nodes: Node limit of the decision diagram; None is the default.
    """

    space: str | None = field(
        default=None,
        metadata=option(
            "--space",
            complete=complete_space_or_file,
            metavar="SPACE",
            help="Search space to compile against, by name or path; required for a `for any` file.",
        ),
    )
    max_nodes: int | None = field(default=None, metadata=MAX_NODES)
