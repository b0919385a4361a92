"""`proxy:NAME` and `proxy:NAME+NAME`: scores of an untrained network that correlate with its accuracy.

Several proxies make an ensemble. Their values have no common scale, so each is first turned into the share of a fixed
reference sample of the space that it exceeds (ties count half), and the ensemble is the mean of the shares, 0 to 1.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from lapt_dsl.compiler.networks.shapes import NetworkLayout, layout_network
from lapt_dsl.compiler.refined.refined_space import full
from lapt_dsl.compiler.space.model import Architecture, Space
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.diagnostics.suggestions import Suggestions, shortened
from lapt_dsl.evaluate.base import BaseEvaluator
from lapt_dsl.evaluate.data.load import load_data
from lapt_dsl.evaluate.evaluator import Description, Objective, Outcome

if TYPE_CHECKING:
    from lapt_dsl.evaluate.data.images import ImageData
    from lapt_dsl.evaluate.proxies.measures import Batch
    from lapt_dsl.evaluate.spec import EvaluatorOptions

VERSION = 1
"""Part of every fingerprint: raised when the same description would give other numbers."""

IMAGES = 32
"""Images of the batch, as in the published scores."""

REFERENCE = 100
"""Architectures of the reference sample: shares are known to about 5 % with it."""

CLASSES = 10
"""Number of classes where data-free proxies are computed without images."""

ENSEMBLE = "mean_share"

NOTICE = "zero-cost proxy: a number of an untrained network, not an accuracy"
"""Printed with every result of this evaluator."""


class ProxyEvaluator(BaseEvaluator):
    """Computes proxies of an architecture's freshly initialised network; deterministic on a CPU."""

    notice = NOTICE

    def __init__(
        self,
        space: Space,
        proxies: Sequence[str],
        data: ImageData | None,
        *,
        channels: int | None = None,
        depth: int | None = None,
        device: str = "cpu",
        seed: int = 0,
    ) -> None:
        """Lay out the network.

        Args:
            space: The space; it needs a network.
            proxies: Names of `measures.MEASURES`, each once.
            data: The first training images are the batch; None suffices for data-free proxies.
            channels: Initial channels; None is the published number.
            depth: Cells for each `N x cell`; None is the published number.
            device: `cpu` or `cuda`.
            seed: Of weights and of the reference sample.

        Raises:
            LaptError: E140, E141, the network cannot be built.
        """
        super().__init__(space, Objective(proxies[0] if len(proxies) == 1 else ENSEMBLE))
        self._proxies, self._data = tuple(proxies), data
        self._channels, self._depth, self._device, self._seed = channels, depth, device, seed
        self._stack: NetworkLayout = layout_network(space, classes=self._classes, channels=channels, depth=depth)

    @property
    def _classes(self) -> int:
        return self._data.classes if self._data is not None else CLASSES

    def describe(self) -> Description:
        """Everything that the values depend on."""
        return {
            "kind": "proxy",
            "deterministic": self._device == "cpu",
            "measurement": False,
            "version": VERSION,
            "space": self._space.digest,
            "proxies": list(self._proxies),
            "data": None if self._data is None else dict(self._data.describe()),
            "images": IMAGES,
            "channels": self._channels,
            "depth": self._depth,
            "device": self._device,
            "seed": self._seed,
            "reference": REFERENCE if len(self._proxies) > 1 else None,
        }

    def measure(self, arch: Architecture) -> Outcome:
        """Measure one architecture."""
        from lapt_dsl.evaluate.training.faults import timed_outcome

        return timed_outcome(lambda: self._metrics(arch), self._device)

    def _metrics(self, arch: Architecture) -> dict[str, float]:
        values = self._values(arch)
        return values if len(self._proxies) == 1 else {**values, ENSEMBLE: self._share(values)}

    def _values(self, arch: Architecture) -> dict[str, float]:
        """Every proxy, each on a new network with the same weights, since a proxy may change them."""
        import torch

        from lapt_dsl.compiler.targets.code.build import build_module
        from lapt_dsl.evaluate.proxies.measures import MEASURES
        from lapt_dsl.evaluate.training.reproducible import derived_seed, reproducible

        found = {}
        for name in self._proxies:
            with reproducible(derived_seed(self._seed, "weights"), 1, self._device), torch.enable_grad():
                network = build_module(self._space, arch, self._classes, self._channels, self._depth)
                network.to(self._device).train()
                found[name] = MEASURES[name](network, self._batch)
        return found

    @cached_property
    def _batch(self) -> Batch:
        import torch

        from lapt_dsl.evaluate.proxies.measures import Batch
        from lapt_dsl.evaluate.training.augment import Normalizer

        channels = self._stack.image.channels.constant
        if self._data is None:
            size = self._stack.image.size
            images = torch.zeros(1, channels, size, size, device=self._device)
            return Batch(images, torch.zeros(1, dtype=torch.int64, device=self._device))
        all_images = torch.tensor(self._data.x_train)
        normalize = Normalizer.of(all_images, channels)
        # Channels last changes the last digits, and proxies do not need its speed.
        images = normalize(all_images[:IMAGES]).contiguous(memory_format=torch.contiguous_format)
        return Batch(images.to(self._device), torch.tensor(self._data.y_train[:IMAGES]).to(self._device))

    @cached_property
    def _reference(self) -> Mapping[str, list[float]]:
        """Per proxy the values of the reference sample, ascending; values that are not finite count as the lowest."""
        import numpy as np

        sample = full(self._space).sample(REFERENCE, np.random.default_rng(self._seed))
        rows = [self._values(arch) for arch in sample]
        found: dict[str, list[float]] = {}
        for name in self._proxies:
            column = np.array([row[name] for row in rows])
            found[name] = sorted(np.where(np.isfinite(column), column, -np.inf).tolist())
        return found

    def _share(self, values: Mapping[str, float]) -> float:
        shares = []
        for name in self._proxies:
            known = self._reference[name]
            below, upto = bisect_left(known, values[name]), bisect_right(known, values[name])
            shares.append((below + upto) / 2 / len(known))
        return sum(shares) / len(shares)


def build(space: Space, options: EvaluatorOptions) -> ProxyEvaluator:
    """For `--evaluator proxy:NAME+NAME`.

    Raises:
        LaptError: E775, there is no such proxy; E750 to E759, the images; E764, the device; E140, E141, the network.
        ImportError: torch is not installed.
    """
    from lapt_dsl.evaluate.proxies.measures import MEASURES, NEEDS_IMAGES
    from lapt_dsl.evaluate.training.image_evaluator import DEFAULT_DATA, available_device

    names = [name.strip() for name in options.argument.split("+")]
    for name in names:
        if name not in MEASURES:
            raise _unknown(name, list(MEASURES))
    if len(set(names)) < len(names):
        raise LaptError.of("E775", "a proxy is named twice", "--evaluator", hint="name each once, with + between")
    wanted = options.data is not None or any(name in NEEDS_IMAGES for name in names)
    return ProxyEvaluator(
        space,
        names,
        load_data(options.data or DEFAULT_DATA) if wanted else None,
        channels=options.channels,
        depth=options.depth,
        device=available_device(options.device),
        seed=options.seed,
    )


def _unknown(name: str, known: Sequence[str]) -> LaptError:
    listed = f"choose from {', '.join(known)}; several with + between"
    if not name:
        return LaptError.of("E775", "no proxy is named", "--evaluator", hint=f"e.g. proxy:synflow; {listed}")
    near = Suggestions().hint(name, known, "proxies")
    return LaptError.of("E775", f"there is no proxy `{shortened(name)}`", "--evaluator", hint=f"{near}; {listed}")
