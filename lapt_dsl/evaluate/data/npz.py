"""A NumPy archive with the arrays x_train, y_train, x_test and y_test; nothing pickled in it is ever read."""

from __future__ import annotations

import math
import zipfile
import zlib
from typing import TYPE_CHECKING, Any

from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.evaluate.data.files import bounded, damaged, ended, exactly, opened
from lapt_dsl.evaluate.data.images import ImageData, checked_images

if TYPE_CHECKING:
    from typing import IO

ARRAYS = ("x_train", "y_train", "x_test", "y_test")


def load_npz(path: str, name: str) -> ImageData:
    """Read a `.npz` file.

    Raises:
        LaptError: E752, it is damaged or lacks an array; E755, too large; E753, E754, an array does not fit.
    """
    with opened(path) as file:
        try:
            with zipfile.ZipFile(file) as archive:
                held = set(archive.namelist())
                missing = [array for array in ARRAYS if f"{array}.npy" not in held]
                if missing:
                    message = f"the archive has no array {', '.join(f'`{array}`' for array in missing)}"
                    hint = (
                        "write it with numpy.savez_compressed(path, x_train=..., y_train=..., x_test=..., y_test=...)"
                    )
                    raise LaptError.of("E752", message, path, hint=hint)
                found = [_member(archive, array, path) for array in ARRAYS]
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
            raise damaged(path, f"the archive is damaged: {error}") from error
    return checked_images((found[0], found[1], found[2], found[3]), name, path)


def _member(archive: zipfile.ZipFile, array: str, path: str) -> Any:
    with archive.open(f"{array}.npy") as member:
        return _array(member, array, path)


def _array(member: IO[bytes], array: str, path: str) -> Any:
    import numpy as np
    from numpy.lib import format as npy

    try:
        version = npy.read_magic(member)
        read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, fortran, kind = read(member)
    except (ValueError, SyntaxError, TypeError) as error:
        raise damaged(path, f"`{array}` has no header that can be read") from error
    if kind.hasobject or kind.kind not in "iufb":
        raise LaptError.of(
            "E753", f"`{array}` holds {kind}, not numbers", path, hint="images are uint8, labels integers"
        )
    # What the header says is checked before a byte is asked for, so that no file makes this take more memory.
    size = bounded(1, math.prod(shape) * kind.itemsize, path)
    try:
        content = exactly(member, size, path)
        ended(member, path)
    except LaptError as error:
        raise damaged(path, f"`{array}`: {error.diagnostics[0].message}") from error
    found = np.frombuffer(content, dtype=kind)
    return found.reshape(shape, order="F" if fortran else "C")
