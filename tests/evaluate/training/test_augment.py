from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from lapt_dsl.evaluate.training.augment import Normalizer, varied
from lapt_dsl.evaluate.training.recipes import RECIPES, TrainingRecipe

PLAIN: TrainingRecipe = replace(RECIPES["nas201"], crop=0, flip=False)
AS_IT_IS = Normalizer(torch.zeros(1, 3, 1, 1), torch.ones(1, 3, 1, 1) / 255, 3)


def images(count: int = 64, side: int = 8) -> torch.Tensor:
    return torch.randint(1, 256, (count, 3, side, side), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)


def draws() -> torch.Generator:
    return torch.Generator().manual_seed(1)


def test_normalized_images_have_mean_0_and_deviation_1() -> None:
    batch = images(500)
    scaled = Normalizer.of(batch, 3)(batch)
    assert torch.allclose(scaled.mean((0, 2, 3)), torch.zeros(3), atol=1e-4)
    assert torch.allclose(scaled.std((0, 2, 3)), torch.ones(3), atol=1e-3)


def test_grey_images_are_repeated_for_networks_of_colours() -> None:
    grey = images()[:, :1]
    scaled = Normalizer.of(grey, 3)(grey)
    assert scaled.shape == (64, 3, 8, 8)
    assert torch.equal(scaled[:, 0], scaled[:, 2])


def test_images_of_one_grey_do_not_divide_by_zero() -> None:
    flat = torch.full((4, 1, 8, 8), 7, dtype=torch.uint8)
    assert torch.isfinite(Normalizer.of(flat, 3)(flat)).all()


def test_a_crop_is_a_window_of_the_padded_image() -> None:
    batch = images(32)
    cropped = varied(batch, replace(PLAIN, crop=2), AS_IT_IS, draws()).round().to(torch.uint8)
    padded = torch.nn.functional.pad(batch, [2] * 4)
    moved = set()
    for before, after in zip(padded, cropped, strict=True):
        places = [(y, x) for y in range(5) for x in range(5) if torch.equal(before[:, y : y + 8, x : x + 8], after)]
        assert len(places) == 1
        moved.add(places[0])
    assert len(moved) > 10


def test_half_of_the_images_are_flipped() -> None:
    batch = images(400)
    flipped = varied(batch, replace(PLAIN, flip=True), AS_IT_IS, draws()).round().to(torch.uint8)
    same = (flipped == batch).flatten(1).all(1)
    mirrored = (flipped == batch.flip(3)).flatten(1).all(1)
    assert bool((same | mirrored).all())
    assert 160 < int(same.sum()) < 240


def test_cutout_blanks_one_square_that_borders_may_cut() -> None:
    cut = varied(images(200), replace(PLAIN, cutout=4), AS_IT_IS, draws())
    blank = (cut == 0).all(1).flatten(1).sum(1)
    assert int(blank.max()) == 16
    assert int(blank.min()) >= 4


@pytest.mark.parametrize("change", [{"resized_crop": True}, {"jitter": 0.4}, {"resized_crop": True, "jitter": 0.4}])
def test_imagenets_variations_keep_shape_and_range(change: dict[str, object]) -> None:
    batch = images(side=16)
    out = varied(batch, replace(PLAIN, **change), AS_IT_IS, draws())  # type: ignore[arg-type]
    assert out.shape == batch.shape
    assert float(out.min()) >= 0
    assert float(out.max()) <= 255.01
    assert not torch.allclose(out, batch.float())


def test_the_same_draws_give_the_same_images() -> None:
    recipe = replace(PLAIN, crop=2, flip=True, cutout=2)
    one, other = (varied(images(), recipe, AS_IT_IS, draws()) for _ in range(2))
    assert torch.equal(one, other)
