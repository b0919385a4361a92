"""What an evaluator is made of, as a plain value, and the registry of all kinds.

The command line turns its options into an `EvaluatorSpec`. A worker receives the same value as JSON and builds its own
evaluator from it, so that no object of another process is ever unpickled.
"""

from __future__ import annotations

import importlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, TypeAlias

from lapt_dsl.compiler.building.library import load_space, shipped_names, space_of_text
from lapt_dsl.compiler.program.source_files import read_source
from lapt_dsl.compiler.space.model import Space
from lapt_dsl.evaluate.evaluator import Direction, Evaluator

_PATHS = ("data", "checkpoints", "principles")
"""Options that may be paths. A worker of a cluster runs in another directory, so they are sent as absolute paths."""


@dataclass(frozen=True, slots=True)
class EvaluatorOptions:
    """The options of all evaluators; each kind reads those that it takes.

    `argument`: what follows the colon of a kind, as in `proxy:synflow`; `task`: the column of a table; `columns`: those
    to read, with commas between them, None for all; `data`: a data set by name or path; `recipe`: a named training
    recipe; `epochs`, `channels` (initial) and `depth` (cells per stage) in place of the recipe's; `device`:
    `cpu`, `cuda` or `auto`; `seed` of weights and batches; `checkpoints`: a
    directory to resume training from; `principles`: the principle file a supernet is made for; `time_limit` in seconds
    and `memory_limit` in MiB, for one evaluation; `threads` of the CPU for one training; `metric`: the result of the
    user's program that a search optimises; `direction`: which of its values, or of a table's column, are better, None
    to follow the name.
    """

    argument: str = ""
    task: str | None = None
    columns: str | None = None
    data: str | None = None
    recipe: str | None = None
    epochs: int | None = None
    channels: int | None = None
    depth: int | None = None
    device: str = "auto"
    seed: int = 0
    checkpoints: str | None = None
    principles: str | None = None
    time_limit: float | None = None
    memory_limit: int | None = None
    threads: int = 1
    metric: str = "score"
    direction: Direction | None = None


EvaluatorBuilder: TypeAlias = Callable[[Space, EvaluatorOptions], Evaluator]
"""A kind's builder, or the user's own. Raises LaptError for options that it cannot use."""


@dataclass(frozen=True, slots=True)
class EvaluatorKind:
    """A kind of evaluator.

    `module` has the function `build`, an `EvaluatorBuilder`, and is imported when an evaluator is built; `takes`: the
    fields of `EvaluatorOptions` that it reads; `names_file`: its argument is a path; `finds_space`: `build` takes None
    for the space and finds the one of its data.
    """

    module: str
    summary: str
    takes: frozenset[str] = frozenset()
    names_file: bool = False
    finds_space: bool = False


_TRAINING = frozenset({"data", "recipe", "epochs", "channels", "depth", "device", "seed"})
_EXTERNAL = frozenset({"argument", "time_limit", "memory_limit", "metric", "direction"})

KINDS: dict[str, EvaluatorKind] = {
    "table": EvaluatorKind(
        "lapt_dsl.evaluate.tables.evaluator",
        "a table of published results: table:FILE",
        frozenset({"argument", "task", "columns", "direction"}),
        names_file=True,
        finds_space=True,
    ),
    "analytic": EvaluatorKind("lapt_dsl.evaluate.analytic.evaluator", "a formula of the architecture, no measurement"),
    "train": EvaluatorKind(
        "lapt_dsl.evaluate.training.evaluator",
        "trains the network on images",
        _TRAINING | {"checkpoints", "time_limit", "threads"},
    ),
    "proxy": EvaluatorKind(
        "lapt_dsl.evaluate.proxies.evaluator",
        "zero-cost proxies: proxy:synflow, proxy:naswot+synflow for their mean rank",
        frozenset({"argument", "data", "channels", "depth", "device", "seed"}),
    ),
    "surrogate": EvaluatorKind(
        "lapt_dsl.evaluate.surrogate.evaluator",
        "a surrogate model in ONNX: surrogate:FILE",
        frozenset({"argument"}),
        names_file=True,
    ),
    "supernet": EvaluatorKind(
        "lapt_dsl.evaluate.supernet.evaluator",
        "shares the weights of one network that holds every remaining candidate",
        _TRAINING | {"checkpoints", "principles", "time_limit", "threads"},
    ),
    "exec": EvaluatorKind("lapt_dsl.evaluate.external.command", "a command of yours: exec:./train.sh", _EXTERNAL),
    "python": EvaluatorKind(
        "lapt_dsl.evaluate.external.callable", "a function of yours: python:package.module:function", _EXTERNAL
    ),
}
"""Every built-in kind by its name on the command line."""


@dataclass(frozen=True, slots=True)
class EvaluatorSpec:
    """An evaluator before it is built: a plain value, comparable and serialisable.

    `kind`: a key of `KINDS`, or `module:function` for an `EvaluatorBuilder` of the user's; `space`: the name of a
    shipped space or the text of another (see `space_reference`), empty where `build` is given the space or the kind
    finds it.

    >>> spec = EvaluatorSpec("analytic", space="nas201")
    >>> EvaluatorSpec.from_json(spec.to_json()) == spec
    True
    >>> spec.build().objective.metric
    'analytic_score'
    """

    kind: str
    options: EvaluatorOptions = EvaluatorOptions()
    space: str = ""

    def build(self, space: Space | None = None) -> Evaluator:
        """Build the evaluator.

        Args:
            space: The space, where the caller has it already; None loads the one that the spec refers to.

        Raises:
            LaptError: It cannot be built with these options, or the space's text has errors.
            ImportError: It needs a package that is not installed.
            ValueError: There is no space, and the kind cannot find one.
            AttributeError: The user's module has no such builder.
        """
        if space is None and self.space:
            space = load_space(self.space) if self.space in shipped_names() else space_of_text(self.space)
        kind = KINDS.get(self.kind)
        if space is None and (kind is None or not kind.finds_space):
            raise ValueError(f"an evaluator of the kind `{self.kind}` needs a space")
        module, name = (kind.module, "build") if kind is not None else _module_and_name(self.kind)
        # Any, since a kind that finds its space takes None.
        builder: Callable[[Any, EvaluatorOptions], Evaluator] = getattr(importlib.import_module(module), name)
        return builder(space, self.options)

    def portable(self, space: str) -> EvaluatorSpec:
        """The spec as another process can build it in any directory: with a space reference and absolute paths."""
        kind = KINDS.get(self.kind)
        names = (*_PATHS, "argument") if kind is not None and kind.names_file else _PATHS
        paths = {name: getattr(self.options, name) for name in names}
        absolute: dict[str, Any] = {
            name: os.path.abspath(path) for name, path in paths.items() if path and os.path.exists(path)
        }
        return replace(self, space=space, options=replace(self.options, **absolute))

    def to_json(self) -> str:
        """As JSON, without the options that have their default; the inverse of `from_json`."""
        given = {name: value for name, value in asdict(self.options).items() if value != getattr(_DEFAULTS, name)}
        return json.dumps({"kind": self.kind, "options": given, "space": self.space})

    @classmethod
    def from_json(cls, text: str) -> EvaluatorSpec:
        """Read what `to_json` wrote. ValueError for any other text."""
        found = json.loads(text)
        if not isinstance(found, dict) or not isinstance(found.get("options"), dict) or "kind" not in found:
            raise ValueError("this is not an evaluator spec")
        options: dict[str, Any] = found["options"]
        if unknown := sorted(set(options) - {each.name for each in fields(EvaluatorOptions)}):
            raise ValueError(f"an evaluator spec has no option `{unknown[0]}`")
        return cls(str(found["kind"]), EvaluatorOptions(**options), str(found.get("space", "")))


_DEFAULTS = EvaluatorOptions()


def _module_and_name(path: str) -> tuple[str, str]:
    module, _, name = path.partition(":")
    return module, name


def space_reference(space: Space, file: str | None) -> str:
    """How a spec refers to a space: by name where it is a shipped one, else by the text of its file.

    Raises:
        LaptError: The file cannot be read.
        ValueError: The space is not shipped and there is no file.
    """
    if space.name in shipped_names() and load_space(space.name) == space:
        return space.name
    if file is None:
        raise ValueError(f"the space `{space.name}` is not a shipped one, and no file of it is named")
    return read_source(file).text
