"""Training one network, and measuring it."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from lapt_dsl.evaluate.training.augment import Normalizer, varied
from lapt_dsl.evaluate.training.faults import Diverged, OutOfTime
from lapt_dsl.evaluate.training.recipes import TrainingRecipe, learning_rate
from lapt_dsl.evaluate.training.reproducible import draws

if TYPE_CHECKING:
    from lapt_dsl.evaluate.training.checkpoint import Checkpoint
    from lapt_dsl.evaluate.training.regularize import Auxiliary, DropPath

EXPLODED = 10.0
"""An epoch whose mean loss is this multiple of that of guessing counts as diverged."""

CHECKED_EVERY = 16
"""Number of batches between checks of the loss and the deadline; each check waits for the GPU."""

MEASURED_BATCH = 512


@dataclass(slots=True)
class TrainableNetwork:
    """A network with its number of classes and the modules added for training."""

    module: nn.Module
    classes: int
    auxiliary: Auxiliary | None = None
    drop_path: DropPath | None = None

    def parts(self) -> dict[str, nn.Module]:
        """The trained modules by name."""
        named: dict[str, nn.Module] = {"network": self.module}
        if self.auxiliary is not None:
            named["auxiliary"] = self.auxiliary
        return named


@dataclass(frozen=True, slots=True)
class TrainingLimits:
    """Limits of a training.

    `deadline`: in the time of `time.monotonic()`; `seconds`: the limit that messages name; `every`: seconds between
    checkpoints.
    """

    deadline: float = math.inf
    seconds: float = math.inf
    every: float = 60.0

    @classmethod
    def of_seconds(cls, seconds: float | None) -> TrainingLimits:
        """A deadline `seconds` from now; None is no deadline."""
        return cls() if seconds is None else cls(time.monotonic() + seconds, seconds)


class Training:
    """SGD on a network, epoch by epoch. What happens in an epoch depends on the seed and the epoch alone."""

    def __init__(
        self,
        network: TrainableNetwork,
        recipe: TrainingRecipe,
        images: Tensor,
        labels: Tensor,
        normalize: Normalizer,
        seed: int,
    ) -> None:
        """Prepare. `images` uint8 [N, C, H, W] and `labels` int64 [N], on the device of the network."""
        self.network, self.recipe, self.seed = network, recipe, seed
        self.images, self.labels, self.normalize = images, labels, normalize
        self.device = images.device
        parameters = [parameter for part in network.parts().values() for parameter in part.parameters()]
        self.parameters = parameters
        self.optimizer = torch.optim.SGD(
            parameters, recipe.rate, recipe.momentum, weight_decay=recipe.weight_decay, nesterov=recipe.nesterov
        )
        # Half precision is faster only on GPUs; bfloat16 has the range of float32 and needs no scaling of the loss.
        self.cuda = self.device.type == "cuda"
        self.half = torch.bfloat16 if self.cuda and torch.cuda.is_bf16_supported() else torch.float16
        self.scaler = torch.amp.GradScaler("cuda", enabled=self.cuda and self.half == torch.float16)
        self.loss = math.nan

    def run(self, limits: TrainingLimits, checkpoint: Checkpoint | None = None) -> float:
        """Train to the last epoch, from the checkpoint if there is one, and return the mean loss of the last epoch.

        Raises:
            Diverged: The loss is not finite or has exploded.
            OutOfTime: The deadline has passed.
            LaptError: E762, a checkpoint cannot be written.
        """
        start = self._resume(checkpoint) if checkpoint is not None else 0
        saved = time.monotonic()
        for epoch in range(start, self.recipe.epochs):
            self._epoch(epoch, limits)
            last = epoch + 1 == self.recipe.epochs
            if checkpoint is not None and not last and time.monotonic() - saved >= limits.every:
                checkpoint.save(epoch + 1, self._state())
                saved = time.monotonic()
        return self.loss

    def _epoch(self, epoch: int, limits: TrainingLimits) -> None:
        recipe, network = self.recipe, self.network
        random = draws(self.seed, "epoch", epoch)
        if network.drop_path is not None:
            network.drop_path.probability = recipe.drop_path * epoch / recipe.epochs
            network.drop_path.draws = random
        for part in network.parts().values():
            part.train()
        order = torch.randperm(len(self.labels), generator=random).to(self.device)
        # Batch norm needs two images, so a last batch of one is dropped.
        batches = [rows for rows in torch.split(order, recipe.batch) if len(rows) > 1]
        total = torch.zeros((), device=self.device)
        for number, rows in enumerate(batches):
            within = number / len(batches) if recipe.by_batch else 0.0
            self._set_rate(learning_rate(recipe, (epoch + within) / recipe.epochs))
            total += self._step(rows, random) * len(rows)
            if number % CHECKED_EVERY == 0 or number + 1 == len(batches):
                self._check(float(total), epoch, limits)
        self.loss = float(total) / sum(len(rows) for rows in batches)
        # Guessing costs ln(classes).
        if self.loss > EXPLODED * math.log(network.classes):
            raise Diverged(f"the loss has grown to {self.loss:.3g} in epoch {epoch + 1}")

    def _step(self, rows: Tensor, random: torch.Generator) -> Tensor:
        images = varied(self.images[rows], self.recipe, self.normalize, random)
        labels = self.labels[rows]
        with torch.autocast("cuda", self.half, enabled=self.cuda):
            logits = self.network.module(images)
            found = functional.cross_entropy(logits, labels, label_smoothing=self.recipe.smoothing)
            loss = found
            if self.network.auxiliary is not None:
                beside = self.network.auxiliary.logits()
                auxiliary = functional.cross_entropy(beside, labels, label_smoothing=self.recipe.smoothing)
                loss = found + self.recipe.auxiliary * auxiliary
        self.optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(self.scaler.scale(loss))
        if self.recipe.clip is not None:
            self.scaler.unscale_(self.optimizer)
            nn.utils.clip_grad_norm_(self.parameters, self.recipe.clip)
        self.scaler.step(self.optimizer)
        self.scaler.update()
        return found.detach().float()

    def _set_rate(self, rate: float) -> None:
        for group in self.optimizer.param_groups:
            group["lr"] = rate

    def _check(self, total: float, epoch: int, limits: TrainingLimits) -> None:
        if not math.isfinite(total):
            raise Diverged(f"the loss is {total} in epoch {epoch + 1} of {self.recipe.epochs}")
        if time.monotonic() > limits.deadline:
            message = f"the time limit of {limits.seconds:g} s was reached in epoch {epoch + 1} of {self.recipe.epochs}"
            raise OutOfTime(message)

    def _state(self) -> dict[str, Any]:
        parts = {name: part.state_dict() for name, part in self.network.parts().items()}
        return {
            "parts": parts,
            "optimizer": self.optimizer.state_dict(),
            "scaler": self.scaler.state_dict(),
            "loss": self.loss,
        }

    def _resume(self, checkpoint: Checkpoint) -> int:
        found = checkpoint.load(str(self.device))
        if found is None:
            return 0
        fresh = self._state()
        fresh["parts"] = {name: {k: v.clone() for k, v in part.items()} for name, part in fresh["parts"].items()}
        epoch, state = found
        try:
            self._take(state)
            if not 0 < epoch <= self.recipe.epochs:
                raise ValueError(f"it is of epoch {epoch}")
        except (KeyError, ValueError, TypeError, RuntimeError, AttributeError) as error:
            checkpoint.damaged(error)
            self._take(fresh)
            return 0
        return epoch

    def _take(self, state: dict[str, Any]) -> None:
        for name, part in self.network.parts().items():
            part.load_state_dict(state["parts"][name])
        self.optimizer.load_state_dict(state["optimizer"])
        self.scaler.load_state_dict(state["scaler"])
        self.loss = float(state["loss"])


def accuracy(module: nn.Module, images: Tensor, labels: Tensor, normalize: Normalizer) -> float:
    """The share of correctly classified images [N, C, H, W], in percent."""
    module.eval()
    right = 0
    cuda = images.device.type == "cuda"
    with torch.no_grad():
        for start in range(0, len(labels), MEASURED_BATCH):
            part = slice(start, start + MEASURED_BATCH)
            logits = module(normalize(images[part]))
            right += int((logits.argmax(1) == labels[part]).sum())
            if cuda:
                del logits
    return 100.0 * right / len(labels)
