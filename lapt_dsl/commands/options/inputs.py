"""The texts a verb works on: files, folders of files, and standard input."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from lapt_dsl.diagnostics.diagnostic import Diagnostic, LaptError
from lapt_dsl.diagnostics.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lapt_dsl.commands.options.read_roots import ReadRoots
    from lapt_dsl.compiler.program.source_files import SourceFile

STANDARD_INPUT = "<stdin>"
ENDINGS = (".lp", ".space")


def read_inputs(
    paths: Iterable[str], endings: tuple[str, ...] = ENDINGS, roots: ReadRoots | None = None
) -> Iterator[SourceFile | LaptError]:
    """Read each named text.

    Args:
        paths: files, folders (every file below with one of the endings, in order of name, hidden files and folders left
            out) and `-` for standard input.
        endings: what counts in a folder.
        roots: where given, a file outside its root is refused, symbolic links followed.

    Yields:
        The source, or the error for one that cannot be read, so that one bad path does not hide the others.
    """
    from lapt_dsl.compiler.program.source_files import read_source

    for path in paths:
        if path == "-":
            yield _standard_input()
            continue
        folder = path if Path(path).is_dir() else None
        names = [path] if folder is None else _below(folder, endings)
        if not names:
            yield _refused(
                "E901", path, f"there is no {' or '.join(endings)} file below `{path}`", "name another folder"
            )
        for name in names:
            try:
                yield read_source(name, root=None if roots is None else roots.root_of(name, folder))
            except LaptError as error:
                yield error


def _below(folder: str, endings: tuple[str, ...]) -> list[str]:
    found = (path for path in Path(folder).rglob("*") if path.suffix in endings and path.is_file())
    return sorted(str(path) for path in found if not any(part[0] == "." for part in path.relative_to(folder).parts))


def _standard_input() -> SourceFile | LaptError:
    from lapt_dsl.compiler.program.source_files import MAX_BYTES, source_of_text

    if sys.stdin is None:
        return _refused("E901", STANDARD_INPUT, "cannot read standard input: it is closed", "pipe a text in")
    content = sys.stdin.buffer.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        message = f"standard input is larger than {MAX_BYTES // 2**20} MiB"
        return _refused("E901", STANDARD_INPUT, message, "split it")
    try:
        return source_of_text(content.decode("utf-8"), STANDARD_INPUT)
    except UnicodeDecodeError as error:
        message = f"standard input is not UTF-8 text: byte {error.start} cannot be read"
        return _refused("E902", STANDARD_INPUT, message, "pass UTF-8 text")


def _refused(code: str, name: str, message: str, hint: str) -> LaptError:
    return LaptError([Diagnostic(code, "error", message, Span(0, 0, 1, 1, name), hint)])
