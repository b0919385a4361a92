"""The text of a table file: decompressed with a bound on the output, and decoded."""

from __future__ import annotations

import bz2
import hashlib
import io
import lzma
import os
import zipfile
import zlib
from dataclasses import dataclass

from lapt_dsl.compiler.program.source_files import MAX_BYTES, SourceFile, read_bytes
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.diagnostics.suggestions import listed, shortened

ZIP_START = b"PK\x03\x04"
MAX_LZMA_MEMORY = 2**28
"""An xz file names the size of its dictionary, up to 4 GiB; `xz -9` needs 65 MiB to decompress."""
MAX_DIRECTORY = 2**16
"""Bytes of a zip file's directory: far more than one table needs, and far less than a million empty members."""

MAX_STREAMS = 10_000

_CHUNK = 2**16
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_OTHERS = {
    b"\x28\xb5\x2f\xfd": ("compressed with zstd", "decompress it first: zstd -d FILE"),
    b"\xd0\xcf\x11\xe0": ("an Excel workbook (.xls)", "save the sheet as CSV"),
    b"7z\xbc\xaf": ("a 7-Zip archive", "extract the table first"),
    b"\x89HDF": ("an HDF5 file", "save the table as CSV or Parquet"),
    b"ARRO": ("an Arrow or Feather file", "save the table as Parquet or CSV"),
}
"""Starts of files that are not read, what they are, and what to do."""


@dataclass(frozen=True, slots=True)
class TableText:
    """A table's text, and how its file was compressed: `gzip`, `xz`, `bzip2`, `zip`, or None."""

    source: SourceFile
    compression: str | None = None


def read_table_text(path: str) -> TableText:
    """Read and decompress a file of text.

    The start of the file determines the compression, not its ending. Files and their decompressed content are bounded
    by MAX_BYTES; decompression stops there, so a small file that expands to terabytes costs no more than others.

    Args:
        path: A text file, or one compressed with gzip, xz, bzip2 or zip. A zip file must hold one file.

    Raises:
        LaptError: E901, it cannot be read; E902, it is no UTF-8 or UTF-16 text; E702, the compressed data is damaged;
            E710, it is too large decompressed; E701, it is a file of another kind.
    """
    content = read_bytes(path)
    for start, (what, hint) in _OTHERS.items():
        if content.startswith(start):
            raise LaptError.of("E701", f"`{shortened(path)}` is {what}, not a table as text", path, hint=hint)
    compression = next((name for start, name in _STARTS.items() if content.startswith(start)), None)
    if compression is not None:
        try:
            content = _decompressed(path, content, compression)
        except _DAMAGED as error:
            message = f"the {compression} file is damaged: {str(error)[:200]}"
            raise LaptError.of("E702", message, path, hint="is the download complete?") from error
    return TableText(
        SourceFile(path, _decoded(path, content, compression), hashlib.sha256(content).hexdigest()), compression
    )


_STARTS = {b"\x1f\x8b": "gzip", b"\xfd7zXZ\x00": "xz", b"BZh": "bzip2", ZIP_START: "zip"}
_DAMAGED = (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError, zipfile.BadZipFile, NotImplementedError)


def _decompressed(path: str, content: bytes, compression: str) -> bytes:
    if compression == "zip":
        return _member(path, content)
    parts: list[bytes] = []
    size = place = 0
    # A file may be several streams one after the other: parallel compressors write it so.
    for _ in range(MAX_STREAMS):
        stream = _stream(compression)
        while not stream.eof:
            needs = stream.needs_input
            if needs and place >= len(content):
                raise EOFError("it ends in the middle")
            chunk = content[place : place + _CHUNK] if needs else b""
            place += len(chunk)
            parts.append(stream.decompress(chunk, _CHUNK))
            size += len(parts[-1])
            _check_size(path, size, compression)
        place -= len(stream.unused_data)
        while content[place : place + 1] == b"\x00":
            place += 1
        if place >= len(content):
            return b"".join(parts)
    raise ValueError(f"it has more than {MAX_STREAMS:,} parts")


def _stream(compression: str) -> _Gzip | bz2.BZ2Decompressor | lzma.LZMADecompressor:
    if compression == "gzip":
        return _Gzip()
    if compression == "xz":
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MAX_LZMA_MEMORY)
    return bz2.BZ2Decompressor()


class _Gzip:
    """zlib's decompressor with the interface of the other two."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
        self._full = False

    @property
    def eof(self) -> bool:
        """Whether the stream has ended."""
        return self._stream.eof

    @property
    def unused_data(self) -> bytes:
        """What follows the stream."""
        return self._stream.unused_data

    @property
    def needs_input(self) -> bool:
        """Whether nothing is left to decompress; output that filled its bound may have more behind it."""
        return not self._full and not self._stream.unconsumed_tail

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """At most `max_length` bytes more."""
        part = self._stream.decompress(self._stream.unconsumed_tail + data, max_length)
        self._full = len(part) == max_length
        return part


def _check_size(path: str, size: int, compression: str) -> None:
    if size > MAX_BYTES:
        message = f"the table is larger than {MAX_BYTES // 2**20} MiB decompressed ({compression})"
        raise LaptError.of("E710", message, path, hint="keep the columns and rows that you need")


def zip_members(path: str, content: bytes) -> list[str]:
    """Names of the files in a zip file, without folders and the records that macOS adds.

    Raises:
        zipfile.BadZipFile: It is damaged.
        LaptError: E701, its directory is far larger than that of one table.
    """
    end = content.rfind(b"PK\x05\x06", max(0, len(content) - 2**16 - 22))
    listing = int.from_bytes(content[end + 12 : end + 16], "little") if end >= 0 else 0
    # A large directory would take memory before its first entry could be looked at; so would one of the 64-bit kind.
    if listing > MAX_DIRECTORY or (end >= 20 and content[end - 20 : end - 16] == b"PK\x06\x07"):
        raise LaptError.of("E701", "the zip file holds too many files", path, hint="put one table in a zip file")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = [entry.filename for entry in archive.infolist() if not entry.is_dir()]
    return [name for name in names if not name.startswith("__MACOSX/") and os.path.basename(name) != ".DS_Store"]


def _member(path: str, content: bytes) -> bytes:
    names = zip_members(path, content)
    if "xl/workbook.xml" in names:
        hint = "save the sheet as CSV"
        raise LaptError.of("E701", f"`{shortened(path)}` is an Excel workbook (.xlsx)", path, hint=hint)
    if len(names) != 1:
        listing = listed(shortened(name) for name in names[:8]) or "none"
        message = f"the zip file holds {len(names)} files, and a table is one file"
        raise LaptError.of("E701", message, path, hint=f"its files: {listing}; extract the one you need")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entry = archive.getinfo(names[0])
        if entry.flag_bits & 1:
            raise LaptError.of("E701", "the zip file is encrypted", path, hint="extract the table first")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            message = "the zip file uses another compression than deflate"
            raise LaptError.of("E701", message, path, hint="extract the table first")
        with archive.open(entry) as file:
            unpacked = file.read(MAX_BYTES + 1)
    _check_size(path, len(unpacked), "zip")
    return unpacked


def _decoded(path: str, content: bytes, compression: str | None) -> str:
    if content.startswith(_UTF16):
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError as error:
            message = f"`{shortened(path)}` starts as UTF-16 text and is damaged: byte {error.start} cannot be read"
            raise LaptError.of("E902", message, path, hint="save the file as UTF-8") from error
    if content.startswith(b"PAR1"):
        message = f"`{shortened(path)}` is a Parquet file compressed with {compression}"
        raise LaptError.of("E701", message, path, hint="decompress it first")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        inside = f" (decompressed with {compression})" if compression is not None else ""
        message = f"`{shortened(path)}`{inside} is not UTF-8 text: byte {error.start} cannot be read"
        raise LaptError.of("E902", message, path, hint="save the file as UTF-8") from error
