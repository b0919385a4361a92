"""`lapt completion`: the script that makes a shell complete verbs, options, spaces and files."""

from __future__ import annotations

from dataclasses import dataclass, field

import click
from click.shell_completion import get_completion_class

from lapt_dsl.commands.options.groups import argument, verb
from lapt_dsl.commands.options.terminal import echo

SHELLS = ("bash", "zsh", "fish")


@dataclass(frozen=True, kw_only=True)
class CompletionOptions:
    """Everything that `lapt completion` takes."""

    shell: str = field(metadata=argument("{bash|zsh|fish}", type=click.Choice(SHELLS)))


@verb(
    "completion",
    CompletionOptions,
    epilog="""\b
Examples:
  lapt completion bash >> ~/.bashrc
  lapt completion zsh  > ~/.zfunc/_lapt
  lapt completion fish > ~/.config/fish/completions/lapt.fish""",
)
def command(options: CompletionOptions) -> int:
    """Print the completion script for a shell."""
    from lapt_dsl.commands.main import lapt

    found = get_completion_class(options.shell)
    if found is None:
        raise click.UsageError(f"there is no completion for {options.shell}")
    completion = found(lapt, {}, "lapt", "_LAPT_COMPLETE")
    # `source()` would start the shell to ask for its version; the script itself needs no shell to be written.
    echo(completion.source_template % completion.source_vars())
    return 0
