"""The IDX files of MNIST and Fashion-MNIST, packed or not: four files in one directory."""

from __future__ import annotations

import os
import struct
from typing import Any

from lapt_dsl.evaluate.data.files import bounded, damaged, ended, exactly, opened
from lapt_dsl.evaluate.data.images import MAX_SIDE, ImageData, checked_images

FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")


def is_idx(folder: str) -> bool:
    """Whether a directory holds the first of the files."""
    return _path(folder, FILES[0]) is not None


def load_idx(folder: str, name: str) -> ImageData:
    """Read the set in a directory.

    Raises:
        LaptError: E752, a file is missing, damaged or no IDX file; E755, too large; E753, E754, it does not fit.
    """
    parts = []
    for file in FILES:
        path = _path(folder, file)
        if path is None:
            raise damaged(folder, f"`{file}` is missing, packed or not")
        parts.append(read_idx(path, 3 if "idx3" in file else 1))
    return checked_images((parts[0], parts[1], parts[2], parts[3]), name, folder)


def read_idx(path: str, dimensions: int) -> Any:
    """One file as a uint8 array with `dimensions` dimensions; exactly the size in its header is read."""
    import numpy as np

    with opened(path) as file:
        magic = exactly(file, 4, path)
        if magic != bytes((0, 0, 8, dimensions)):
            raise damaged(path, f"the file starts with {magic.hex()}, not with {bytes((0, 0, 8, dimensions)).hex()}")
        sides = struct.unpack(f">{dimensions}I", exactly(file, 4 * dimensions, path))
        if any(side > MAX_SIDE for side in sides[1:]):
            raise damaged(path, f"the file says that its images are {sides[1]} x {sides[2]}")
        image = sides[1] * sides[2] if dimensions == 3 else 1
        content = exactly(file, bounded(sides[0], image, path), path)
        ended(file, path)
    return np.frombuffer(content, dtype=np.uint8).reshape(sides)


def _path(folder: str, file: str) -> str | None:
    # Some copies say `train-images.idx3-ubyte`.
    for name in (file, f"{file}.gz", file.replace("-idx", ".idx"), f"{file.replace('-idx', '.idx')}.gz"):
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            return path
    return None
