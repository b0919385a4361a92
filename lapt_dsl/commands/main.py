"""The entry point of `lapt`: which verbs there are, and what becomes of everything that can go wrong.

Each verb is a module that is imported only when it is asked for, so that `lapt lint` on every save stays quick.

Exit codes: 0 clean, 1 findings in the input, 2 usage, input and output, or whoever measures or answers, 3 a mistake in
lapt itself, 4 a search waits for principles by hand, 130 interrupted.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING

import click

from lapt_dsl.diagnostics.diagnostic import LaptError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

VERBS = {
    "compile": "Say what principles mean; write constraints.json, cells.py and sampler.py.",
    "lint": "Find mistakes in principle and space files.",
    "fmt": "Rewrite files in the one standard layout.",
    "count": "Print how many architectures there are, exactly.",
    "sample": "Draw architectures at random, none outside the principles.",
    "show": "Draw the cells and what is left of them.",
    "build": "Write one architecture as a PyTorch network.",
    "arch": "Convert an architecture between the forms of the field.",
    "diff": "Compare two principle files by meaning.",
    "explain": "Say which rules an architecture breaks, and what is nearest.",
    "spaces": "List the search spaces that come with lapt.",
    "tables": "Say what tables of measured architectures are found, and what is best in them.",
    "learn": "Learn principles from the best architectures of a table.",
    "prompt": "Write what a language model would be asked, for any chat window.",
    "accept": "Take the answer to such a prompt, if it holds.",
    "search": "Search inside principles that follow what is found.",
    "store": "Examine or repair the file that a search keeps its results in.",
    "history": "Show how the principles of a search changed.",
    "reproduce": "Run the published experiments over many seeds.",
    "models": "Find out what a language model's server really does.",
    "completion": "Print the shell completion script.",
}

EPILOG = """\b
First steps:
  lapt spaces                          which spaces there are
  lapt show nas201                     what one looks like
  lapt lint my.lp                      what is wrong with my principles
  lapt compile my.lp -o out            what they mean, and the files to search with

\b
Exit codes: 0 clean, 1 findings in the input, 2 usage, I/O or whoever measures or answers, 3 a mistake in
lapt, 4 a search waits for principles by hand, 130 interrupted."""

REPORT = "this is a mistake in lapt; please report it with the output of LAPT_DEBUG=1 and the input that caused it"


class Verbs(click.Group):
    """The group of all verbs, each imported when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of a first walk through them."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the verb's module and take its `command`."""
        if cmd_name not in VERBS:
            return None
        command: click.Command = importlib.import_module(f"lapt_dsl.commands.verbs.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Like click's, with the nearest verb in the message for one that does not exist."""
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(args[0], VERBS, 1)
            hint = f" Did you mean '{near[0]}'?" if near else ""
            ctx.fail(f"There is no verb '{args[0]}'.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs from the table above, without importing any."""
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))

    def invoke(self, ctx: click.Context) -> object:
        """Run the verb; a reader that closes the pipe early (`lapt sample ... | head`) is not an error."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        return result


@click.group(
    cls=Verbs,
    epilog=EPILOG,
    subcommand_metavar="VERB [ARGS]...",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="lapt-dsl", prog_name="lapt")
def lapt() -> None:
    """Design principles in, exact search spaces out.

    A .space file says what may be built, a .lp file says what is worth building. lapt compiles the second against the
    first: exactly which architectures are left, how many, and the PyTorch and sampling code to search them with.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run `lapt` and leave the process with its exit code.

    Args:
        arguments: the command line after the program's name; None takes it from the process.
    """
    # A process started with a closed stream (`>&-`) has None there; what is written to it is lost anyway.
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a box-drawing character gets a question mark, not an error.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    sys.exit(run(arguments))


def _nowhere() -> TextIO:
    return os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")


def run(arguments: Sequence[str] | None = None) -> int:
    """Run `lapt` and return its exit code; what went wrong is said on standard error."""
    try:
        return _run(arguments)
    except Exception as error:
        # The last line of defence: a person sees one sentence, a developer asks for the traceback.
        if os.environ.get("LAPT_DEBUG") == "1":
            raise
        click.echo(f"lapt: {type(error).__name__}: {error}\n{REPORT}", err=True)
        return 3


def _run(arguments: Sequence[str] | None) -> int:
    try:
        result = lapt.main(args=arguments, prog_name="lapt", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return 2
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return 130
    except LaptError as error:
        from lapt_dsl.commands.views.output import exit_code, show_findings

        show_findings(error.diagnostics)
        return exit_code(error.diagnostics) or 1
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        click.echo(f"lapt: {where}{error.strerror or error}", err=True)
        return 2
    return result if isinstance(result, int) else 0
