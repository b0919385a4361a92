"""`lapt completion`: the script that makes a shell complete verbs, options, spaces and files."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


@click.command(
    "completion",
    epilog="""\b
Examples:
  lapt completion bash >> ~/.bashrc
  lapt completion zsh  > ~/.zfunc/_lapt
  lapt completion fish > ~/.config/fish/completions/lapt.fish""",
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> int:
    """Print the completion script for a shell."""
    from lapt_dsl.commands.main import lapt

    found = get_completion_class(shell)
    if found is None:
        raise click.UsageError(f"there is no completion for {shell}")
    completion = found(lapt, {}, "lapt", "_LAPT_COMPLETE")
    # `source()` would start the shell to ask for its version; the script itself needs no shell to be written.
    click.echo(completion.source_template % completion.source_vars())
    return 0
