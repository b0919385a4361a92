from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.evaluate.data.load import FASHION_FOLDER, load_data
from tests.evaluate.data.sets import arrays, write_cifar_binary, write_cifar_pickles, write_idx, write_npz


def only(error: pytest.ExceptionInfo[LaptError]) -> tuple[str, str]:
    (found,) = error.value.diagnostics
    assert found.hint, "every error says what to do"
    return found.code, found.message


def test_digits_are_the_embedded_default() -> None:
    pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    data = load_data("digits")
    assert data.x_train.shape == (1438, 1, 8, 8)
    assert data.x_test.shape == (359, 1, 8, 8)
    assert int(data.x_train.max()) == 255
    assert data.classes == 10
    assert data.digest == "d15c0e900f220123967bbe85e12426b3426519c566c87bcc158753887f6c0b56"


def test_every_layout_of_one_set_is_one_set(tmp_path: Path) -> None:
    parts = arrays()
    channels_last = [part.transpose(0, 2, 3, 1) if part.ndim == 4 else part for part in parts]
    paths = [
        write_npz(tmp_path / "first.npz", parts),
        write_npz(tmp_path / "last.npz", channels_last),
        write_cifar_binary(tmp_path / "bin", parts),
        write_cifar_pickles(tmp_path / "py", parts),
    ]
    sets = [load_data(path) for path in paths]
    assert len({data.digest for data in sets}) == 1
    for data in sets:
        assert np.array_equal(data.x_train, parts[0])
        assert np.array_equal(data.y_test, parts[3])


def test_cifar100_takes_the_fine_label(tmp_path: Path) -> None:
    parts = arrays(train=100, test=100, classes=100)
    binary = load_data(write_cifar_binary(tmp_path / "bin", parts, coarse=True))
    pickled = load_data(write_cifar_pickles(tmp_path / "py", parts, key="fine_labels"))
    assert binary.classes == pickled.classes == 100
    assert np.array_equal(binary.y_train, parts[1])
    assert binary.digest == pickled.digest


@pytest.mark.parametrize("packed", [True, False])
def test_idx_files(tmp_path: Path, packed: bool) -> None:
    parts = arrays(side=28, channels=1)
    data = load_data(write_idx(tmp_path / "mnist", parts, packed))
    assert np.array_equal(data.x_train, parts[0])
    assert np.array_equal(data.y_test, parts[3])


@pytest.mark.skipif(not os.path.isdir(FASHION_FOLDER), reason="Debian's dataset-fashion-mnist is not installed")
def test_fashion_mnist_of_debian() -> None:
    data = load_data("fashion-mnist")
    assert data.x_train.shape == (60_000, 1, 28, 28)
    assert np.bincount(data.y_test).tolist() == [1000] * 10
    assert data.digest == "308e6cd00d7013e1a443e05334d8531fed6a70803507dcc279f7cd5ad488a939"


def test_folders_of_images(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    rng = np.random.default_rng(0)
    for part in ("train", "val"):
        for name in ("cat", "dog"):
            folder = tmp_path / "pets" / part / name
            folder.mkdir(parents=True)
            for number in range(3):
                pixels = rng.integers(0, 256, (40, 60, 3), dtype=np.uint8)
                image.fromarray(pixels).save(folder / f"{number}.{'png' if number else 'jpg'}")
    path = str(tmp_path / "pets")
    assert load_data(path).x_train.shape == (6, 3, 32, 32)
    data = load_data(path, size=16)
    assert data.x_test.shape == (6, 3, 16, 16)
    assert data.y_train.tolist() == [0, 0, 0, 1, 1, 1]
    (tmp_path / "pets" / "train" / "cat" / "9.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 50)
    with pytest.raises(LaptError) as error:
        load_data(path, size=8)
    assert only(error)[0] == "E757"
    (tmp_path / "pets" / "val" / "dog").rename(tmp_path / "pets" / "val" / "fox")
    with pytest.raises(LaptError) as error:
        load_data(path, size=8)
    assert only(error) == ("E752", "classes are on one side alone: dog, fox")


def test_missing_sets_say_where_to_get_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAPT_DATA", str(tmp_path))
    with pytest.raises(LaptError) as error:
        load_data("cifar10")
    assert only(error)[0] == "E750"
    assert "cifar-10-python.tar.gz" in str(error.value.diagnostics[0].hint)
    with pytest.raises(LaptError) as error:
        load_data("digit")
    assert "did you mean `digits`" in str(error.value.diagnostics[0].hint)
    with pytest.raises(LaptError) as error:
        load_data(str(tmp_path))
    assert only(error)[0] == "E751"


def test_a_named_set_is_found_under_lapt_data_and_must_be_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAPT_DATA", str(tmp_path))
    write_cifar_pickles(tmp_path / "cifar-10-batches-py", arrays())
    with pytest.raises(LaptError) as error:
        load_data("cifar10")
    code, message = only(error)
    assert code == "E752"
    assert "40 images" in message
    assert "not 50,000" in message


def test_without_pillow_folders_say_what_to_install(tmp_path: Path) -> None:
    for part in ("train", "val"):
        (tmp_path / part / "a").mkdir(parents=True)
        (tmp_path / part / "b").mkdir(parents=True)
    program = (
        "import sys; sys.modules['PIL'] = None\n"
        "from lapt_dsl.evaluate.data.load import load_data\n"
        f"load_data({str(tmp_path)!r})"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "pip install pillow" in done.stderr or "Pillow, which is not installed" in done.stderr
