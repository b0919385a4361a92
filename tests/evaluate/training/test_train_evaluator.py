from __future__ import annotations

import pickle
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context

import numpy as np
import pytest
import torch

from lapt_dsl.compiler.space.model import Architecture
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.evaluate.conformance import check_evaluator
from lapt_dsl.evaluate.data.images import ImageData
from lapt_dsl.evaluate.evaluator import Evaluation, Evaluator, Failure, Outcome
from lapt_dsl.evaluate.spec import EvaluatorOptions, EvaluatorSpec
from lapt_dsl.evaluate.training.evaluator import TrainEvaluator, build
from tests.evaluate.training.small import TINY, draw, evaluator

EVERY_LAYER_NONE = (0, 0, 0, 0, 0, 0)


def metrics(outcome: Outcome) -> dict[str, float]:
    assert isinstance(outcome, Evaluation), outcome
    return dict(outcome.metrics)


def test_training_conforms() -> None:
    found = evaluator()
    assert isinstance(found, Evaluator)
    check_evaluator(found, draw(2))


@pytest.mark.slow
def test_a_network_learns_more_than_one_that_carries_nothing() -> None:
    found = evaluator(replace(TINY, epochs=6, limit=None))
    good = draw(1, seed=3)[0]
    assert metrics(found.evaluate(good))["valid_acc"] > 80
    nothing = metrics(found.evaluate(Architecture(good.space, EVERY_LAYER_NONE)))
    # Between the cells stand residual blocks, so that even this network sees the image, but through them alone.
    assert nothing["valid_acc"] < metrics(found.evaluate(good))["valid_acc"]


def test_parameters_count_as_published() -> None:
    published = replace(TINY, epochs=1, channels=None, depth=None, limit=40)
    found = metrics(evaluator(published).evaluate(Architecture(draw(1)[0].space, (3, 3, 3, 3, 3, 3))))
    # 1.531546 M parameters: NAS-Bench-201 of this architecture, for CIFAR-10.
    assert found["params"] == 1_531_546.0


def _evaluate(labels: tuple[int, ...]) -> dict[str, float]:
    found = evaluator()
    return metrics(found.evaluate(Architecture(found.space, labels)))


@pytest.mark.slow
def test_one_worker_and_two_find_the_same_in_any_order() -> None:
    labels = [arch.encoding for arch in draw(3)]
    one = [_evaluate(each) for each in reversed(labels)][::-1]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        assert list(pool.map(_evaluate, labels)) == one


def test_training_leaves_the_callers_randomness_and_settings_alone() -> None:
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    threads = torch.get_num_threads()
    evaluator().evaluate(draw(1)[0])
    assert torch.equal(torch.rand(3), expected)
    assert torch.get_num_threads() == threads
    assert not torch.are_deterministic_algorithms_enabled()


def test_seeds_and_architectures_have_their_own_randomness() -> None:
    arch = draw(1)[0]
    one, other = (metrics(evaluator(seed=seed).evaluate(arch))["train_loss"] for seed in (0, 1))
    assert one != other
    assert evaluator(seed=0).fingerprint != evaluator(seed=1).fingerprint


def test_no_evaluation_touches_the_test_part(monkeypatch: pytest.MonkeyPatch) -> None:
    found = evaluator()
    arch = draw(1)[0]
    expected = metrics(found.evaluate(arch))
    data = found.data
    garbled = ImageData(
        data.x_train, data.y_train, data.x_test, np.zeros_like(data.y_test), data.classes, data.name, data.digest
    )
    monkeypatch.setattr(found, "_data", garbled)
    assert metrics(found.evaluate(arch)) == expected
    assert set(expected) == {"valid_acc", "train_loss", "params"}
    assert metrics(found.evaluate_on_test(arch))["test_acc"] < 30


def test_the_final_training_uses_all_images_and_tests() -> None:
    final = metrics(evaluator(replace(TINY, epochs=4, limit=None)).evaluate_on_test(draw(1, seed=3)[0]))
    assert set(final) == {"test_acc", "train_loss", "params"}
    assert final["test_acc"] > 60


def test_what_results_depend_on_is_in_the_description() -> None:
    prints = {
        evaluator().fingerprint,
        evaluator(replace(TINY, epochs=3)).fingerprint,
        evaluator(threads=2).fingerprint,
        evaluator(time_limit=5.0).fingerprint,
        evaluator(space="trans101").fingerprint,
    }
    assert len(prints) == 5
    assert evaluator().fingerprint == evaluator(checkpoints="/nowhere").fingerprint


def test_an_evaluator_can_be_sent_to_another_process() -> None:
    found = evaluator()
    sent: TrainEvaluator = pickle.loads(pickle.dumps(found))
    arch = draw(1)[0]
    assert sent.fingerprint == found.fingerprint
    assert metrics(sent.evaluate(arch)) == metrics(found.evaluate(arch))


def test_options_reach_the_recipe() -> None:
    space = draw(1)[0].space
    found = EvaluatorSpec("train", EvaluatorOptions(epochs=1, channels=2, depth=1, device="cpu", seed=4)).build(space)
    assert isinstance(found, TrainEvaluator)
    assert (found.recipe.name, found.recipe.epochs, found.recipe.channels) == ("digits-quick", 1, 2)
    assert metrics(found.evaluate(draw(1)[0]))["valid_acc"] >= 0


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (EvaluatorOptions(recipe="nas202"), "E760"),
        (EvaluatorOptions(epochs=0), "E765"),
        (EvaluatorOptions(time_limit=0.0), "E765"),
        (EvaluatorOptions(time_limit=float("nan")), "E765"),
        (EvaluatorOptions(device="tpu"), "E764"),
        (EvaluatorOptions(data="no-such-set"), "E750"),
        (EvaluatorOptions(channels=10**9), "E140"),
    ],
)
def test_options_that_cannot_work_are_refused_before_anything_is_trained(options: EvaluatorOptions, code: str) -> None:
    with pytest.raises(LaptError) as error:
        build(draw(1)[0].space, options)
    assert error.value.diagnostics[0].code == code


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_without_a_gpu_cuda_is_refused() -> None:
    with pytest.raises(LaptError) as error:
        build(draw(1)[0].space, EvaluatorOptions(device="cuda"))
    assert error.value.diagnostics[0].code == "E764"


@pytest.mark.parametrize("space", ["darts", "trans101", "nb101", "mobilenet"])
def test_every_shipped_space_trains(space: str) -> None:
    depth = 1 if space in ("darts", "trans101") else None
    recipe = replace(TINY, epochs=1, batch=8, limit=40, channels=4, depth=depth)
    for arch in draw(1, space):
        outcome = evaluator(recipe, space).evaluate(arch)
        assert isinstance(outcome, Evaluation), outcome


def test_an_architecture_of_another_space_is_foreign() -> None:
    outcome = evaluator().evaluate(draw(1, "trans101")[0])
    assert isinstance(outcome, Failure)
    assert outcome.kind == "foreign"
