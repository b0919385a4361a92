from __future__ import annotations

import gzip
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.evaluate.data.idx import read_idx
from lapt_dsl.evaluate.data.images import checked_images
from lapt_dsl.evaluate.data.load import load_data
from tests.effort import examples
from tests.evaluate.data.sets import arrays, write_cifar_binary, write_cifar_pickles, write_idx, write_npz


def code_of(load: Callable[[], object]) -> str:
    with pytest.raises(LaptError) as error:
        load()
    (found,) = error.value.diagnostics
    assert found.hint
    assert found.span.file
    return found.code


def changed(path: Path, change: Callable[[bytes], bytes]) -> None:
    path.write_bytes(change(path.read_bytes()))


def test_truncated_files(tmp_path: Path) -> None:
    parts = arrays()
    grey = arrays(side=28, channels=1)
    npz = Path(write_npz(tmp_path / "set.npz", parts))
    changed(npz, lambda content: content[: len(content) // 2])
    assert code_of(lambda: load_data(str(npz))) == "E752"
    for packed in (True, False):
        folder = Path(write_idx(tmp_path / f"idx{packed}", grey, packed))
        changed(next(folder.glob("train-images*")), lambda content: content[:-1000])
        assert code_of(lambda folder=folder: load_data(str(folder))) == "E752"
    binary = Path(write_cifar_binary(tmp_path / "bin", parts))
    changed(binary / "data_batch_3.bin", lambda content: content[:-1])
    assert code_of(lambda: load_data(str(binary))) == "E752"
    pickled = Path(write_cifar_pickles(tmp_path / "py", parts))
    changed(pickled / "data_batch_5", lambda content: content[:-100])
    assert code_of(lambda: load_data(str(pickled))) == "E752"
    (pickled / "data_batch_5").unlink()
    assert code_of(lambda: load_data(str(pickled))) == "E752"


def test_a_header_cannot_ask_for_memory(tmp_path: Path) -> None:
    file = tmp_path / "huge-images"
    file.write_bytes(struct.pack(">4I", 0x803, 2**32 - 1, 4096, 4096))
    assert code_of(lambda: read_idx(str(file), 3)) == "E755"
    with zipfile.ZipFile(tmp_path / "huge.npz", "w") as archive:
        for name in ("x_train", "y_train", "x_test", "y_test"):
            header = b"{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999999, 3, 32, 32), }"
            header += b" " * (118 - len(header) - 1) + b"\n"
            archive.writestr(f"{name}.npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header)
    assert code_of(lambda: load_data(str(tmp_path / "huge.npz"))) == "E755"


def test_what_is_pickled_in_an_archive_is_never_read(tmp_path: Path) -> None:
    parts = arrays()
    objects = np.array([print], dtype=object)
    np.savez(tmp_path / "objects.npz", x_train=objects, y_train=parts[1], x_test=parts[2], y_test=parts[3])
    assert code_of(lambda: load_data(str(tmp_path / "objects.npz"))) == "E753"
    np.savez(tmp_path / "partial.npz", x_train=parts[0])
    assert code_of(lambda: load_data(str(tmp_path / "partial.npz"))) == "E752"


class Hostile:
    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (Path.touch, (str(self.marker),))


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_a_pickle_runs_nothing(tmp_path: Path, protocol: int) -> None:
    folder = Path(write_cifar_pickles(tmp_path / "py", arrays()))
    marker = tmp_path / "ran"
    (folder / "data_batch_2").write_bytes(pickle.dumps({b"data": Hostile(marker)}, protocol=protocol))
    assert code_of(lambda: load_data(str(folder))) == "E756"
    assert not marker.exists()


def test_a_pickle_that_is_long_for_nothing_is_refused(tmp_path: Path) -> None:
    folder = Path(write_cifar_pickles(tmp_path / "py", arrays()))
    (folder / "data_batch_1").write_bytes(b"\x80\x02" + b"]" * 1_100_000 + b".")
    assert code_of(lambda: load_data(str(folder))) == "E756"


@pytest.mark.parametrize(
    ("what", "value", "code"),
    [
        ("x_train", np.zeros((40, 3, 8, 8)), "E753"),
        ("x_train", np.zeros((40, 5, 8, 8), dtype=np.uint8), "E753"),
        ("x_train", np.zeros((40, 3, 9, 9), dtype=np.uint8), "E753"),
        ("x_train", np.zeros((0, 3, 8, 8), dtype=np.uint8), "E753"),
        ("x_train", np.zeros((40,), dtype=np.uint8), "E753"),
        ("y_train", np.zeros(39, dtype=np.int64), "E754"),
        ("y_train", np.zeros(40), "E754"),
        ("y_train", np.zeros(40, dtype=np.int64), "E754"),
        ("y_train", np.arange(40) - 1, "E754"),
        ("y_train", np.full(40, 2**63, dtype=np.uint64), "E754"),
        ("y_test", np.full(20, 10), "E754"),
        ("y_train", np.arange(40) % 9, "E754"),
    ],
)
def test_arrays_that_do_not_fit(what: str, value: np.ndarray, code: str) -> None:
    names = ("x_train", "y_train", "x_test", "y_test")
    parts = dict(zip(names, arrays(side=8), strict=True)) | {what: value}
    given = (parts["x_train"], parts["y_train"], parts["x_test"], parts["y_test"])
    assert code_of(lambda: checked_images(given, "set", "set.npz", classes=10)) == code


def test_a_pipe_does_not_hang_and_a_folder_is_no_file(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "set.npz")
    assert code_of(lambda: load_data(str(tmp_path / "set.npz"))) == "E901"


@examples(60)
@given(data=st.data())
def test_no_change_of_bytes_gets_past_the_readers(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("fuzz")
    kind = data.draw(st.sampled_from(["npz", "idx", "pickle"]))
    parts = arrays(train=20, test=10)
    if kind == "npz":
        file = Path(write_npz(folder / "set.npz", parts))
        path = str(file)
    elif kind == "idx":
        path = write_idx(folder / "idx", arrays(train=20, test=10, side=8, channels=1), packed=True)
        file = next(Path(path).glob("train-images*"))
    else:
        path = write_cifar_pickles(folder / "py", parts)
        file = Path(path) / "data_batch_1"
    content = bytearray(file.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        # Headers are where a changed byte does something; pixels may be anything.
        place = data.draw(st.one_of(st.integers(0, min(300, len(content) - 1)), st.integers(0, len(content) - 1)))
        content[place] = data.draw(st.integers(0, 255))
    file.write_bytes(bytes(content))
    found = "loaded"
    try:
        load_data(path)
    except LaptError as error:
        found = error.diagnostics[0].code
    assert found in {"loaded", "E751", "E752", "E753", "E754", "E755", "E756"}


def test_a_packed_file_that_unpacks_to_anything_is_read_no_further_than_its_header(tmp_path: Path) -> None:
    file = tmp_path / "images.gz"
    file.write_bytes(gzip.compress(struct.pack(">4I", 0x803, 10, 8, 8) + bytes(50 * 2**20)))
    assert code_of(lambda: read_idx(str(file), 3)) == "E752"
