"""Errors of the run store. Their hints say what was kept and what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from lapt_dsl.diagnostics.diagnostic import Diagnostics, LaptError
from lapt_dsl.diagnostics.span import Span

_HINTS = {
    "E804": "copy the file, then try `sqlite3 FILE .recover`; the file was not changed",
    "E806": "free disk space and continue with --resume; all earlier steps are stored",
    "E807": "check the path and its permissions; everything stored so far is kept",
}


def store_error(code: str, path: str, message: str, hint: str | None = None) -> LaptError:
    """An error about the store at `path`."""
    diagnostics = Diagnostics()
    diagnostics.add(code, message, Span(0, 0, 1, 1, path), hint=hint if hint is not None else _HINTS.get(code))
    return LaptError(diagnostics.items)


@contextmanager
def guarded(path: str) -> Iterator[None]:
    """Convert errors of SQLite and of the operating system into errors about the store at `path`."""
    try:
        yield
    except sqlite3.Error as error:
        raise _translated(path, error) from error
    except OSError as error:
        raise store_error("E807", path, f"cannot use the store `{path}`: {error.strerror or error}") from error


def _translated(path: str, error: sqlite3.Error) -> LaptError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return store_error("E806", path, "this step cannot be stored: the disk is full")
    if code == sqlite3.SQLITE_NOTADB:
        return store_error(
            "E803", path, f"`{path}` is not a run store", "choose another file; this one was not changed"
        )
    if code == sqlite3.SQLITE_CORRUPT:
        return store_error("E804", path, f"the store is damaged: {error}")
    if code == sqlite3.SQLITE_CONSTRAINT:
        return store_error("E809", path, f"the record exists already: {error}", "nothing was changed")
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return store_error("E801", path, "another program has locked the store", "close it, then try again")
    return store_error("E807", path, f"cannot use the store `{path}`: {error}")
