"""A set of labelled images in memory: what every loader returns, checked once and for all, with a digest."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lapt_dsl.diagnostics.diagnostic import LaptError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_CLASSES = 100_000
MAX_SIDE = 4096


@dataclass(frozen=True, eq=False, slots=True)
class ImageData:
    """Images and labels of a training and a test part.

    `x_train`, `x_test`: uint8 [N, channels, height, width], 0 to 255; `y_train`, `y_test`: int64 [N], from 0 to
    `classes` - 1; `name` for people; `digest`: SHA-256 of shapes, images and labels, whatever file they came from.
    The test part is for the one report at the end: what guides a search is split off the training part (`split.py`).
    """

    x_train: NDArray[np.uint8]
    y_train: NDArray[np.int64]
    x_test: NDArray[np.uint8]
    y_test: NDArray[np.int64]
    classes: int
    name: str
    digest: str = field(default="", repr=False)

    @property
    def channels(self) -> int:
        """Channels of an image: 1 for grey, 3 for colour."""
        return int(self.x_train.shape[1])

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of an image."""
        return int(self.x_train.shape[2]), int(self.x_train.shape[3])

    def describe(self) -> dict[str, object]:
        """What results depend on, as JSON values: the content and not where it lies."""
        return {
            "name": self.name,
            "digest": self.digest,
            "train": len(self.y_train),
            "test": len(self.y_test),
            "classes": self.classes,
            "image": list(self.x_train.shape[1:]),
        }


def checked_images(parts: tuple[Any, Any, Any, Any], name: str, file: str, classes: int | None = None) -> ImageData:
    """Check arrays and make a set of them.

    Args:
        parts: x_train, y_train, x_test and y_test, NumPy arrays. Images are uint8, [N, C, H, W], [N, H, W, C] or
            [N, H, W] with C 1 or 3; labels are whole numbers [N].
        name: For people.
        file: Where they come from, for messages.
        classes: How many there are; None takes the largest label.

    Raises:
        LaptError: E753, an array has the wrong type or shape; E754, labels do not fit.
    """
    import numpy as np

    x_train, y_train, x_test, y_test = parts
    train, test = _images(x_train, "x_train", file), _images(x_test, "x_test", file)
    if train.shape[1:] != test.shape[1:]:
        message = f"training images are {_shape(train.shape[1:])} and test images {_shape(test.shape[1:])}"
        raise LaptError.of("E753", message, file, hint="bring both to channels x height x width of one size")
    labels = [_labels(y_train, len(train), "y_train", file), _labels(y_test, len(test), "y_test", file)]
    most = max(int(part.max()) for part in labels) + 1
    least = min(int(part.min()) for part in labels)
    known = classes if classes is not None else most
    if least < 0 or most > known or known > MAX_CLASSES:
        message = f"labels run from {least} to {most - 1}, and must from 0 to {min(known, MAX_CLASSES) - 1}"
        raise LaptError.of("E754", message, file, hint="number the classes from 0 without gaps")
    if known < 2 or len(np.unique(labels[0])) < 2:
        raise LaptError.of("E754", "all training images have one label", file, hint="two classes at least are needed")
    strange = np.setdiff1d(labels[1], labels[0])
    if len(strange):
        message = f"test images have the label {strange[0]}, which no training image has"
        raise LaptError.of("E754", message, file, hint="number the classes alike in both parts")
    return ImageData(train, labels[0], test, labels[1], known, name, _digest(train, labels[0], test, labels[1], known))


def _images(array: Any, what: str, file: str) -> NDArray[np.uint8]:
    import numpy as np

    if not isinstance(array, np.ndarray) or array.dtype != np.uint8:
        found = getattr(array, "dtype", type(array).__name__)
        raise LaptError.of(
            "E753", f"`{what}` holds {found}, not uint8", file, hint="scale pixels to whole numbers 0 to 255"
        )
    if array.ndim == 3:
        array = array[:, None]
    elif array.ndim == 4 and array.shape[3] in (1, 3):
        array = array.transpose(0, 3, 1, 2)
    if array.ndim != 4 or array.shape[1] not in (1, 3) or not all(1 <= side <= MAX_SIDE for side in array.shape[2:]):
        message = f"`{what}` has the shape {_shape(array.shape)}"
        raise LaptError.of(
            "E753", message, file, hint="N x channels x height x width with 1 or 3 channels, channels may be last"
        )
    if not len(array):
        raise LaptError.of("E753", f"`{what}` holds no image", file, hint="give at least one image")
    return np.ascontiguousarray(array)


def _labels(array: Any, count: int, what: str, file: str) -> NDArray[np.int64]:
    import numpy as np

    if not isinstance(array, np.ndarray) or array.dtype.kind not in "iu":
        raise LaptError.of("E754", f"`{what}` holds no whole numbers", file, hint="labels are class numbers from 0")
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.shape != (count,):
        message = f"`{what}` has the shape {_shape(array.shape)} for {count} images"
        raise LaptError.of("E754", message, file, hint="give one label for every image")
    if array.dtype.kind == "u" and int(array.max()) >= MAX_CLASSES:
        raise LaptError.of("E754", f"`{what}` holds the label {array.max()}", file, hint="number the classes from 0")
    labels: NDArray[np.int64] = array.astype(np.int64)
    return labels


def _shape(sides: tuple[int, ...]) -> str:
    return " x ".join(str(side) for side in sides)


def _digest(
    x_train: NDArray[np.uint8], y_train: NDArray[np.int64], x_test: NDArray[np.uint8], y_test: NDArray[np.int64],
    classes: int,
) -> str:  # fmt: skip
    content = hashlib.sha256(f"lapt images 1, {classes} classes".encode())
    for array in (x_train, y_train.astype("<i8"), x_test, y_test.astype("<i8")):
        content.update(f"{array.shape}".encode())
        content.update(array.data)
    return content.hexdigest()
