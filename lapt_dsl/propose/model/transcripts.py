"""Transcripts on disk: append-only files with one JSON value per line, each durable before it is used.

The first line is a header. Every other line is an exchange, or the outcome of an earlier exchange.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, BinaryIO

from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.propose.exchange import Exchange, MemoryTranscript, canonical
from lapt_dsl.propose.model.failures import failure
from lapt_dsl.propose.model.records import exchange_from_json, exchange_to_json

HEADER = {"lapt": "transcript", "version": 1}
LONGEST_LINE = 32 * 1024 * 1024
LARGEST_FILE = 1024 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Recording:
    """The content of a transcript file.

    Attributes:
        exchanges: The exchanges.
        whole: Number of bytes in complete lines.
        torn: Number of bytes after them.
        newline: Whether the last complete line ends with a line break.
    """

    exchanges: tuple[Exchange, ...]
    whole: int
    torn: int
    newline: bool


def read_transcript(path: str | os.PathLike[str]) -> Recording:
    """Read a transcript as untrusted input: sizes and types are checked.

    An incomplete last line, as a killed process may leave it, is ignored and counted in `torn`. A last line that lacks
    only its line break is complete.

    Raises:
        LaptError: E854, the file cannot be read, is not a transcript, or is damaged.
    """
    name = os.fspath(path)
    try:
        with open(name, "rb") as file:
            if os.fstat(file.fileno()).st_size > LARGEST_FILE:
                raise _unusable(name, f"it is larger than {LARGEST_FILE // 2**20} MiB")
            return _read(name, file)
    except OSError as error:
        raise _unusable(name, error.strerror or str(error)) from error


def _read(name: str, file: BinaryIO) -> Recording:
    known = MemoryTranscript()
    whole = number = 0
    while line := file.readline(LONGEST_LINE + 1):
        number += 1
        ended = line.endswith(b"\n")
        if len(line) > LONGEST_LINE:
            raise _unusable(name, f"line {number} is longer than {LONGEST_LINE // 2**20} MiB")
        try:
            _take(known, number, json.loads(line.decode("utf-8")))
        except (ValueError, IndexError, RecursionError) as error:
            if not ended and number > 1:
                return Recording(tuple(known.exchanges()), whole, len(line), newline=True)
            what = "not a transcript" if number == 1 else f"line {number} is damaged: {_short(error)}"
            raise _unusable(name, what) from error
        whole += len(line)
        if not ended:
            return Recording(tuple(known.exchanges()), whole, 0, newline=False)
    return Recording(tuple(known.exchanges()), whole, 0, newline=True)


def _take(known: MemoryTranscript, number: int, value: Any) -> None:
    if number == 1:
        if value != HEADER:
            raise ValueError("the first line is not the header of a transcript")
    elif isinstance(value, dict) and "exchange" in value:
        known.add(exchange_from_json(value["exchange"]))
    elif isinstance(value, dict) and isinstance(value.get("settle"), int) and isinstance(value.get("outcome"), str):
        if value["settle"] < 0:
            raise ValueError("unknown exchange")
        known.settle(value["settle"], value["outcome"])
    else:
        raise ValueError("neither an exchange nor an outcome")


class FileTranscript:
    """A transcript in a file. One process writes to it at a time.

    `notes` describes repairs made when the file was opened.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Open a transcript to continue it, or create one.

        Raises:
            LaptError: E854, the file cannot be read or written, is in use, or is not a transcript.
        """
        self.path = os.fspath(path)
        self.notes: list[str] = []
        try:
            self._file = os.fdopen(os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666), "ab")
        except OSError as error:
            raise _unusable(self.path, error.strerror or str(error)) from error
        try:
            self._lock()
            self._known = MemoryTranscript(self._begin())
        except BaseException:
            self._file.close()
            raise

    def find(self, digest: str, occurrence: int) -> Exchange | None:
        """The exchange with this digest and occurrence, or None."""
        return self._known.find(digest, occurrence)

    def add(self, exchange: Exchange) -> None:
        """Write an exchange to the disk. Raises LaptError (E854) on failure."""
        self._known.add(exchange)
        self._write({"exchange": exchange_to_json(exchange)})

    def settle(self, number: int, outcome: str) -> None:
        """Write an outcome to the disk if it changed. Raises LaptError (E854) on failure."""
        if self._known.exchanges()[number].outcome != outcome:
            self._known.settle(number, outcome)
            self._write({"settle": number, "outcome": outcome})

    def exchanges(self) -> Sequence[Exchange]:
        """All exchanges in order."""
        return self._known.exchanges()

    def close(self) -> None:
        """Close the file and release its lock. Closing twice has no effect."""
        self._file.close()

    def __enter__(self) -> FileTranscript:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _begin(self) -> Sequence[Exchange]:
        if os.fstat(self._file.fileno()).st_size == 0:
            self._write(HEADER)
            return ()
        found = read_transcript(self.path)
        if found.torn:
            self._file.truncate(found.whole)
            self.notes.append(
                f"{self.path}: the incomplete last line was removed ({found.torn:,} bytes); its reply had not been "
                f"used, and the {len(found.exchanges):,} exchanges before it are complete"
            )
        if not found.newline:
            self._write(None)
        return found.exchanges

    def _lock(self) -> None:
        try:
            import fcntl
        except ImportError:
            # This system has no such locks. The user must avoid two writers.
            return
        try:
            fcntl.flock(self._file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise _unusable(self.path, "another process writes to it", "use one transcript per search") from error
        except OSError:
            # A file system without locks, such as some network mounts. The user must avoid two writers.
            return

    def _write(self, value: object | None) -> None:
        text = b"\n" if value is None else canonical(value).encode("ascii") + b"\n"
        try:
            self._file.write(text)
            self._file.flush()
            os.fsync(self._file.fileno())
        except (OSError, ValueError) as error:
            # Nothing may be appended after an incomplete line, so the file is closed.
            with suppress(OSError):
                self._file.close()
            why = getattr(error, "strerror", None) or str(error)
            raise _unusable(self.path, f"cannot write to it: {why}", "free disk space, then resume") from error


def _unusable(path: str, why: str, hint: str | None = None) -> LaptError:
    return failure("E854", f"cannot use the transcript `{path}`: {why}", hint, where=path)


def _short(error: Exception) -> str:
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)[:120]
