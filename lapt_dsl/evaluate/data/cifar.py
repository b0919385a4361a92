"""CIFAR-10 and CIFAR-100 as published: binary records, and the pickles that torchvision keeps."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from lapt_dsl.evaluate.data.cifar_pickle import read_batch
from lapt_dsl.evaluate.data.files import bounded, damaged, ended, exactly, opened
from lapt_dsl.evaluate.data.images import ImageData, checked_images

IMAGE = (3, 32, 32)
IMAGE_BYTES = 3 * 32 * 32


@dataclass(frozen=True, slots=True)
class CifarLayout:
    """One of the published forms: `folder` it unpacks to, its files, `label`: bytes or key of the label."""

    folder: str
    train: tuple[str, ...]
    test: tuple[str, ...]
    classes: int
    label_bytes: int = 0
    key: str = ""


LAYOUTS = (
    CifarLayout(
        "cifar-10-batches-py", tuple(f"data_batch_{i}" for i in range(1, 6)), ("test_batch",), 10, key="labels"
    ),
    CifarLayout("cifar-10-batches-bin", tuple(f"data_batch_{i}.bin" for i in range(1, 6)), ("test_batch.bin",), 10, 1),
    CifarLayout("cifar-100-python", ("train",), ("test",), 100, key="fine_labels"),
    CifarLayout("cifar-100-binary", ("train.bin",), ("test.bin",), 100, 2),
)
PUBLISHED = (50_000, 10_000)
"""Images of the training and the test part, in both sets."""


def layout_of(folder: str) -> CifarLayout | None:
    """The layout that a directory's files have, or None."""
    for layout in LAYOUTS:
        if os.path.isfile(os.path.join(folder, layout.train[0])) and os.path.isfile(
            os.path.join(folder, layout.test[0])
        ):
            return layout
    return None


def load_cifar(folder: str, layout: CifarLayout, name: str, whole: bool) -> ImageData:
    """Read a set.

    Args:
        folder: Its directory.
        layout: Its layout.
        name: For people.
        whole: Whether it must be the published set, 50,000 and 10,000 images.

    Raises:
        LaptError: E752, a file is missing or damaged; E756, a pickle holds something else than images; E754, labels.
    """
    parts = []
    for files, published in zip((layout.train, layout.test), PUBLISHED, strict=True):
        images, labels = _read(folder, layout, files)
        if whole and len(labels) != published:
            raise damaged(folder, f"there are {len(labels):,} images in {', '.join(files)}, not {published:,}")
        parts += [images, labels]
    return checked_images((parts[0], parts[1], parts[2], parts[3]), name, folder, classes=layout.classes)


def _read(folder: str, layout: CifarLayout, files: tuple[str, ...]) -> tuple[Any, Any]:
    import numpy as np

    images, labels = [], []
    for file in files:
        path = os.path.join(folder, file)
        if not os.path.isfile(path):
            raise damaged(path, f"`{file}` is missing")
        found, of = _records(path, layout.label_bytes) if layout.label_bytes else read_batch(path, layout.key)
        images.append(found)
        labels.append(of)
    return np.concatenate(images).reshape(-1, *IMAGE), np.concatenate(labels)


def _records(path: str, label_bytes: int) -> tuple[Any, Any]:
    """Binary records: a byte of label (CIFAR-100: coarse, then fine), then the image, red before green before blue."""
    import numpy as np

    size, record = os.path.getsize(path), label_bytes + IMAGE_BYTES
    if size % record or not size:
        raise damaged(path, f"{size:,} bytes are no whole number of records of {record:,}")
    with opened(path) as file:
        content = exactly(file, bounded(size // record, record, path), path)
        ended(file, path)
    rows = np.frombuffer(content, dtype=np.uint8).reshape(-1, record)
    return rows[:, label_bytes:], rows[:, label_bytes - 1].astype(np.int64)
