"""The pickled batches of CIFAR, read as data: NumPy's array is the one name they may hold, and nothing of them is run.

Before anything is built the opcodes are counted: they bound what the unpickler can take in memory and time.
"""

from __future__ import annotations

import io
import os
import pickletools
from collections.abc import Callable
from typing import Any

from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.diagnostics.suggestions import shortened
from lapt_dsl.evaluate.data.files import damaged, exactly, opened
from lapt_dsl.evaluate.safe_pickle import SafeUnpickler, Unsafe

MAX_FILE_BYTES = 256 * 2**20
MAX_OPCODES = 1_000_000
MAX_CALLS = 16
IMAGE_BYTES = 3 * 32 * 32

_PLAIN = frozenset(
    [
        *("PROTO", "FRAME", "STOP", "MARK", "NONE", "NEWTRUE", "NEWFALSE", "BININT", "BININT1", "BININT2"),
        *("EMPTY_DICT", "EMPTY_LIST", "EMPTY_TUPLE", "TUPLE", "TUPLE1", "TUPLE2", "TUPLE3"),
        *("APPEND", "APPENDS", "SETITEM", "SETITEMS"),
        *("BINPUT", "LONG_BINPUT", "MEMOIZE", "BINGET", "LONG_BINGET"),
        *("BINSTRING", "SHORT_BINSTRING", "BINBYTES", "SHORT_BINBYTES", "BINUNICODE", "SHORT_BINUNICODE"),
    ]
)
_CALLS = frozenset(("GLOBAL", "STACK_GLOBAL", "REDUCE", "BUILD"))
_ARRAYS = (("numpy.core.multiarray", "_reconstruct"), ("numpy._core.multiarray", "_reconstruct"))


class _Array:
    """Stands for a NumPy array of bytes while a pickle is read: its shape and its content."""

    shape: tuple[int, ...] = ()
    content = b""

    def __setstate__(self, state: object) -> None:
        match state:
            case (int(), tuple(shape), kind, False, bytes(content)) if getattr(kind, "code", None) in ("u1", "b'u1'"):
                self.shape, self.content = shape, content
            case _:
                raise Unsafe("an array that is not of plain bytes, row by row")


def _array(*_: object) -> _Array:
    return _Array()


class _Batches(SafeUnpickler):
    def find_class(self, module: str, name: str) -> Callable[..., object]:
        if (module, name) in _ARRAYS:
            return _array
        if (module, name) == ("numpy", "ndarray"):
            return _Array
        return super().find_class(module, name)


def read_batch(path: str, key: str) -> tuple[Any, Any]:
    """The images [N, 3072] uint8 and labels [N] int64 of one file.

    Args:
        path: The file.
        key: What its labels are called.

    Raises:
        LaptError: E756, it holds something else than a batch; E752, damaged; E755, too large; E754, labels.
    """
    import numpy as np

    content = _content(path)
    try:
        _count(content)
        found = _Batches(io.BytesIO(content), encoding="bytes").load()
    except Unsafe as problem:
        message = f"the pickle holds {problem}, for which images have no use"
        hint = "nothing of it was run; fetch the file again from where it was published"
        raise LaptError.of("E756", message, path, hint=hint) from problem
    except LaptError:
        raise
    except Exception as problem:
        # A broken pickle can make the unpickler raise nearly anything, and all of it means the same.
        reason = shortened(f"{type(problem).__name__}: {problem}")
        raise damaged(path, f"the pickle is broken or cut off ({reason})") from problem
    images, labels = _entry(found, "data"), _entry(found, key)
    if not isinstance(images, _Array) or images.shape != (len(images.content) // IMAGE_BYTES, IMAGE_BYTES):
        raise damaged(path, "the pickle holds no images of 3 x 32 x 32 bytes under `data`")
    if len(images.content) != images.shape[0] * IMAGE_BYTES:
        raise damaged(path, "the images end in the middle of one")
    whole = isinstance(labels, list) and all(type(label) is int for label in labels)
    if not isinstance(labels, list) or not whole or len(labels) != images.shape[0]:
        message = f"the pickle has no label for each of its {images.shape[0]} images under `{key}`"
        raise LaptError.of("E754", message, path, hint="fetch the file again from where it was published")
    return np.frombuffer(images.content, dtype=np.uint8).reshape(images.shape), np.array(labels, dtype=np.int64)


def _content(path: str) -> bytes:
    with opened(path) as file:
        size = os.path.getsize(path)
        if size > MAX_FILE_BYTES:
            message = f"the file is larger than {MAX_FILE_BYTES // 2**20} MiB, which no batch of CIFAR is"
            raise LaptError.of("E755", message, path, hint="fetch the file again from where it was published")
        return exactly(file, size, path)


def _count(content: bytes) -> None:
    calls = 0
    for number, (opcode, _, _) in enumerate(pickletools.genops(content)):
        calls += opcode.name in _CALLS
        if opcode.name not in _PLAIN and opcode.name not in _CALLS:
            raise Unsafe(f"the instruction {opcode.name}")
        if number >= MAX_OPCODES or calls > MAX_CALLS:
            raise Unsafe("more instructions than a batch can need")


def _entry(found: object, key: str) -> object:
    if not isinstance(found, dict):
        return None
    # Python 2 wrote the keys as bytes.
    return found.get(key.encode("ascii"), found.get(key))
