"""Small sets of images in every layout, for tests."""

from __future__ import annotations

import gzip
import pickle
import struct
from pathlib import Path

import numpy as np


def arrays(train: int = 40, test: int = 20, side: int = 32, channels: int = 3, classes: int = 10) -> list[np.ndarray]:
    """x_train, y_train, x_test, y_test: noise, N x channels x side x side, every class."""
    rng = np.random.default_rng(0)
    found = []
    for count in (train, test):
        found.append(rng.integers(0, 256, (count, channels, side, side), dtype=np.uint8))
        found.append(np.arange(count, dtype=np.int64) % classes)
    return found


def write_npz(path: Path, parts: list[np.ndarray]) -> str:
    """As `numpy.savez_compressed` writes it."""
    np.savez_compressed(path, x_train=parts[0], y_train=parts[1], x_test=parts[2], y_test=parts[3])
    return str(path)


def write_idx(folder: Path, parts: list[np.ndarray], packed: bool) -> str:
    """The four files of MNIST."""
    folder.mkdir(exist_ok=True)
    for name, part in zip(("train", "t10k"), (parts[:2], parts[2:]), strict=True):
        images = part[0][:, 0]
        texts = {
            f"{name}-images-idx3-ubyte": struct.pack(">4I", 0x803, *images.shape) + images.tobytes(),
            f"{name}-labels-idx1-ubyte": struct.pack(">2I", 0x801, len(images)) + part[1].astype(np.uint8).tobytes(),
        }
        for file, content in texts.items():
            (folder / (f"{file}.gz" if packed else file)).write_bytes(
                gzip.compress(content, mtime=0) if packed else content
            )
    return str(folder)


def write_cifar_binary(folder: Path, parts: list[np.ndarray], coarse: bool = False) -> str:
    """The published binary layout: CIFAR-10's, or CIFAR-100's where there is a coarse label before the fine one."""
    folder.mkdir(exist_ok=True)
    train = ["train.bin"] if coarse else [f"data_batch_{i}.bin" for i in range(1, 6)]
    images, labels = np.array_split(parts[0], len(train)), np.array_split(parts[1], len(train))
    files = [*zip(train, images, labels, strict=True), ("test.bin" if coarse else "test_batch.bin", parts[2], parts[3])]
    for name, pixels, of in files:
        rows = [np.full(len(of), 7), of] if coarse else [of]
        flat = pixels.reshape(len(pixels), -1)
        (folder / name).write_bytes(np.column_stack([*rows, flat]).astype(np.uint8).tobytes())
    return str(folder)


def write_cifar_pickles(folder: Path, parts: list[np.ndarray], key: str = "labels") -> str:
    """The pickled layout that torchvision keeps, by protocol 2 as it was published."""
    folder.mkdir(exist_ok=True)
    train = [f"data_batch_{i}" for i in range(1, 6)] if key == "labels" else ["train"]
    images, labels = np.array_split(parts[0], len(train)), np.array_split(parts[1], len(train))
    last = "test_batch" if key == "labels" else "test"
    for name, pixels, of in [*zip(train, images, labels, strict=True), (last, parts[2], parts[3])]:
        batch = {
            b"batch_label": b"a batch",
            key.encode(): [int(label) for label in of],
            b"data": pixels.reshape(len(pixels), -1),
            b"filenames": [b"image.png"] * len(of),
        }
        (folder / name).write_bytes(pickle.dumps(batch, protocol=2))
    return str(folder)
