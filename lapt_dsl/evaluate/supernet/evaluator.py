"""The accuracy of an architecture with the shared weights of a trained supernet, on validation images."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from lapt_dsl.compiler.refined.refined_space import RefinedSpace, full
from lapt_dsl.compiler.space.model import Architecture, Space
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.evaluate.data.load import load_data
from lapt_dsl.evaluate.evaluator import Description, Failure, FailureKind, Outcome
from lapt_dsl.evaluate.supernet.recipes import SupernetRecipe, default_supernet_recipe, supernet_recipe_named
from lapt_dsl.evaluate.training.evaluator import TrainEvaluator
from lapt_dsl.evaluate.training.image_evaluator import DEFAULT_DATA, ImageEvaluator, TrainingSetup, resized
from lapt_dsl.evaluate.training.recipes import recipe_named

if TYPE_CHECKING:
    from lapt_dsl.evaluate.data.images import ImageData
    from lapt_dsl.evaluate.spec import EvaluatorOptions
    from lapt_dsl.evaluate.supernet.job import SupernetJob
    from lapt_dsl.evaluate.supernet.train import Trained

VERSION = 1
"""Part of every fingerprint: raised when the same description would give other numbers."""

NOTICE = "scores are by a supernet's shared weights: they rank architectures, no network was trained alone for them"

_CODES: dict[FailureKind, tuple[str, str]] = {
    "diverged": ("E781", "try another --recipe, or another --evaluator-seed"),
    "memory": ("E782", "fewer --channels or --depth, or principles that leave fewer candidates"),
    "timeout": ("E783", "a longer --time-limit, fewer --epochs, or --checkpoints to resume it"),
}


class SupernetEvaluator(ImageEvaluator):
    """Trains one supernet that holds a refined space, and measures architectures by its shared weights.

    The supernet is trained when it is first needed, or by `prepare`. An evaluation then recalibrates batch norms on
    some training images and measures the accuracy on the validation images, which are those of `TrainEvaluator`. An
    architecture outside the refined space is a failure `foreign`: the supernet does not hold it.
    """

    def __init__(
        self, refined: RefinedSpace, data: ImageData, recipe: SupernetRecipe, setup: TrainingSetup | None = None
    ) -> None:
        """Check that the supernet can be built.

        Args:
            refined: The architectures that the supernet holds; their space needs a network.
            data: The images.
            recipe: How to train and measure, with the size of the network.
            setup: The device, the seed and the limits. Checkpoints keep the supernet during its training and after it;
                the time limit is that of the training of the supernet.

        Raises:
            LaptError: E140, E141, E780, the network cannot be built; E758, a class has too few images; E784, the
                refined space is empty.
        """
        if not refined:
            raise LaptError.of(
                "E784", "the principles leave no architecture", "--principles", hint="run `lapt lint` to see why"
            )
        super().__init__(refined.space, data, recipe.training, setup or TrainingSetup())
        self.refined, self._recipe = refined, recipe
        self._trained: Trained | None = None
        self._broken: Failure | None = None
        self._training_seconds = 0.0
        self._check_source()

    def _check_source(self) -> None:
        """Generate the supernet once, so that an error is reported before any training. LaptError: E140, E780."""
        from lapt_dsl.compiler.targets.code.supernet_source import supernet_source

        allowed = {left.layer.decision: left.choices for left in self.refined.candidates}
        recipe = self._recipe.training
        supernet_source(self.space, allowed, channels=recipe.channels, depth=recipe.depth, network=recipe.network)

    @property
    def recipe(self) -> SupernetRecipe:
        """How it trains and measures."""
        return self._recipe

    @property
    def notice(self) -> str:
        """A notice to print with its numbers, and what the training took where it is done."""
        return NOTICE if self._trained is None else f"{NOTICE}; {self.account}"

    @property
    def account(self) -> str:
        """The supernet's size and training cost in a sentence. ValueError before it is trained."""
        if self._trained is None:
            raise ValueError("the supernet is not trained")
        epochs = self._recipe.training.epochs
        return (
            f"supernet of {self.refined.size:,} architectures, {self._trained.params:,} parameters, trained for"
            f" {epochs} {'epoch' if epochs == 1 else 'epochs'} in {self.accelerator_hours:.4f} accelerator-hours"
            f" ({self._setup.device})"
        )

    @property
    def accelerator_hours(self) -> float:
        """Hours of training on the device. ValueError before the supernet is trained."""
        if self._trained is None:
            raise ValueError("the supernet is not trained")
        return self._trained.seconds / 3600

    @property
    def spent(self) -> float:
        """Seconds of training in this process: 0 where the supernet is from a checkpoint or is not trained."""
        return 0.0 if self._trained is None else self._trained.spent

    def job(self) -> SupernetJob:
        """The training of the supernet, not started."""
        from lapt_dsl.evaluate.supernet.job import SupernetJob

        setup = self._setup
        return SupernetJob(self.refined, self._data, self._split, self._recipe, setup.device, setup.threads, setup.seed)

    def prepare(self) -> None:
        """Train the supernet, or load it from a checkpoint.

        Raises:
            LaptError: E781 to E783 and E785, its training failed; E762, a checkpoint cannot be written.
            ImportError: torch is not installed.
        """
        if self._trained is not None:
            return
        from lapt_dsl.evaluate.training.checkpoint import Checkpoint
        from lapt_dsl.evaluate.training.faults import failure_of
        from lapt_dsl.evaluate.training.train import TrainingLimits

        start = time.monotonic()
        folder = self._setup.checkpoints
        checkpoint = None if folder is None else Checkpoint(folder, self.fingerprint)
        limits = TrainingLimits.of_seconds(self._setup.time_limit)
        try:
            self._trained = self.job().run(limits, checkpoint)
        except (LaptError, ImportError):
            raise
        except Exception as error:
            # The user's modules may raise any exception.
            failure = failure_of(error, 0.0)
            code, hint = _CODES.get(failure.kind, ("E785", "check the modules of your space"))
            message = f"training the supernet failed: {failure.message}"
            raise LaptError.of(code, message, "--evaluator supernet", hint=hint) from error
        finally:
            self._training_seconds += time.monotonic() - start

    def measure(self, arch: Architecture) -> Outcome:
        """Measure one architecture.

        Returns:
            `valid_acc` in percent, at the cost of the seconds it took, the first time with those of the training; or a
            Failure: `foreign` outside the refined space, or the failure of the supernet's training, the same for every
            architecture.
        """
        if arch not in self.refined:
            return Failure("foreign", "the supernet does not hold it: it is outside the principles it was made for")
        trained = self._ready()
        if isinstance(trained, Failure):
            return trained
        from lapt_dsl.evaluate.training.faults import timed_outcome

        outcome = timed_outcome(lambda: self._accuracy(trained, arch), self._setup.device)
        if isinstance(outcome, Failure):
            return outcome
        outcome = replace(outcome, cost=(outcome.cost or 0.0) + self._training_seconds)
        self._training_seconds = 0.0
        return outcome

    def _accuracy(self, trained: Trained, arch: Architecture) -> dict[str, float]:
        from lapt_dsl.evaluate.training.reproducible import reproducible

        with reproducible(self._setup.seed, self._setup.threads, self._setup.device):
            return {"valid_acc": trained.valid_accuracy(arch)}

    def _ready(self) -> Trained | Failure:
        if self._broken is None:
            try:
                self.prepare()
            except LaptError as error:
                found = error.diagnostics[0]
                kinds = {code: kind for kind, (code, _) in _CODES.items()}
                kind = kinds.get(found.code, "error")
                # Training is deterministic, so a second attempt would fail again.
                self._broken = Failure(kind, f"{found.code}: {found.message}", self._training_seconds)
        if self._broken is not None:
            return self._broken
        assert self._trained is not None, "prepared just now"
        return self._trained

    def evaluate_on_test(self, arch: Architecture) -> Outcome:
        """Train an architecture alone, by the preset's final recipe, and measure on the test part, once.

        Returns:
            As for `TrainEvaluator.evaluate_on_test`.
        """
        recipe = recipe_named(self._recipe.final)
        try:
            alone = TrainEvaluator(self.space, self._data, recipe, replace(self._setup, time_limit=None))
        except LaptError as error:
            found = error.diagnostics[0]
            return Failure("error", f"{found.code}: {found.message}")
        return alone.evaluate_on_test(arch)

    def describe(self) -> Description:
        """Everything that the numbers depend on."""
        from lapt_dsl.evaluate.supernet.paths import set_digest

        return self._description(
            "supernet",
            VERSION,
            holds={"size": str(self.refined.size), "digest": set_digest(self.refined)},
            recipe=self._recipe.describe(),
            final=recipe_named(self._recipe.final).describe(),
        )


def build(space: Space, options: EvaluatorOptions) -> SupernetEvaluator:
    """For `--evaluator supernet`.

    Raises:
        LaptError: E750 to E759, the images; E760, E764, E765, the options; E140, E141, E780, the network; E784 and
            every error of the principles.
        ImportError: torch is not installed.
    """
    data = options.data or DEFAULT_DATA
    recipe = supernet_recipe_named(options.recipe or default_supernet_recipe(data))
    recipe = replace(recipe, training=resized(recipe.training, options))
    setup = TrainingSetup.of_options(options)
    images = load_data(data, recipe.training.image_size)
    return SupernetEvaluator(refined_by(options.principles, space), images, recipe, setup)


def refined_by(principles: str | None, space: Space) -> RefinedSpace:
    """The refined space of a principle file; the whole space for None. LaptError for errors of the file."""
    if principles is None:
        return full(space)
    from pathlib import Path

    from lapt_dsl.compiler.building.find_space import find_space
    from lapt_dsl.compiler.program.inheritance import ImportScope, load_program
    from lapt_dsl.compiler.refined.compiled import compile_program

    program = load_program(principles)
    return compile_program(program, find_space(program, space, ImportScope(Path(principles).parent))).refined
