"""Folders of image files, as ImageNet is kept: train/CLASS/*.jpg and val/CLASS/*.jpg (or test/), a folder a class.

Every image is scaled so that its shorter side fits, and its middle square is taken; all of them are held in memory.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.diagnostics.suggestions import listed
from lapt_dsl.evaluate.data.files import bounded, damaged
from lapt_dsl.evaluate.data.images import MAX_SIDE, ImageData, checked_images

if TYPE_CHECKING:
    from types import ModuleType

DEFAULT_SIZE = 32
ENDINGS = (".png", ".jpg", ".jpeg")
MAX_FILES = 2_000_000
MAX_PIXELS = 2**26
"""The largest image that is decoded; a file of some bytes can say that it holds any number of pixels."""

_TESTS = ("val", "test")


def is_folders(folder: str) -> bool:
    """Whether a directory has a training and a validation or test part."""
    return os.path.isdir(os.path.join(folder, "train")) and _test_part(folder) is not None


def load_folders(folder: str, name: str, size: int | None = None) -> ImageData:
    """Read the set in a directory.

    Args:
        folder: The directory; its `val` or `test` becomes the test part, which is looked at once, at the end.
        name: For people.
        size: Height and width in pixels that images are brought to; None is 32.

    Raises:
        LaptError: E759, Pillow is not installed; E757, a file is no image; E752, folders do not fit; E755, too large.
    """
    side = size if size is not None else DEFAULT_SIZE
    if not 1 <= side <= MAX_SIDE:
        raise LaptError.of("E753", f"images cannot be {side} x {side}", folder, hint=f"a size from 1 to {MAX_SIDE}")
    pillow = _pillow(folder)
    test = _test_part(folder) or "val"
    classes = _classes(os.path.join(folder, "train"))
    others = _classes(os.path.join(folder, test))
    if classes != others:
        odd = sorted(set(classes) ^ set(others))
        hint = f"the same folders are needed below train and {test}"
        raise LaptError.of("E752", f"classes are on one side alone: {listed(odd)}", folder, hint=hint)
    if len(classes) < 2:
        raise LaptError.of(
            "E752", f"there are {len(classes)} classes below train", folder, hint="a folder for every class"
        )
    train = _part(pillow, os.path.join(folder, "train"), classes, side)
    held = _part(pillow, os.path.join(folder, test), classes, side)
    return checked_images((*train, *held), f"{name}@{side}", folder, classes=len(classes))


def _pillow(folder: str) -> ModuleType:
    try:
        from PIL import Image
    except ImportError as error:
        hint = "pip install pillow, or convert the images to an .npz file"
        raise LaptError.of(
            "E759", "image files are read with Pillow, which is not installed", folder, hint=hint
        ) from error
    return Image


def _test_part(folder: str) -> str | None:
    return next((part for part in _TESTS if os.path.isdir(os.path.join(folder, part))), None)


def _classes(folder: str) -> list[str]:
    with os.scandir(folder) as entries:
        return sorted(entry.name for entry in entries if entry.is_dir() and not entry.name.startswith("."))


def _part(pillow: ModuleType, folder: str, classes: list[str], side: int) -> tuple[Any, Any]:
    import numpy as np

    paths: list[tuple[str, int]] = []
    for label, name in enumerate(classes):
        with os.scandir(os.path.join(folder, name)) as entries:
            files = sorted(entry.path for entry in entries if entry.is_file() and entry.name.lower().endswith(ENDINGS))
        if not files:
            raise damaged(os.path.join(folder, name), f"the class `{name}` has no {', '.join(ENDINGS)} file")
        paths += [(path, label) for path in files]
        if len(paths) > MAX_FILES:
            raise LaptError.of("E755", f"there are more than {MAX_FILES:,} files", folder, hint="use fewer images")
    bounded(len(paths), 3 * side * side, folder)
    images = np.empty((len(paths), 3, side, side), dtype=np.uint8)
    for row, (path, _) in enumerate(paths):
        images[row] = _decoded(pillow, path, side)
    return images, np.array([label for _, label in paths], dtype=np.int64)


def _decoded(pillow: ModuleType, path: str, side: int) -> Any:
    import numpy as np

    try:
        # The two formats alone: Pillow knows dozens, each with a decoder that a hostile file could aim at.
        with pillow.open(path, formats=("PNG", "JPEG")) as image:
            width, height = image.size
            if width * height > MAX_PIXELS or not width or not height:
                raise ValueError(f"{width} x {height} pixels")
            image.draft("RGB", (2 * side, 2 * side))
            width, height = image.size
            edge = min(width, height)
            left, top = (width - edge) / 2, (height - edge) / 2
            box = (left, top, left + edge, top + edge)
            scaled = image.convert("RGB").resize((side, side), pillow.Resampling.BILINEAR, box=box)
    except (OSError, ValueError, SyntaxError, EOFError, pillow.DecompressionBombError) as error:
        message = f"the image cannot be read: {error}"
        raise LaptError.of("E757", message, path, hint="remove the file, or write it anew as PNG or JPEG") from error
    return np.asarray(scaled, dtype=np.uint8).transpose(2, 0, 1)
