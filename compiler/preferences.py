"""Preferences that cannot act: every architecture that is left has the same weight from them."""

from __future__ import annotations

from lapt_dsl.compiler.lowered import LoweredPreference
from lapt_dsl.compiler.model import Label, Layer
from lapt_dsl.compiler.program import Compiled
from lapt_dsl.language.diagnostics import Diagnostics


def idle_preferences(compiled: Compiled, found: Diagnostics) -> None:
    """Report each `prefer` that changes no sampling probability."""
    known: dict[tuple[tuple[int, tuple[float, ...]], ...], bool] = {}
    for principle in compiled.lowered:
        for preference in principle.preferences:
            key = preference.weight.logs
            if key not in known:
                known[key] = can_act(preference, compiled)
            if not known[key]:
                hint = "prefer operators that are still a choice, or remove the preference"
                message = "this preference cannot act: every architecture that is left has the same weight under it"
                found.add("W403", message, preference.tree.span, hint=hint)


def can_act(preference: LoweredPreference, compiled: Compiled) -> bool:
    """Whether two remaining architectures differ in the weight the preference gives them."""
    left = compiled.refined.candidates
    signs = {
        level: tuple((log > 0) - (log < 0) for log in logs)
        for level, logs in preference.weight.logs
        if len({logs[label] for label in left[level].labels}) > 1
    }
    if not signs:
        return False
    if len(signs) == 1:
        return True

    def score(layer: Layer, label: Label) -> int:
        row = signs.get(layer.level)
        return row[layer.labels.index(label)] if row is not None else 0

    # Layers can be tied to each other so that what one gains another loses: compare the extremes, in whole steps.
    extremes = [compiled.refined.best(score, largest=largest) for largest in (True, False)]
    high, low = (sum(score(layer, label) for layer, label in arch.choices()) for arch in extremes)
    return high != low
