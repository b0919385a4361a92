from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.evaluate.data.images import ImageData, checked_images
from lapt_dsl.evaluate.data.load import load_data
from lapt_dsl.evaluate.data.split import image_digests, split
from tests.evaluate.data.sets import arrays

pytest.importorskip("sklearn", reason="the digits come with scikit-learn")


def small(parts: list[np.ndarray]) -> ImageData:
    return checked_images((parts[0], parts[1], parts[2], parts[3]), "small", "small")


def test_a_split_is_stratified_and_disjoint() -> None:
    pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    data = load_data("digits")
    found = split(data, 0.4)
    assert not set(found.train) & set(found.valid)
    assert len(found.train) + len(found.valid) == len(data.y_train)
    whole = np.bincount(data.y_train)
    shares = np.bincount(data.y_train[found.valid]) / whole
    assert np.all(np.abs(shares - 0.4) < 0.01)


def test_a_split_is_the_same_in_every_process() -> None:
    pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    program = (
        "from lapt_dsl.evaluate.data.load import load_data\n"
        "from lapt_dsl.evaluate.data.split import split\n"
        "print(split(load_data('digits'), 0.4).valid.tolist())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(split(load_data("digits"), 0.4).valid.tolist())


def test_which_images_validate_does_not_depend_on_their_order() -> None:
    parts = arrays(train=60, side=8)
    order = np.random.default_rng(1).permutation(60)
    one = small(parts)
    other = small([parts[0][order], parts[1][order], parts[2], parts[3]])
    digests = [sorted(image_digests(data.x_train[split(data, 0.5).valid])) for data in (one, other)]
    assert digests[0] == digests[1]


def test_repeated_images_are_on_one_side_alone_and_none_is_tested_on() -> None:
    parts = arrays(train=60, side=8)
    parts[0][30] = parts[0][10]
    parts[0][41] = parts[2][1]
    found = split(small(parts), 0.5)
    assert found.repeated == 2
    used = {*found.train.tolist(), *found.valid.tolist()}
    assert {30, 41} & used == set()
    assert 10 in used


def test_a_limit_takes_the_same_share_of_every_class() -> None:
    pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    data = load_data("digits")
    found = split(data, 0.5, limit=400)
    assert abs(len(found.train) + len(found.valid) - 400) <= 10
    assert np.bincount(data.y_train[found.valid]).min() >= 18


def test_a_class_of_one_image_cannot_be_split() -> None:
    parts = arrays(train=21, side=8, classes=20)
    with pytest.raises(LaptError) as error:
        split(small(parts), 0.5)
    assert error.value.diagnostics[0].code == "E758"


def test_the_test_labels_do_not_guide_the_split() -> None:
    parts = arrays(train=60, side=8)
    one = split(small(parts), 0.5)
    other = split(small([*parts[:3], parts[3][::-1].copy()]), 0.5)
    assert np.array_equal(one.valid, other.valid)


def test_a_set_tested_on_its_own_training_images_leaves_none_to_learn_from() -> None:
    parts = arrays(side=8, classes=2)
    with pytest.raises(LaptError) as error:
        split(small([parts[0], parts[1], parts[0], parts[1]]), 0.5, 10)
    assert error.value.diagnostics[0].code == "E758"
