"""The images that guide a search, split off the training part: stratified, always the same, without duplicates.

Which images validate depends on their content alone, not on a seed or on their order in a file, so that every run of
every evaluator on one set uses the same validation images. The test part is never returned from here.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lapt_dsl.diagnostics.diagnostic import LaptError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lapt_dsl.evaluate.data.images import ImageData


@dataclass(frozen=True, eq=False, slots=True)
class Split:
    """Row numbers of the training part: `train` to train on, `valid` to validate on, disjoint, ascending.

    `repeated`: images that were left out because an earlier one, or a test image, is the same to the byte.
    """

    train: NDArray[np.int64]
    valid: NDArray[np.int64]
    repeated: int


def split(data: ImageData, share: float, limit: int | None = None) -> Split:
    """Split the training part.

    Args:
        data: The set.
        share: Share of each class that validates, between 0 and 1.
        limit: The most images to use of both parts together, the same share of each class; None takes all.

    Raises:
        LaptError: E758, a class has too few images to be on both sides.
    """
    import numpy as np

    if not 0 < share < 1:
        raise ValueError(f"a share is between 0 and 1, not {share}")
    digests = image_digests(data.x_train)
    _, first = np.unique(digests, return_index=True)
    kept = np.zeros(len(digests), dtype=bool)
    kept[first] = True
    # An image that is tested on must not be learned from; only whether it is the same is looked at, never its label.
    kept &= ~np.isin(digests, image_digests(data.x_test))
    rows = np.flatnonzero(kept)
    if not len(rows):
        message = "every training image is a test image too, so none is left to learn from"
        raise LaptError.of("E758", message, data.name, hint="bring a test part of other images")
    if limit is not None and limit < len(rows):
        rest, _ = stratified_rows(digests[rows], data.y_train[rows], 1 - limit / len(rows), data.name)
        rows = rows[rest]
    train, valid = stratified_rows(digests[rows], data.y_train[rows], share, data.name)
    return Split(rows[train], rows[valid], len(digests) - int(kept.sum()))


def stratified(images: NDArray[np.uint8], labels: NDArray[np.int64], share: float) -> tuple[Any, Any]:
    """Row numbers of the rest and of a share of every class, chosen by content, each ascending."""
    return stratified_rows(image_digests(images), labels, share, "images")


def stratified_rows(
    digests: NDArray[np.bytes_], labels: NDArray[np.int64], share: float, name: str
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """As for `stratified`, from digests. LaptError E758 where a class would be missing on one side."""
    import numpy as np

    rest: list[NDArray[np.int64]] = []
    taken: list[NDArray[np.int64]] = []
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        rows = rows[np.argsort(digests[rows], kind="stable")]
        count = round(share * len(rows))
        if not 1 <= count < len(rows):
            message = f"class {label} has {len(rows)} images, too few to put {share:.0%} aside"
            raise LaptError.of("E758", message, name, hint="bring more images of the class, or choose another recipe")
        taken.append(rows[:count])
        rest.append(rows[count:])
    return np.sort(np.concatenate(rest)), np.sort(np.concatenate(taken))


def image_digests(images: NDArray[np.uint8]) -> NDArray[np.bytes_]:
    """A digest of 16 bytes for every image."""
    import numpy as np

    # Hexadecimal, since NumPy cuts zero bytes off the end of byte strings.
    flat = images.reshape(len(images), -1)
    found = [hashlib.blake2b(row.tobytes(), digest_size=16).hexdigest().encode("ascii") for row in flat]
    return np.array(found, dtype="S32")
