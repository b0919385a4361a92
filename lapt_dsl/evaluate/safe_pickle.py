"""Read untrusted pickles: the result is containers, strings and numbers, and no code of the pickle runs.

A pickle is a program: it may name any importable function and call it. Here every name is looked up in one short
list, whose entries are functions of this module, so a pickle cannot reach other code. A pickle can still use much
memory and time; `pickled_table.py` bounds both by reading in a separate process.
"""

from __future__ import annotations

import io
import os
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

TORCH_MAGIC = 0x1950A86A20F9469CFC6C
"""What torch's format before the zip files starts with, as a pickled number."""

_FORMATS = {"f2": "<e", "f4": "<f", "f8": "<d", "i1": "<b", "i2": "<h", "i4": "<i", "i8": "<q"}
_FORMATS |= {"u1": "<B", "u2": "<H", "u4": "<I", "u8": "<Q", "b1": "<?"}


class Unsafe(Exception):
    """The pickle names something that is not on the list; the message says what."""


class _Number:
    """Stands for a NumPy dtype while a pickle is read: just enough of it to read single numbers."""

    def __init__(self, code: object, *_: object) -> None:
        self.code = str(code)

    def __setstate__(self, state: object) -> None:
        # The state holds the byte order; published tables come from little-endian machines, as do the codes above.
        if isinstance(state, tuple) and len(state) > 1 and state[1] == ">":
            raise Unsafe("numbers in big-endian order")


def _scalar(kind: object, content: object = None) -> float | int:
    layout = _FORMATS.get(kind.code) if isinstance(kind, _Number) else None
    if layout is None or not isinstance(content, bytes) or len(content) != struct.calcsize(layout):
        raise Unsafe("a NumPy value that is no plain number")
    number: float | int = struct.unpack(layout, content)[0]
    return number


def _bytes(text: object = "", encoding: object = "latin1") -> bytes:
    if not isinstance(text, str) or encoding != "latin1":
        raise Unsafe("a text in another encoding")
    return text.encode("latin1")


ALLOWED: dict[tuple[str, str], Callable[..., object]] = {
    ("collections", "OrderedDict"): dict,
    ("numpy", "dtype"): _Number,
    ("numpy.core.multiarray", "scalar"): _scalar,
    ("numpy._core.multiarray", "scalar"): _scalar,
    # How protocol 2 writes bytes; it turns text into bytes and can do nothing else here.
    ("_codecs", "encode"): _bytes,
}
"""Every name a pickle may hold, with its replacement."""


class SafeUnpickler(pickle.Unpickler):
    """An unpickler that knows the names of `ALLOWED` and no others."""

    def find_class(self, module: str, name: str) -> Callable[..., object]:
        """What a name in the pickle stands for; Unsafe where it is not on the list."""
        found = ALLOWED.get((module, name))
        if found is None:
            raise Unsafe(f"`{module}.{name}`"[:120])
        return found

    def persistent_load(self, pid: object) -> object:
        """Refuse what lies outside the pickle, such as the storage of a torch tensor."""
        raise Unsafe("a torch tensor")


def load(path: str | Path, max_bytes: int) -> object:
    """The content of a pickle, bare or in either of torch's two formats.

    Args:
        path: The file.
        max_bytes: The largest pickle that is read.

    Returns:
        Dictionaries, lists, tuples, sets, texts, bytes and numbers, nested.

    Raises:
        Unsafe: The pickle asks for anything else.
        ValueError: The file holds no pickle, or too large a one.
        Exception: Whatever the unpickler finds wrong with a broken pickle.
    """
    content = Path(path).read_bytes() if os.path.getsize(path) <= max_bytes else b""
    if not content:
        raise ValueError("the file is empty or too large")
    if content.startswith(b"PK\x03\x04"):
        content = _zipped(content, max_bytes)
    stream = io.BytesIO(content)
    found = SafeUnpickler(stream).load()
    if found == TORCH_MAGIC:
        # The version and the machine's description stand between the mark and the object.
        for _ in range(3):
            found = SafeUnpickler(stream).load()
    return found


def _zipped(packed: bytes, max_bytes: int) -> bytes:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        pickles = [info for info in archive.infolist() if info.filename.endswith("/data.pkl")]
        if len(pickles) != 1:
            raise ValueError("the archive holds no `data.pkl`")
        if pickles[0].file_size > max_bytes:
            raise ValueError("the pickle in the archive is too large")
        with archive.open(pickles[0]) as member:
            # Read no further than the archive says, since what it says need not be true.
            return member.read(pickles[0].file_size)
