"""How a worker makes its evaluator: what it is told instead of being sent one.

A recipe is plain JSON: names, options and the text of a space. No object of the driver is ever unpickled by a worker,
and every worker makes its evaluator once and keeps it.
"""

from __future__ import annotations

import importlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from lapt_dsl.compiler.building.library import load_space, shipped_names, space_of_text
from lapt_dsl.compiler.program.source_files import read_source
from lapt_dsl.compiler.space.model import Space
from lapt_dsl.evaluate.evaluator import Evaluator
from lapt_dsl.evaluate.spec import KINDS, Builder, EvaluatorOptions, evaluator_named

TABLE = "table"

_PATHS = ("table", "data", "checkpoints", "principles")
"""Options that may be paths: they are made absolute, since a worker of a cluster runs in a directory of its own."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What an evaluator is made of.

    `kind`: `table`, a key of `lapt_dsl.evaluate.spec.KINDS`, or `module:function` for a builder of one's own, which
    takes the space and `EvaluatorOptions`; `space`: the name of a shipped space or the text of another, empty for a
    table that tells it; `options`: for a table `table`, its path, and `task`, the column; else those of
    `EvaluatorOptions` that are not the default.
    """

    kind: str
    space: str = ""
    options: Mapping[str, object] = field(default_factory=dict)

    @classmethod
    def of_table(cls, path: str, task: str | None, space: str = "") -> Recipe:
        """The recipe of `TableEvaluator(read_table(path), task)`."""
        return cls(TABLE, space, _absolute({"table": path, "task": task}))

    @classmethod
    def of_kind(cls, kind: str, space: str, options: EvaluatorOptions | None = None) -> Recipe:
        """The recipe of `evaluator_named(kind, space, options)`, or of a builder of one's own."""
        default = asdict(EvaluatorOptions())
        given = asdict(options or EvaluatorOptions())
        return cls(kind, space, _absolute({name: given[name] for name in given if given[name] != default[name]}))

    def build(self) -> Evaluator:
        """Make the evaluator.

        Raises:
            LaptError: It cannot be made of these options, or the space's text has errors.
            ImportError, AttributeError: A package, or the builder, is not there.
        """
        space = self._space()
        if self.kind == TABLE:
            from lapt_dsl.evaluate.tables.evaluator import TableEvaluator
            from lapt_dsl.evaluate.tables.read_table import read_table

            task = self.options.get("task")
            return TableEvaluator(read_table(str(self.options["table"]), space), None if task is None else str(task))
        if space is None:
            raise ValueError(f"an evaluator of the kind `{self.kind}` needs a space")
        known = {each.name for each in fields(EvaluatorOptions)}
        given: dict[str, Any] = {name: value for name, value in self.options.items() if name in known}
        options = EvaluatorOptions(**given)
        if self.kind in KINDS:
            return evaluator_named(self.kind, space, options)
        module, _, name = self.kind.partition(":")
        builder: Builder = getattr(importlib.import_module(module), name)
        return builder(space, options)

    def text(self) -> str:
        """As JSON; the inverse of `of_text`."""
        return json.dumps({"kind": self.kind, "space": self.space, "options": dict(self.options)})

    @classmethod
    def of_text(cls, text: str) -> Recipe:
        """Read what `text` wrote. ValueError where it is something else."""
        found = json.loads(text)
        if not isinstance(found, dict) or not isinstance(found.get("options"), dict):
            raise ValueError("this is no recipe of an evaluator")
        return cls(str(found["kind"]), str(found["space"]), found["options"])

    def _space(self) -> Space | None:
        if not self.space:
            return None
        return load_space(self.space) if self.space in shipped_names() else space_of_text(self.space)


def space_reference(space: Space, named: str | None) -> str:
    """What a recipe says of a space: its name where it is a shipped one, else the text of the file `named`.

    Raises:
        LaptError: The file cannot be read.
        ValueError: It is not shipped and no file is named.
    """
    if space.name in shipped_names() and load_space(space.name) == space:
        return space.name
    if named is None:
        raise ValueError(f"the space `{space.name}` is not a shipped one, and no file of it is named")
    return read_source(named).text


def _absolute(options: Mapping[str, object]) -> dict[str, object]:
    kept = {name: value for name, value in options.items() if value is not None}
    for name in _PATHS:
        value = kept.get(name)
        if isinstance(value, str) and os.path.exists(value):
            kept[name] = os.path.abspath(value)
    return kept
