"""Arguments and options that several verbs share, with completion of space names and files."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Command = TypeVar("Command", bound=Callable[..., Any])


def complete_space_or_file(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """For the shell: shipped spaces that start like the word, or else files (bash takes one kind at a time)."""
    from lapt_dsl import spaces

    names = [CompletionItem(name) for name in spaces.names() if name.startswith(incomplete)]
    return names or [CompletionItem(incomplete, type="file")]


def what(command: Command) -> Command:
    """The argument WHAT: a space by name, a .space file or a .lp file."""
    return click.argument("what", shell_complete=complete_space_or_file)(command)


def space_option(command: Command) -> Command:
    """`--space`: the space of a `for any` file, or another space file under the name the file gives."""
    help_text = "Space to compile against, by name or path: needed for a file that says `for any`."
    return click.option("--space", "space", shell_complete=complete_space_or_file, metavar="SPACE", help=help_text)(
        command
    )


def max_nodes_option(command: Command) -> Command:
    """`--max-nodes`: the size limit of the decision diagram."""
    help_text = "Refuse principles whose decision diagram would have more nodes than this."
    return click.option("--max-nodes", type=click.IntRange(min=1), metavar="N", help=help_text)(command)


def json_option(command: Command) -> Command:
    """`--json`: output for programs."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON for a program to read.")(command)
