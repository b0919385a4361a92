"""An architecture is worth what its network, trained, gets right on images that it has not seen."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from lapt_dsl.compiler.networks.shapes import layout_network
from lapt_dsl.compiler.space.model import Architecture, Space
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.evaluate.data.load import load_data
from lapt_dsl.evaluate.data.split import split
from lapt_dsl.evaluate.evaluator import Description, Evaluation, Failure, Objective, Outcome, fingerprint_of
from lapt_dsl.evaluate.training.recipes import TrainingRecipe, default_recipe, recipe_named

if TYPE_CHECKING:
    from lapt_dsl.evaluate.data.images import ImageData
    from lapt_dsl.evaluate.spec import EvaluatorOptions

VERSION = 1
"""Part of every fingerprint: raised when the same description would give other numbers."""

DEFAULT_DATA = "digits"


class TrainEvaluator:
    """Trains the network of an architecture and measures its accuracy on validation images.

    The validation images are split off the training part (`lapt_dsl.evaluate.data.split`) and are the same for every
    architecture and seed. `evaluate` never touches the test part; `final` does, and is meant to be called once, for the
    architecture that was found: it trains anew on training and validation images together, by the same recipe and seed.
    """

    def __init__(
        self,
        space: Space,
        data: ImageData,
        recipe: TrainingRecipe,
        *,
        device: str = "cpu",
        seed: int = 0,
        threads: int = 1,
        checkpoints: str | None = None,
        time_limit: float | None = None,
    ) -> None:
        """Prepare to train.

        Args:
            space: The space; it needs a network.
            data: The images.
            recipe: How to train, with the size of the networks.
            device: `cpu` or `cuda`.
            seed: Of weights, batches and variations; each architecture has its own, derived from it.
            threads: CPU threads. Results depend on it in the last digits, so it is fixed and described.
            checkpoints: A directory to keep unfinished trainings in; None keeps none.
            time_limit: Seconds for one evaluation, the last training aside; None is any. What a slower machine does not
                finish, fails.

        Raises:
            LaptError: E140, E141, the network cannot be built; E758, a class has too few images; E762, `checkpoints`
                cannot be written to; E763, the images are too small for the recipe.
        """
        self._space, self._data, self._recipe = space, data, recipe
        self._device, self._seed, self._threads = device, seed, threads
        self._checkpoints, self._time_limit = checkpoints, time_limit
        # Whether the network can be laid out at all is known before the first architecture is paid for.
        laid_out = layout_network(
            space, recipe.network, classes=data.classes, channels=recipe.channels, depth=recipe.depth
        )
        if recipe.auxiliary:
            from lapt_dsl.evaluate.training.regularize import check_auxiliary

            check_auxiliary(laid_out, min(data.size))
        self._split = split(data, recipe.valid_share, recipe.limit)
        if checkpoints is not None:
            from lapt_dsl.evaluate.training.checkpoint import ready_folder

            ready_folder(checkpoints)

    @property
    def space(self) -> Space:
        """The space."""
        return self._space

    @property
    def recipe(self) -> TrainingRecipe:
        """How it trains."""
        return self._recipe

    @property
    def data(self) -> ImageData:
        """The images."""
        return self._data

    @property
    def objective(self) -> Objective:
        """Validation accuracy. There is no test metric, since no evaluation touches the test part: see `final`."""
        return Objective("valid_acc")

    def evaluate(self, arch: Architecture) -> Outcome:
        """Train and measure on the validation images.

        Returns:
            `valid_acc` in percent, `train_loss` of the last epoch, `params`, at the cost of the seconds it took; or a
            Failure: `diverged`, `memory`, `timeout`, `foreign`, or `error` with a code where a checkpoint failed.
        """
        return self._outcome(arch, final=False)

    def final(self, arch: Architecture) -> Outcome:
        """Train anew on training and validation images and measure on the test part, once.

        Returns:
            `test_acc` in percent, `train_loss`, `params`; or a Failure as for `evaluate`.
        """
        return self._outcome(arch, final=True)

    def describe(self) -> Description:
        """Everything that the numbers depend on."""
        import torch

        found = self._split
        return {
            "kind": "train",
            "version": VERSION,
            "deterministic": self._device == "cpu",
            "space": self._space.digest,
            "data": self._data.describe(),
            "split": {"train": len(found.train), "valid": len(found.valid), "repeated": found.repeated},
            "recipe": self._recipe.describe(),
            "device": self._device,
            "threads": self._threads,
            "seed": self._seed,
            "time_limit": self._time_limit,
            "torch": torch.__version__,
        }

    @cached_property
    def fingerprint(self) -> str:
        """The hash of `describe()`."""
        return fingerprint_of(self.describe())

    def _outcome(self, arch: Architecture, final: bool) -> Outcome:
        if arch.space != self._space:
            return Failure("foreign", f"an architecture of `{arch.space.name}`, not of `{self._space.name}`")
        from lapt_dsl.evaluate.training.faults import failure_of

        start = time.monotonic()
        try:
            metrics = self._measured(arch, final, start)
        except Exception as error:
            # A network may be of the user's own modules, which can raise anything: it concerns this architecture alone.
            failure = failure_of(error, time.monotonic() - start)
        else:
            return Evaluation(metrics, time.monotonic() - start)
        if self._device == "cuda":
            import torch

            # Now that the error is forgotten, and with it the frames that held the network.
            torch.cuda.empty_cache()
        return failure

    def _measured(self, arch: Architecture, final: bool, start: float) -> dict[str, float]:
        from lapt_dsl.evaluate.training.checkpoint import Checkpoint
        from lapt_dsl.evaluate.training.job import Job
        from lapt_dsl.evaluate.training.reproducible import derived_seed
        from lapt_dsl.evaluate.training.train import TrainingLimits

        kind = "final" if final else "search"
        seed = derived_seed(self._seed, self._space.digest, arch.encoding)
        job = Job(self._space, arch, self._data, self._split, self._recipe, self._device, self._threads, seed, final)
        checkpoint = None
        if self._checkpoints is not None:
            # The fingerprint holds everything else that a training depends on, so that no other's state is taken up.
            key = fingerprint_of({"evaluator": self.fingerprint, "architecture": str(arch), "part": kind})
            checkpoint = Checkpoint(self._checkpoints, key)
        # The last training has more images to learn from, and nothing after it waits.
        limit = None if final else self._time_limit
        limits = TrainingLimits() if limit is None else TrainingLimits(start + limit, limit)
        metrics = job.run(limits, checkpoint)
        if checkpoint is not None:
            checkpoint.remove()
        return metrics


def build(space: Space, options: EvaluatorOptions) -> TrainEvaluator:
    """For `--evaluator train`.

    Raises:
        LaptError: E750 to E759, the images; E760, E763 to E765, the options; E140, E141, the network.
        ImportError: torch is not installed.
    """
    data_name = options.data or DEFAULT_DATA
    recipe = recipe_named(options.recipe or default_recipe(data_name))
    for name in ("epochs", "channels", "depth"):
        value = getattr(options, name)
        if value is not None:
            if value < 1:
                raise LaptError.of("E765", f"`{name}` must be at least 1, not {value}", f"--{name}")
            recipe = replace(recipe, **{name: value})
    if options.time_limit is not None and not options.time_limit > 0:
        raise LaptError.of("E765", f"a time limit must be above 0 s, not {options.time_limit:g}", "--time-limit")
    return TrainEvaluator(
        space,
        load_data(data_name, recipe.image_size),
        recipe,
        device=chosen_device(options.device),
        seed=options.seed,
        threads=options.threads,
        checkpoints=options.checkpoints,
        time_limit=options.time_limit,
    )


def chosen_device(asked: str) -> str:
    """`cpu` or `cuda` for `auto`, else what was asked for.

    Raises:
        LaptError: E764, it is not there.
    """
    import torch

    there = torch.cuda.is_available()
    if asked == "auto":
        return "cuda" if there else "cpu"
    if asked not in ("cpu", "cuda"):
        raise LaptError.of("E764", f"there is no device `{asked[:64]}`", "--device", hint="cpu, cuda or auto")
    if asked == "cuda" and not there:
        raise LaptError.of("E764", "torch finds no CUDA device here", "--device", hint="say --device auto or cpu")
    return asked
