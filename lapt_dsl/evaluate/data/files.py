"""Read the files of image sets: only regular files, and never more bytes than expected."""

from __future__ import annotations

import gzip
import os
import stat
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from lapt_dsl.diagnostics.diagnostic import LaptError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

MAX_IMAGE_BYTES = 8 * 2**30
"""The most that the images of one set may take in memory; CIFAR takes 0.18 GiB, ImageNet at 32 x 32 takes 4 GiB."""


@contextmanager
def opened(path: str) -> Iterator[IO[bytes]]:
    """A file for reading, unpacked on the way where it ends in `.gz`.

    Raises:
        LaptError: E901, it cannot be opened; E752, reading it found damage.
    """
    try:
        # Opened without blocking, and the type is checked on the descriptor: a pipe would block otherwise.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
        file = os.fdopen(descriptor, "rb")
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    with file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise LaptError.of("E901", f"cannot read `{path}`: it is no regular file", path, hint="check the path")
        try:
            yield cast("IO[bytes]", gzip.GzipFile(fileobj=file)) if path.endswith(".gz") else file
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise damaged(path, f"the packed file is damaged: {error}") from error
        except OSError as error:
            raise _unreadable(path, error) from error


def exactly(file: IO[bytes], count: int, path: str) -> bytes:
    """The next `count` bytes; LaptError E752 where the file ends before."""
    content = file.read(count)
    if len(content) < count:
        raise damaged(path, f"the file ends after {len(content):,} of {count:,} bytes")
    return content


def ended(file: IO[bytes], path: str) -> None:
    """LaptError E752 where a file goes on after what it says it holds."""
    if file.read(1):
        raise damaged(path, "the file goes on after its last image")


def bounded(images: int, image_bytes: int, path: str) -> int:
    """The size of all images in bytes; LaptError E755 where it exceeds the limit."""
    total = images * image_bytes
    if total > MAX_IMAGE_BYTES:
        message = (
            f"{images:,} images take {total / 2**30:.1f} GiB, more than the {MAX_IMAGE_BYTES // 2**30} GiB allowed"
        )
        raise LaptError.of("E755", message, path, hint="use fewer or smaller images")
    return total


def damaged(path: str, message: str) -> Exception:
    """E752 for a file."""
    return LaptError.of(
        "E752", message, path, hint="fetch the file again, and compare its checksum with the published one"
    )


def _unreadable(path: str, error: Exception) -> Exception:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return LaptError.of("E901", f"cannot read `{path}`: {reason}", path, hint="check the path and its permissions")
