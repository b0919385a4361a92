"""Preferences that cannot act: every architecture that is left has the same weight from them."""

from __future__ import annotations

from lapt_dsl.compiler.lowering.lowered import LoweredPreference
from lapt_dsl.compiler.refined.compiled import Compiled
from lapt_dsl.compiler.space.model import Architecture, Choice, Layer
from lapt_dsl.diagnostics.diagnostic import Diagnostics

_TRIED = 16


def idle_preferences(compiled: Compiled, diagnostics: Diagnostics) -> None:
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
                diagnostics.add("W403", message, preference.tree.span, hint=hint)


def can_act(preference: LoweredPreference, compiled: Compiled) -> bool:
    """Whether two remaining architectures differ in the weight the preference gives them."""
    left = compiled.refined.candidates
    signs = {
        level: tuple((log > 0) - (log < 0) for log in logs)
        for level, logs in preference.weight.logs
        if len({logs[label] for label in left[level].choices}) > 1
    }
    if not signs:
        return False
    if len(signs) == 1:
        return True

    def score(layer: Layer, label: Choice) -> int:
        row = signs.get(layer.decision)
        return row[layer.choices.index(label)] if row is not None else 0

    def total(arch: Architecture) -> int:
        return sum(score(layer, label) for layer, label in arch.choices())

    # Layers can be tied to each other so that what one gains another loses. A few members usually show that they are
    # not; only where they agree is it worth asking for the extremes.
    refined = compiled.refined
    ranks = {step * (refined.size - 1) // _TRIED for step in range(_TRIED + 1)}
    if len({total(refined.unrank(rank)) for rank in sorted(ranks)}) > 1:
        return True
    return total(refined.best(score)) != total(refined.best(score, largest=False))
