"""What every verb shares about output: colour, JSON, findings, and files that are never half-written."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from lapt_dsl.language.diagnostics import LaptError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console
    from rich.table import Table

    from lapt_dsl.language.diagnostics import Diagnostic

PLAIN_WIDTH = 120


def console(stream: IO[str] | None = None) -> Console:
    """A console on `stream`: colour only on a terminal and without NO_COLOR, a fixed width elsewhere."""
    from rich.console import Console

    target = stream or sys.stdout
    terminal = target.isatty()
    return Console(
        file=target,
        width=None if terminal else PLAIN_WIDTH,
        color_system="auto" if colour(target) else None,
        force_terminal=terminal,
        highlight=False,
        emoji=False,
        markup=False,
    )


def colour(stream: IO[str]) -> bool:
    """Whether output to a stream may be coloured."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def print_table(out: Console, table: Table) -> None:
    """Print a table; rich pads every line to the table's width, which nobody wants in a file or a diff."""
    if out.is_terminal:
        out.print(table)
        return
    with out.capture() as captured:
        out.print(table)
    out.print("\n".join(line.rstrip() for line in captured.get().splitlines()), soft_wrap=True)


def print_json(value: object) -> None:
    """Print `value` as indented JSON, keys in the order given."""
    from lapt_dsl.compiler.json_text import json_text

    click.echo(json_text(value), nl=False)


def share(part: int, whole: int) -> str:
    """`part` of `whole` as a percentage a person can read; exact integers, any size.

    >>> share(1, 3), share(1, 10**9), share(999_999, 1_000_000)
    ('33.3 %', '1.0e-07 %', '> 99.9 %')
    """
    if part in (0, whole):
        return "0 %" if whole and not part else "100 %" if whole else "-"
    from fractions import Fraction

    percent = float(Fraction(100 * part, whole))
    if percent > 99.9:
        return "> 99.9 %"
    return f"{percent:.1f} %" if percent >= 0.1 else f"{percent:.2g} %" if percent >= 0.001 else f"{percent:.1e} %"


def show_findings(findings: Sequence[Diagnostic], sources: Mapping[str, str] | None = None) -> None:
    """Print findings to standard error, with the source lines they point at where the files can be read."""
    from lapt_dsl.language.render import render

    texts = dict(sources or {})
    add_texts(texts, findings)
    click.echo(render(findings, texts, "text", colour=colour(sys.stderr)), err=True, nl=False)


def add_texts(texts: dict[str, str], findings: Sequence[Diagnostic]) -> None:
    """Read the files that findings point into and that `texts` does not hold yet, such as extended files."""
    for finding in findings:
        for span in (finding.span, *(note.span for note in finding.notes if note.span is not None)):
            if span.file not in texts and os.path.isfile(span.file):
                try:
                    texts[span.file] = Path(span.file).read_text(encoding="utf-8", errors="replace")
                except OSError:
                    # The finding itself says that the file cannot be read; it is shown without the line.
                    texts[span.file] = ""


def exit_code(findings: Sequence[Diagnostic]) -> int:
    """What findings mean for the exit code: 2 reading or writing failed, 1 a person must act, 0 notes only."""
    if any(finding.code.startswith("E9") for finding in findings):
        return 2
    return 1 if any(finding.severity != "note" for finding in findings) else 0


def write_files(directory: str, files: Mapping[str, str]) -> list[str]:
    """Write texts into a directory: all of them are complete before the first takes its name.

    Args:
        directory: where to; made if missing.
        files: text by file name.

    Returns:
        The paths written, in order.

    Raises:
        LaptError: the directory or a file cannot be written (E903); nothing half-written stays behind.
    """
    import tempfile

    waiting: list[tuple[str, Path]] = []
    try:
        Path(directory).mkdir(parents=True, exist_ok=True)
        for name in files:
            if (Path(directory) / name).is_dir():
                raise IsADirectoryError(errno.EISDIR, f"{name} is a directory")
        for name, text in files.items():
            handle, temporary = tempfile.mkstemp(prefix=f".{name}.", dir=directory)
            waiting.append((temporary, Path(directory) / name))
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            # mkstemp makes private files; these are ordinary ones, so they get what the user's umask allows.
            os.chmod(temporary, 0o666 & ~_umask())
        for temporary, path in waiting:
            os.replace(temporary, path)
    except OSError as error:
        for temporary, _ in waiting:
            Path(temporary).unlink(missing_ok=True)
        raise cannot_write(directory, error) from error
    return [str(path) for _, path in waiting]


def write_file(path: str, text: str) -> str:
    """Write one file as `write_files` does."""
    target = Path(path)
    return write_files(str(target.parent), {target.name: text})[0]


def cannot_write(path: str, error: OSError) -> LaptError:
    """The finding for a place that cannot be written."""
    from lapt_dsl.language.diagnostics import Diagnostics
    from lapt_dsl.language.span import Span

    findings = Diagnostics()
    reason = error.strerror or str(error)
    hint = "choose another place with -o, or make room"
    findings.add("E903", f"cannot write to `{path}`: {reason}", Span(0, 0, 1, 1, path), hint=hint)
    return LaptError(findings.items)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
