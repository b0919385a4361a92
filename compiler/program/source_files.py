"""Reading source files: bounded, regular files only, and where wanted only inside one directory."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.diagnostics.span import Span

MAX_BYTES = 64 * 1024 * 1024
"""A larger file is not read: no text of either language comes near it."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A text that took part in a compilation: the name shown to the user, the text and the SHA-256 of its bytes."""

    name: str
    text: str
    sha256: str


def source_of_text(text: str, name: str = "<text>") -> SourceFile:
    """A text that is not a file."""
    return SourceFile(name, text, hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest())


def read_source(path: str | Path, at: Span | None = None, root: Path | None = None) -> SourceFile:
    """Read a text file.

    Args:
        path: The file; its name in messages is `path` as given.
        at: The place that names the file, for messages; the start of the file by default.
        root: Where given, a file outside this directory is refused, symbolic links followed.

    Raises:
        LaptError: E901 when it cannot be read, E902 when it is no UTF-8 text, E304 when it is outside `root`.
    """
    name = os.fspath(path)
    span = at if at is not None else Span(0, 0, 1, 1, name)
    try:
        if root is not None and not Path(path).resolve().is_relative_to(root.resolve()):
            message = f"`{name}` is outside the directory that may be read"
            where = "the current directory" if root == Path() else os.fspath(root)
            hint = f"keep it below {where}, or name another root, as with `--root`"
            raise LaptError.of("E304", message, span, hint=hint)
        content = _read_bytes(name)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise LaptError.of(
            "E901", f"cannot read `{name}`: {reason}", span, hint="check the path and its permissions"
        ) from error
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        message = f"`{name}` is not UTF-8 text: byte {error.start} cannot be read"
        raise LaptError.of("E902", message, span, hint="save the file as UTF-8") from error
    return SourceFile(name, text, hashlib.sha256(content).hexdigest())


def read_bytes(path: str | Path) -> bytes:
    """Read a file that is no text, bounded as texts are. LaptError: E901."""
    name = os.fspath(path)
    try:
        return _read_bytes(name)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        span = Span(0, 0, 1, 1, name)
        raise LaptError.of(
            "E901", f"cannot read `{name}`: {reason}", span, hint="check the path and its permissions"
        ) from error


def _read_bytes(name: str) -> bytes:
    # Opened without blocking and checked by its descriptor, so that a pipe cannot block or replace the file.
    descriptor = os.open(name, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        if stat.S_ISDIR(status.st_mode):
            raise ValueError("it is a directory")
        if not stat.S_ISREG(status.st_mode):
            raise ValueError("it is not a regular file")
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise ValueError(f"it is larger than {MAX_BYTES // 2**20} MiB")
    return content
