"""What every verb shares about output: colour, JSON, diagnostics, and files that are never half-written."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from lapt_dsl.commands.options.terminal import echo
from lapt_dsl.diagnostics.diagnostic import LaptError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from rich.console import Console, ConsoleOptions, RenderableType
    from rich.table import Table

    from lapt_dsl.diagnostics.diagnostic import Diagnostic

PLAIN_WIDTH = 120
MOST_SHOWN_BYTES = 64 * 1024 * 1024
"""No source line of a larger file is shown beside a diagnostic: the file was not read, so it is not read for this."""
_OPTIONS = ("E750", "E759", "E760", "E764", "E765", "E770", "E774", "E775", "E790", "E791")
"""Codes of wrong usage: an option names something that does not exist."""
_NOT_INPUT = ("E8", "E9", "E762", "E771", "E781", "E782", "E783", "E785", *_OPTIONS)
"""Codes of errors outside the input: usage, reading, writing, storing, and the training of a supernet."""


def console(stream: IO[str] | None = None) -> Console:
    """A console on `stream`: colour only on a terminal and without NO_COLOR, a fixed width elsewhere."""
    from rich.console import Console
    from rich.segment import Segment

    from lapt_dsl.diagnostics.snippet import plain_lines

    class Pipeable(Console):
        """A console that leaves a closed pipe to `main`, and that escapes control characters of what it shows."""

        def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
            for segment in super().render(renderable, options):
                if segment.control or segment.text.isprintable():
                    yield segment
                else:
                    yield Segment(plain_lines(segment.text), segment.style)

        def on_broken_pipe(self) -> None:
            raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))

    target = stream or sys.stdout
    terminal = target.isatty()
    return Pipeable(
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


def print_diff(name: str, before: str, after: str, done: str) -> None:
    """Print what changed in a text, as a patch; `done` names the new side, e.g. `formatted`."""
    import difflib

    from lapt_dsl.diagnostics.snippet import plain

    styles = {"+": "green", "-": "red", "@": "cyan"}
    out = console()
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), f"{name} (now)", f"{name} ({done})", lineterm=""
    )
    for line in lines:
        # A program gets the text as it is, a terminal nothing that could act on it.
        out.print(plain(line, tabs=True) if out.is_terminal else line, style=styles.get(line[:1], ""), soft_wrap=True)


def write_text(text: str) -> None:
    """Write a text to standard output: to a program as it is, to a terminal with its control characters escaped."""
    from lapt_dsl.diagnostics.snippet import plain_lines

    sys.stdout.write(plain_lines(text) if sys.stdout.isatty() else text)


def print_json(value: object) -> None:
    """Print `value` as indented JSON, keys in the order given."""
    from lapt_dsl.compiler.targets.json_text import json_text

    echo(json_text(value), nl=False)


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


def show_diagnostics(diagnostics: Sequence[Diagnostic], sources: Mapping[str, str] | None = None) -> None:
    """Print diagnostics to standard error, with the source lines they point at where the files can be read.

    Of one code in one file the first `cap.MAX_PER_CODE` are shown, with the number of the others.
    """
    from lapt_dsl.diagnostics.cap import capped
    from lapt_dsl.diagnostics.render import render

    shown = capped(diagnostics)
    texts = dict(sources or {})
    add_texts(texts, shown)
    click.echo(render(shown, texts, "text", colour=colour(sys.stderr)), err=True, nl=False)


def add_texts(
    texts: dict[str, str], diagnostics: Sequence[Diagnostic], allowed: Callable[[str], bool] | None = None
) -> None:
    """Read the files that diagnostics point into and that `texts` does not hold yet, such as extended files.

    Args:
        texts: The texts by the names of the files; completed here.
        diagnostics: What is to be shown.
        allowed: Whether a file may be read; any may if not given.
    """
    for diagnostic in diagnostics:
        for span in (diagnostic.span, *(note.span for note in diagnostic.notes if note.span is not None)):
            if span.file in texts or (allowed is not None and not allowed(span.file)):
                continue
            if os.path.isfile(span.file):
                try:
                    text = _lines_to_show(span.file)
                except OSError:
                    # The diagnostic itself says that the file cannot be read; it is shown without the line.
                    continue
                if text:
                    texts[span.file] = text


def _lines_to_show(path: str) -> str:
    """The text of a file, or nothing for a binary or huge one, of which no line helps anyone."""
    if os.path.getsize(path) > MOST_SHOWN_BYTES:
        return ""
    content = Path(path).read_bytes()
    return "" if b"\0" in content[:4096] else content.decode("utf-8", errors="replace")


def exit_code(diagnostics: Sequence[Diagnostic]) -> int:
    """The exit code of diagnostics: 2 for an error outside the input, 1 for warnings and errors, 0 for notes only."""
    if any(diagnostic.code.startswith(_NOT_INPUT) for diagnostic in diagnostics):
        return 2
    return 1 if any(diagnostic.severity != "note" for diagnostic in diagnostics) else 0


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
    waiting: list[tuple[str, str]] = []
    current = directory
    try:
        Path(directory).mkdir(parents=True, exist_ok=True)
        targets = {name: os.path.realpath(Path(directory) / name) for name in files}
        for path in targets.values():
            if os.path.isdir(path):
                raise IsADirectoryError(errno.EISDIR, f"{path} is a directory")
        for name, text in files.items():
            path, current = targets[name], str(Path(directory) / name)
            if os.path.exists(path) and not os.path.isfile(path):
                # A device or a pipe (`-o /dev/stdout`) is written to; taking its name would destroy it.
                Path(path).write_text(text, encoding="utf-8")
            else:
                waiting.append((_write_beside(path, text), path))
        while waiting:
            os.replace(*waiting[0])
            waiting.pop(0)
    except OSError as error:
        raise cannot_write(current, error) from error
    finally:
        for temporary, _ in waiting:
            Path(temporary).unlink(missing_ok=True)
    return [str(Path(directory) / name) for name in files]


def _write_beside(path: str, text: str) -> str:
    """Write a temporary file beside `path`, with the permissions of `path` or those the umask allows."""
    import tempfile

    mode = os.stat(path).st_mode & 0o777 if os.path.exists(path) else 0o666 & ~_umask()
    handle, temporary = tempfile.mkstemp(prefix=f".{os.path.basename(path)}.", dir=os.path.dirname(path))
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, mode)
    except OSError:
        os.unlink(temporary)
        raise
    return temporary


def write_file(path: str, text: str) -> str:
    """Write one file as `write_files` does."""
    target = Path(path)
    return write_files(str(target.parent), {target.name: text})[0]


def cannot_write(path: str, error: OSError) -> LaptError:
    """The diagnostic for a place that cannot be written."""
    from lapt_dsl.diagnostics.diagnostic import Diagnostics
    from lapt_dsl.diagnostics.span import Span

    diagnostics = Diagnostics()
    reason = error.strerror or str(error)
    hint = "choose another place with -o, or make room"
    diagnostics.add("E903", f"cannot write to `{path}`: {reason}", Span(0, 0, 1, 1, path), hint=hint)
    return LaptError(diagnostics.items)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
