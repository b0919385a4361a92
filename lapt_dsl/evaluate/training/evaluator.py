"""An architecture is worth the accuracy of its trained network on images that the training did not use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lapt_dsl.compiler.space.model import Architecture, Space
from lapt_dsl.evaluate.data.load import load_data
from lapt_dsl.evaluate.evaluator import Description, Outcome, fingerprint_of
from lapt_dsl.evaluate.training.image_evaluator import DEFAULT_DATA, ImageEvaluator, TrainingSetup, resized
from lapt_dsl.evaluate.training.recipes import TrainingRecipe, default_recipe, recipe_named

if TYPE_CHECKING:
    from lapt_dsl.evaluate.data.images import ImageData
    from lapt_dsl.evaluate.spec import EvaluatorOptions

VERSION = 1
"""Part of every fingerprint: raised when the same description would give other numbers."""


class TrainEvaluator(ImageEvaluator):
    """Trains the network of an architecture and measures its accuracy on validation images.

    `evaluate` never touches the test part. `evaluate_on_test` does, and is called once, for the architecture
    that a search found: it trains anew on training and validation images together, by the same recipe and seed.
    """

    def __init__(
        self, space: Space, data: ImageData, recipe: TrainingRecipe, setup: TrainingSetup | None = None
    ) -> None:
        """Check that networks of the space can be trained.

        Args:
            space: The space; it needs a network.
            data: The images.
            recipe: How to train, with the size of the networks.
            setup: The device, the seed and the limits. Each architecture has a seed of its own, derived from this one.
                The time limit is that of one evaluation; `evaluate_on_test` has none.

        Raises:
            LaptError: E140, E141, the network cannot be built; E758, a class has too few images; E762, the checkpoints
                cannot be written; E763, the images are too small for the recipe.
        """
        super().__init__(space, data, recipe, setup or TrainingSetup())
        self._recipe = recipe
        if recipe.auxiliary:
            from lapt_dsl.evaluate.training.regularize import check_auxiliary

            check_auxiliary(self._layout, min(data.size))
        if self._setup.checkpoints is not None:
            from lapt_dsl.evaluate.training.checkpoint import ready_folder

            ready_folder(self._setup.checkpoints)

    @property
    def recipe(self) -> TrainingRecipe:
        """How it trains."""
        return self._recipe

    def measure(self, arch: Architecture) -> Outcome:
        """Train and measure on the validation images.

        Returns:
            `valid_acc` in percent, `train_loss` of the last epoch, `params`, at the cost of the seconds it took; or a
            Failure: `diverged`, `memory`, `timeout`, or `error` with a code where a checkpoint failed.
        """
        return self._trained(arch, final=False)

    def evaluate_on_test(self, arch: Architecture) -> Outcome:
        """Train anew on training and validation images and measure on the test part, once.

        Returns:
            `test_acc` in percent, `train_loss`, `params`; or a Failure as for `evaluate`.
        """
        return self.foreign(arch) or self._trained(arch, final=True)

    def describe(self) -> Description:
        """Everything that the numbers depend on."""
        return self._description("train", VERSION, recipe=self._recipe.describe())

    def _trained(self, arch: Architecture, final: bool) -> Outcome:
        from lapt_dsl.evaluate.training.faults import timed_outcome

        return timed_outcome(lambda: self._metrics(arch, final), self._setup.device)

    def _metrics(self, arch: Architecture, final: bool) -> dict[str, float]:
        from lapt_dsl.evaluate.training.checkpoint import Checkpoint
        from lapt_dsl.evaluate.training.job import Job
        from lapt_dsl.evaluate.training.reproducible import derived_seed
        from lapt_dsl.evaluate.training.train import TrainingLimits

        setup = self._setup
        # The last training has more images to learn from, and nothing after it waits.
        limits = TrainingLimits.of_seconds(None if final else setup.time_limit)
        seed = derived_seed(setup.seed, self.space.digest, arch.encoding)
        job = Job(self.space, arch, self._data, self._split, self._recipe, setup.device, setup.threads, seed, final)
        checkpoint = None
        if setup.checkpoints is not None:
            # The fingerprint holds everything else that a training depends on, so that no other's state is resumed.
            part = "final" if final else "search"
            key = fingerprint_of({"evaluator": self.fingerprint, "architecture": str(arch), "part": part})
            checkpoint = Checkpoint(setup.checkpoints, key)
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
    data = options.data or DEFAULT_DATA
    recipe = resized(recipe_named(options.recipe or default_recipe(data)), options)
    setup = TrainingSetup.of_options(options)
    return TrainEvaluator(space, load_data(data, recipe.image_size), recipe, setup)
