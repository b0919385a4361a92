"""`constraints.json`: the meaning of principles, for other programs. Documented in docs/constraints-json.md.

Sizes are strings of digits, since they exceed what JSON readers hold exactly. Same input, same bytes: nothing here
depends on the time, the machine or the path to the files' folder.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from lapt_dsl.compiler.analyses.remaining_candidates import RemainingCandidates, remaining
from lapt_dsl.compiler.targets.json_text import json_text

if TYPE_CHECKING:
    from lapt_dsl.compiler.lowering.lowered import Lowered
    from lapt_dsl.compiler.refined.compiled import Compiled, Effect
    from lapt_dsl.compiler.space.model import Cell

SCHEMA_VERSION = 1


def constraints_json(compiled: Compiled) -> str:
    """The text of `constraints.json` for a compiled program."""
    return json_text(constraints(compiled))


def constraints(compiled: Compiled) -> dict[str, Any]:
    """The same as a value: dicts in the order of the file, lists, strings, numbers and None."""
    space, refined = compiled.space, compiled.refined
    left = remaining(refined)
    return {
        "schema_version": SCHEMA_VERSION,
        "name": compiled.program.name,
        "space": {"name": space.name, "sha256": space.digest, "size": str(compiled.sets.size(compiled.sets.base))},
        "inputs": [{"file": PurePath(file.name).name, "sha256": file.sha256} for file in compiled.program.files],
        "size": str(refined.size),
        "cells": [
            {"name": cell.name, "layers": [_layer(cell, layer) for layer in left[cell.name]]} for cell in space.cells
        ],
        "principles": [
            _principle(lowered, effect) for lowered, effect in zip(compiled.lowered, compiled.effects, strict=True)
        ],
    }


def _layer(cell: Cell, left: RemainingCandidates) -> dict[str, Any]:
    """A layer: `operators` or `numbers` left and removed, and for operator layers the sources."""
    layer = left.layer
    if layer.is_number:
        numbers = {"left": [int(name) for name in left.left], "removed": [int(name) for name in left.removed]}
        return {"layer": layer.key, "numbers": numbers}
    sources = {
        reading: [cell.nodes[source.node].name for source in left.sources if source.reading == reading]
        for reading in ("always", "sometimes", "never")
    }
    return {
        "layer": layer.key,
        "feeds": None if layer.target is None else cell.nodes[layer.target].name,
        "operators": {"left": list(left.left), "removed": list(left.removed)},
        "sources": {"wiring": layer.wiring, **sources},
    }


def _principle(lowered: Lowered, effect: Effect) -> dict[str, Any]:
    evidence = lowered.tree.evidence
    return {
        "name": lowered.name,
        "description": lowered.tree.description,
        "evidence": None if evidence is None else {"count": evidence.count, "total": evidence.total},
        "removes": {
            "alone": str(effect.alone),
            "given_the_rest": None if effect.given_others is None else str(effect.given_others),
        },
        "preferences": len(lowered.preferences),
    }
