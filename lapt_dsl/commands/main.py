"""The entry point of `lapt`: the verbs, and the handling of every error.

Each verb is a module that is imported only when it is called, so that `lapt lint` on every save stays fast.

Exit codes: 0 clean, 1 diagnostics in the input, 2 usage error, I/O error, or a failing evaluator or model server,
3 internal error, 4 waiting for principles from a manual proposer, 130 interrupted (SIGINT); a search also 143 (SIGTERM)
and 129 (SIGHUP).
"""

from __future__ import annotations

import errno
import importlib
import io
import os
import sys
from typing import TYPE_CHECKING

import click

from lapt_dsl.commands.options.terminal import echo
from lapt_dsl.diagnostics.diagnostic import LaptError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

VERBS = {
    "compile": "Print what principles mean; write constraints.json, cells.py and sampler.py.",
    "lint": "Find mistakes in principle and space files, and fix them.",
    "fmt": "Rewrite files in the standard layout.",
    "count": "Print the exact number of architectures.",
    "sample": "Draw random architectures that satisfy the principles.",
    "show": "Draw the cells with their remaining candidates.",
    "build": "Write one architecture as a PyTorch network.",
    "arch": "Convert an architecture between the notations of other tools.",
    "diff": "Compare two principle files by meaning.",
    "explain": "List the rules an architecture violates, and the nearest one that satisfies all.",
    "spaces": "List the search spaces shipped with lapt.",
    "tables": "List tables of published results, with their best architectures.",
    "learn": "Learn principles from the best architectures of a table.",
    "prompt": "Write the prompt for a language model, for any chat window.",
    "accept": "Validate the reply to such a prompt, and accept its principles.",
    "search": "Search inside principles that are updated from the results.",
    "store": "Check or repair the run store of a search.",
    "history": "Show how the principles of a search changed.",
    "reproduce": "Run the published experiments over many seeds.",
    "models": "Check which features a model server supports.",
    "completion": "Print the shell completion script.",
}

EPILOG = """\b
First steps:
  lapt spaces                          list the search spaces
  lapt show nas201                     draw the cells of one
  lapt lint my.lp                      check principles
  lapt compile my.lp -o out            print what they mean, and write the files to search with

\b
Exit codes: 0 clean, 1 diagnostics in the input, 2 usage error, I/O error, or a failing evaluator or model
server, 3 internal error: please report it, 4 waiting for principles from a manual proposer, 130 interrupted."""

REPORT = "internal error: please report it with the output of LAPT_DEBUG=1 and the input that caused it"


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
        """Like click's, with the nearest verb in the message about an unknown one."""
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(args[0], VERBS, 1)
            hint = f" Did you mean '{near[0]}'?" if near else ""
            ctx.fail(f"There is no verb '{args[0]}'.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs from VERBS, without importing any."""
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
    """Compile design principles into exact search spaces for neural architecture search.

    A .space file defines which architectures can be built. A .lp file states principles that good architectures
    satisfy. lapt compiles the principles against the space: which architectures remain, exactly how many, and the
    PyTorch and sampling code to search them.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run `lapt` and leave the process with its exit code.

    Args:
        arguments: the command line after the program's name; None takes it from the process.
    """
    # In a process started with a closed stream (`>&-`) it is None; output to it is lost in any case.
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()
    for stream in (sys.stdout, sys.stderr):
        # A terminal without box-drawing characters shows question marks; it must not cause an error.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    sys.stderr = _ToleratingClosure(sys.stderr)
    sys.exit(run(arguments))


class _ToleratingClosure:
    """Standard error whose reader may go away: progress ends then, and the work goes on (`lapt search 2>&1 | head`)."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write, or do nothing where nobody reads."""
        try:
            return self._stream.write(text)
        except OSError as error:
            self._close(error)
            return len(text)

    def flush(self) -> None:
        """Flush, or do nothing where nobody reads."""
        try:
            self._stream.flush()
        except OSError as error:
            self._close(error)

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)

    def _close(self, error: OSError) -> None:
        # EIO: the terminal was closed.
        if error.errno not in (errno.EPIPE, errno.EIO):
            raise error
        os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())


def _nowhere() -> TextIO:
    return os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")


def run(arguments: Sequence[str] | None = None) -> int:
    """Run `lapt` and return its exit code; errors are printed to standard error."""
    try:
        return _run(arguments)
    except Exception as error:
        # The last resort: a user sees one sentence, and a developer can ask for the traceback.
        if os.environ.get("LAPT_DEBUG") == "1":
            raise
        echo(f"lapt: {type(error).__name__}: {error}\n{REPORT}", err=True)
        return 3


def _run(arguments: Sequence[str] | None) -> int:
    try:
        result = lapt.main(args=arguments, prog_name="lapt", standalone_mode=False)
    except click.ClickException as error:
        # Its text quotes the command line and files.
        shown = io.StringIO()
        error.show(file=shown)
        echo(shown.getvalue(), err=True, nl=False)
        return 2
    except (click.Abort, KeyboardInterrupt) as error:
        from lapt_dsl.search.run.interruption import exit_code_of

        echo("interrupted", err=True)
        return exit_code_of(error)
    except LaptError as error:
        from lapt_dsl.commands.views.output import exit_code, show_diagnostics

        show_diagnostics(error.diagnostics)
        return exit_code(error.diagnostics) or 1
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        echo(f"lapt: {where}{error.strerror or error}", err=True)
        return 2
    return result if isinstance(result, int) else 0
