from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.evaluate.evaluator import Evaluation, Failure
from lapt_dsl.evaluate.training import job
from lapt_dsl.evaluate.training.checkpoint import Checkpoint
from lapt_dsl.evaluate.training.faults import failure_of
from lapt_dsl.evaluate.training.train import Training, TrainingLimits
from tests.evaluate.training.small import TINY, draw, evaluator


@pytest.fixture
def kept_every_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Checkpoints after every epoch, however short."""
    monkeypatch.setattr(TrainingLimits, "__init__", _every_epoch(TrainingLimits.__init__))


def _every_epoch(made: Callable[..., None]) -> Callable[..., None]:
    return lambda self, *arguments: made(self, *arguments, every=0.0)


def stopped_after(epochs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a training be killed at the start of an epoch."""
    through = Training._epoch

    def epoch(self: Training, number: int, limits: TrainingLimits) -> None:
        if number == epochs:
            raise KeyboardInterrupt
        through(self, number, limits)

    monkeypatch.setattr(Training, "_epoch", epoch)


def test_a_loss_that_is_not_finite_diverges() -> None:
    outcome = evaluator(replace(TINY, rate=1e30)).evaluate(draw(1)[0])
    assert isinstance(outcome, Failure)
    assert outcome.kind == "diverged"
    assert "epoch 1" in outcome.message


def test_a_loss_that_explodes_diverges() -> None:
    outcome = evaluator(replace(TINY, rate=300.0, epochs=4, limit=None)).evaluate(draw(1)[0])
    assert isinstance(outcome, Failure)
    assert outcome.kind == "diverged"


def test_the_time_limit_ends_a_training() -> None:
    outcome = evaluator(replace(TINY, epochs=100_000), time_limit=0.5).evaluate(draw(1)[0])
    assert isinstance(outcome, Failure)
    assert outcome.kind == "timeout"
    assert outcome.cost is not None
    assert 0.5 <= outcome.cost < 10


def test_memory_that_runs_out_is_a_failure_of_its_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    def hungry(*_: object, **__: object) -> object:
        return torch.empty(2**60)

    monkeypatch.setattr(job, "build_module", hungry)
    outcome = evaluator().evaluate(draw(1)[0])
    assert isinstance(outcome, Failure)
    assert outcome.kind == "memory"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (MemoryError(), "memory"),
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB"), "memory"),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"), "memory"),
        (RuntimeError("shapes do not match"), "error"),
        (ValueError(""), "error"),
    ],
)
def test_errors_by_kind(error: Exception, kind: str) -> None:
    failure = failure_of(error, 1.0)
    assert failure.kind == kind
    assert failure.message


def test_a_training_goes_on_from_its_checkpoint_to_the_same_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept_every_epoch: None
) -> None:
    recipe = replace(TINY, epochs=4, drop_path=0.2, crop=1, cutout=2)
    arch = draw(1)[0]
    whole = evaluator(recipe).evaluate(arch)
    found = evaluator(recipe, checkpoints=str(tmp_path))
    with monkeypatch.context() as patch:
        stopped_after(2, patch)
        with pytest.raises(KeyboardInterrupt):
            found.evaluate(arch)
    assert len(list(tmp_path.glob("*.pt"))) == 1
    with monkeypatch.context() as patch:
        epochs: list[int] = []
        through = Training._epoch

        def epoch(self: Training, number: int, limits: TrainingLimits) -> None:
            epochs.append(number)
            through(self, number, limits)

        patch.setattr(Training, "_epoch", epoch)
        resumed = found.evaluate(arch)
    assert epochs == [2, 3]
    assert isinstance(whole, Evaluation)
    assert isinstance(resumed, Evaluation)
    assert resumed.metrics == whole.metrics
    assert not list(tmp_path.iterdir()), "a finished training leaves nothing behind"


@pytest.mark.parametrize("damage", ["cut", "garbage", "empty", "pickle", "other"])
def test_a_damaged_checkpoint_is_told_and_done_without(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kept_every_epoch: None,
    caplog: pytest.LogCaptureFixture,
    damage: str,
) -> None:
    arch = draw(1)[0]
    whole = evaluator().evaluate(arch)
    found = evaluator(checkpoints=str(tmp_path))
    with monkeypatch.context() as patch:
        stopped_after(1, patch)
        with pytest.raises(KeyboardInterrupt):
            found.evaluate(arch)
    (file,) = tmp_path.glob("*.pt")
    content = file.read_bytes()
    if damage == "other":
        torch.save({"format": 1, "key": file.stem, "epoch": 1, "state": {"parts": {}}}, file)
    else:
        file.write_bytes(
            {
                "cut": content[: len(content) // 2],
                "garbage": bytes(reversed(content)),
                "empty": b"",
                "pickle": b"cos\nsystem\n(S'touch " + str(tmp_path / "ran").encode() + b"'\ntR.",
            }[damage]
        )
    with caplog.at_level(logging.WARNING, logger="lapt_dsl.training"):
        again = found.evaluate(arch)
    assert isinstance(again, Evaluation)
    assert isinstance(whole, Evaluation)
    assert again.metrics == whole.metrics
    assert "W761" in caplog.text
    assert not (tmp_path / "ran").exists()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
def test_a_full_disk_is_a_typed_failure(tmp_path: Path, kept_every_epoch: None) -> None:
    arch = draw(1)[0]
    found = evaluator(checkpoints=str(tmp_path))
    checkpoint = Checkpoint(tmp_path, "0" * 64)
    checkpoint.path.with_suffix(".part").symlink_to("/dev/full")
    with pytest.raises(LaptError) as error:
        checkpoint.save(1, {"weights": torch.zeros(10)})
    assert error.value.diagnostics[0].code == "E762"
    assert "No space left on device" in error.value.diagnostics[0].message
    tmp_path.rmdir()
    tmp_path.write_text("a file where the folder should be")
    outcome = found.evaluate(arch)
    assert isinstance(outcome, Failure)
    assert outcome.kind == "error"
    assert outcome.message.startswith("E762")


def test_a_folder_that_cannot_hold_checkpoints_is_refused_before_anything_is_trained(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("a file where the folder should be")
    for folder in (taken, taken / "below"):
        with pytest.raises(LaptError) as error:
            evaluator(checkpoints=str(folder))
        assert error.value.diagnostics[0].code == "E762"
    evaluator(checkpoints=str(tmp_path / "made" / "below"))
    assert (tmp_path / "made" / "below").is_dir()


def test_a_checkpoint_that_cannot_be_taken_away_costs_no_result(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path, "2" * 64)
    checkpoint.path.mkdir()
    checkpoint.remove()
    Checkpoint(tmp_path / "never made", "2" * 64).remove()


def test_a_checkpoint_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoint = Checkpoint(tmp_path, "1" * 64)
    checkpoint.save(1, {"weights": torch.ones(3)})

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(LaptError):
            checkpoint.save(2, {"weights": torch.zeros(3)})
    found = checkpoint.load("cpu")
    assert found is not None
    assert found[0] == 1
    assert [path.suffix for path in tmp_path.iterdir()] == [".pt"]
