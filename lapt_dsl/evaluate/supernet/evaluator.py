"""An architecture is worth what its path through a trained supernet gets right on images that it has not seen."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from lapt_dsl.compiler.networks.shapes import layout_network
from lapt_dsl.compiler.refined.refined_space import RefinedSpace, full
from lapt_dsl.compiler.space.model import Architecture, Space
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.evaluate.data.load import load_data
from lapt_dsl.evaluate.data.split import split
from lapt_dsl.evaluate.evaluator import (
    Description,
    Evaluation,
    Failure,
    FailureKind,
    Objective,
    Outcome,
    fingerprint_of,
)
from lapt_dsl.evaluate.supernet.recipes import SupernetRecipe, default_supernet_recipe, supernet_recipe_named
from lapt_dsl.evaluate.training.evaluator import DEFAULT_DATA, TrainEvaluator, chosen_device
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
    "memory": ("E782", "fewer --channels or --depth, or principles that leave less"),
    "timeout": ("E783", "a longer --time-limit, fewer --epochs, or --checkpoints to go on from where it stopped"),
}


class SupernetEvaluator:
    """Trains one supernet, of all that a refined space holds, and judges architectures by its weights.

    The supernet is trained when it is first needed, or by `prepare`. An evaluation then measures batch norms anew on
    some training images and counts what is right among the validation images, which are those of `TrainEvaluator`. An
    architecture outside the refined space is a failure `foreign`: the supernet does not hold it.
    """

    def __init__(
        self,
        refined: RefinedSpace,
        data: ImageData,
        recipe: SupernetRecipe,
        *,
        device: str = "cpu",
        seed: int = 0,
        threads: int = 1,
        checkpoints: str | None = None,
        time_limit: float | None = None,
    ) -> None:
        """Prepare to train.

        Args:
            refined: What the supernet is to hold; its space needs a network.
            data: The images.
            recipe: How to train and judge, with the size of the network.
            device: `cpu` or `cuda`.
            seed: Of weights, batches, variations and architectures.
            threads: CPU threads. Results depend on it in the last digits, so it is fixed and described.
            checkpoints: A directory where the supernet is kept while it is trained and when it is; None keeps none.
            time_limit: Seconds for the training of the supernet; None is any.

        Raises:
            LaptError: E140, E141, E780, the network cannot be built; E758, a class has too few images; E784, nothing is
                left.
        """
        if not refined:
            raise LaptError.of(
                "E784", "the principles leave no architecture", "--principles", hint="`lapt lint` says why"
            )
        self.refined, self._data, self._recipe = refined, data, recipe
        self._device, self._seed, self._threads = device, seed, threads
        self._checkpoints, self._time_limit = checkpoints, time_limit
        training = recipe.training
        layout_network(
            self.space, training.network, classes=data.classes, channels=training.channels, depth=training.depth
        )
        self._split = split(data, training.valid_share, training.limit)
        self._trained: Trained | None = None
        self._broken: Failure | None = None
        self._owed = 0.0
        self._source()

    def _source(self) -> None:
        """Whether the supernet can be generated at all is known before anything is paid for. LaptError: E140, E780."""
        from lapt_dsl.compiler.targets.code.supernet_source import supernet_source

        allowed = {left.layer.decision: left.labels for left in self.refined.candidates}
        recipe = self._recipe.training
        supernet_source(self.space, allowed, channels=recipe.channels, depth=recipe.depth, network=recipe.network)

    @property
    def space(self) -> Space:
        """The space."""
        return self.refined.space

    @property
    def recipe(self) -> SupernetRecipe:
        """How it trains and judges."""
        return self._recipe

    @property
    def objective(self) -> Objective:
        """Validation accuracy by shared weights. There is no test metric: see `final`."""
        return Objective("valid_acc")

    @property
    def notice(self) -> str:
        """What must stand beside its numbers, and what the training took where it is done."""
        return NOTICE if self._trained is None else f"{NOTICE}; {self.account}"

    @property
    def account(self) -> str:
        """What the supernet is and took, in a sentence. ValueError before it is trained."""
        if self._trained is None:
            raise ValueError("the supernet is not trained")
        epochs = self._recipe.training.epochs
        return (
            f"supernet of {self.refined.size:,} architectures, {self._trained.params:,} parameters, trained for"
            f" {epochs} {'epoch' if epochs == 1 else 'epochs'} in {self.accelerator_hours:.4f} accelerator-hours"
            f" ({self._device})"
        )

    @property
    def accelerator_hours(self) -> float:
        """Hours that the training of the supernet took on its device. ValueError before it is trained."""
        if self._trained is None:
            raise ValueError("the supernet is not trained")
        return self._trained.seconds / 3600

    @property
    def spent(self) -> float:
        """Seconds of training in this process: 0 where the supernet was taken from a checkpoint, or is not trained."""
        return 0.0 if self._trained is None else self._trained.spent

    def job(self) -> SupernetJob:
        """The training of the supernet, not begun."""
        from lapt_dsl.evaluate.supernet.job import SupernetJob

        return SupernetJob(self.refined, self._data, self._split, self._recipe, self._device, self._threads, self._seed)

    def prepare(self) -> None:
        """Train the supernet, or take it from the checkpoints.

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
        checkpoint = None if self._checkpoints is None else Checkpoint(self._checkpoints, self.fingerprint)
        limits = (
            TrainingLimits() if self._time_limit is None else TrainingLimits(start + self._time_limit, self._time_limit)
        )
        try:
            self._trained = self.job().run(limits, checkpoint)
        except (LaptError, ImportError):
            raise
        except Exception as error:
            # Modules of the user's own can raise anything.
            failure = failure_of(error, 0.0)
            code, hint = _CODES.get(failure.kind, ("E785", "see what the module of yours does"))
            message = f"training the supernet failed: {failure.message}"
            raise LaptError.of(code, message, "--evaluator supernet", hint=hint) from error
        finally:
            self._owed += time.monotonic() - start

    def evaluate(self, arch: Architecture) -> Outcome:
        """Judge one architecture.

        Returns:
            `valid_acc` in percent, at the cost of the seconds it took, the first time with those of the training; or a
            Failure: `foreign`, or what the supernet's training failed by, the same for every architecture.
        """
        if arch.space != self.space:
            return Failure("foreign", f"an architecture of `{arch.space.name}`, not of `{self.space.name}`")
        if arch not in self.refined:
            return Failure("foreign", "the supernet does not hold it: it is outside the principles it was made for")
        from lapt_dsl.evaluate.training.faults import failure_of
        from lapt_dsl.evaluate.training.reproducible import reproducible

        start = time.monotonic()
        trained = self._ready()
        if isinstance(trained, Failure):
            return trained
        try:
            with reproducible(self._seed, self._threads, self._device):
                accuracy = trained.valid_accuracy(arch)
        except Exception as error:
            # Modules of the user's own can raise anything: here it concerns this architecture alone.
            return failure_of(error, time.monotonic() - start)
        cost, self._owed = time.monotonic() - start + self._owed, 0.0
        return Evaluation({"valid_acc": accuracy}, cost)

    def _ready(self) -> Trained | Failure:
        if self._broken is None:
            try:
                self.prepare()
            except LaptError as error:
                found = error.diagnostics[0]
                kinds = {code: kind for kind, (code, _) in _CODES.items()}
                kind = kinds.get(found.code, "error")
                # Trained again it would fail again: what it depends on is fixed.
                self._broken = Failure(kind, f"{found.code}: {found.message}", self._owed)
        if self._broken is not None:
            return self._broken
        assert self._trained is not None, "prepared just now"
        return self._trained

    def final(self, arch: Architecture) -> Outcome:
        """Train an architecture alone, by the preset's final recipe, and measure on the test part, once.

        Returns:
            As for `TrainEvaluator.final`.
        """
        recipe = recipe_named(self._recipe.final)
        try:
            alone = TrainEvaluator(
                self.space,
                self._data,
                recipe,
                device=self._device,
                seed=self._seed,
                threads=self._threads,
                checkpoints=self._checkpoints,
            )
        except LaptError as error:
            found = error.diagnostics[0]
            return Failure("error", f"{found.code}: {found.message}")
        return alone.final(arch)

    def describe(self) -> Description:
        """Everything that the numbers depend on."""
        import torch

        from lapt_dsl.evaluate.supernet.paths import set_digest

        found = self._split
        return {
            "kind": "supernet",
            "version": VERSION,
            "deterministic": self._device == "cpu",
            "space": self.space.digest,
            "holds": {"size": str(self.refined.size), "digest": set_digest(self.refined)},
            "data": self._data.describe(),
            "split": {"train": len(found.train), "valid": len(found.valid), "repeated": found.repeated},
            "recipe": self._recipe.describe(),
            "final": recipe_named(self._recipe.final).describe(),
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


def build(space: Space, options: EvaluatorOptions) -> SupernetEvaluator:
    """For `--evaluator supernet`.

    Raises:
        LaptError: E750 to E759, the images; E760, E764, E765, the options; E140, E141, E780, the network; E784 and
            whatever is wrong with the principles.
        ImportError: torch is not installed.
    """
    data_name = options.data or DEFAULT_DATA
    recipe = supernet_recipe_named(options.recipe or default_supernet_recipe(data_name))
    for name in ("epochs", "channels", "depth"):
        value = getattr(options, name)
        if value is not None:
            if value < 1:
                raise LaptError.of("E765", f"`{name}` must be at least 1, not {value}", f"--{name}")
            recipe = replace(recipe, training=replace(recipe.training, **{name: value}))
    if options.time_limit is not None and not options.time_limit > 0:
        raise LaptError.of("E765", f"a time limit must be above 0 s, not {options.time_limit:g}", "--time-limit")
    return SupernetEvaluator(
        refined_by(options.principles, space),
        load_data(data_name, recipe.training.image_size),
        recipe,
        device=chosen_device(options.device),
        seed=options.seed,
        threads=options.threads,
        checkpoints=options.checkpoints,
        time_limit=options.time_limit,
    )


def refined_by(principles: str | None, space: Space) -> RefinedSpace:
    """What a principle file leaves of a space; all of it for None. LaptError says what is wrong with the file."""
    if principles is None:
        return full(space)
    from pathlib import Path

    from lapt_dsl.compiler.building.find_space import find_space
    from lapt_dsl.compiler.program.inheritance import ImportScope, load_program
    from lapt_dsl.compiler.refined.compiled import compile_program

    program = load_program(principles)
    return compile_program(program, find_space(program, space, ImportScope(Path(principles).parent))).refined
