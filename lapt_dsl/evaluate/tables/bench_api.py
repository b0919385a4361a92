"""Tables from the benchmarks' own packages: NAS-Bench-201 (`nas_201_api`) and NATS-Bench (`nats_bench`).

Neither package is needed: any object with `len(api)`, `api.arch(index)` (or `api[index]`) and
`api.get_more_info(index, dataset, iepoch=None, hp=..., is_random=False)` will do.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Protocol

from lapt_dsl.compiler.space.model import Space
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.evaluate.tables.raw_rows import RawRows
from lapt_dsl.evaluate.tables.rows import build_table
from lapt_dsl.evaluate.tables.table import Table

_VALIDATION_SETS = {"cifar10": "cifar10-valid"}
"""CIFAR-10's validation accuracies are those of the networks trained on half of the training images."""


class BenchmarkApi(Protocol):
    """What both packages' objects have in common."""

    def __len__(self) -> int:
        """How many architectures there are."""

    def __getitem__(self, index: int) -> object:
        """The text of an architecture."""

    def get_more_info(
        self, index: int, dataset: str, iepoch: int | None = None, hp: str = "200", is_random: bool = False
    ) -> Mapping[str, float]:
        """Metrics of an architecture, averaged over its seeds."""


def table_from_api(api: BenchmarkApi, dataset: str, hp: str = "200", space: Space | None = None) -> Table:
    """Read a whole table out of a benchmark's object.

    Args:
        api: An object of either package.
        dataset: `cifar10`, `cifar100` or `ImageNet16-120`.
        hp: The training schedule, by its number of epochs: `12` or `200`.
        space: The space; None looks for the shipped one that reads the architectures.

    Returns:
        A table with the columns `val_acc_HP` and `test_acc_HP` (%) and `train_time` (s).

    Raises:
        LaptError: E701, the object has no such data set or schedule; E703 to E708, as for every table.
    """
    raw = RawRows(f"<{type(api).__name__} {dataset}>", [f"val_acc_{hp}", f"test_acc_{hp}", "train_time:cost:lower"])
    for index in range(len(api)):
        try:
            validation = api.get_more_info(index, _VALIDATION_SETS.get(dataset, dataset), None, hp, False)
            test = api.get_more_info(index, dataset, None, hp, False)
        except (KeyError, ValueError, TypeError, AssertionError) as error:
            message = f"row {index + 1}: no results on `{dataset}` after {hp} epochs: {error!r}"[:300]
            raise LaptError.of(
                "E701", message, raw.file, hint="data sets: cifar10, cifar100, ImageNet16-120"
            ) from error
        values = [validation.get("valid-accuracy"), test.get("test-accuracy"), validation.get("train-all-time")]
        raw.add(_arch(api, index), values)
    return build_table(raw, space)


def load_api(path: str) -> BenchmarkApi:
    """Open a benchmark's file with its own package. The package unpickles the file, so it must be one you trust.

    Args:
        path: NATS-Bench's folder or file, or NAS-Bench-201's `.pth`.

    Raises:
        LaptError: E711, neither package is installed.
    """
    for package in ("nats_bench", "nas_201_api"):
        try:
            module = importlib.import_module(package)
        except ImportError:
            continue
        if package == "nats_bench":
            opened: BenchmarkApi = module.create(path, "tss", fast_mode=True, verbose=False)
        else:
            opened = module.NASBench201API(path, verbose=False)
        return opened
    hint = "pip install nats_bench, or export the table as CSV"
    raise LaptError.of("E711", "this needs the package nats_bench or nas_201_api", path, hint=hint)


def _arch(api: BenchmarkApi, index: int) -> str:
    by_index = getattr(api, "arch", None)
    return str(by_index(index) if callable(by_index) else api[index])
