"""The kinds of values that the properties of a statement in JSON have: what a space allows, and the text of a value."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, get_args

from lapt_dsl.compiler.space.model import Space
from lapt_dsl.compiler.targets.decoder.available import Availability
from lapt_dsl.compiler.targets.decoder.contexts import context
from lapt_dsl.compiler.targets.decoder.metrics import measurable
from lapt_dsl.compiler.targets.decoder.source import GrammarProductions
from lapt_dsl.language.forms.principles import FORMS
from lapt_dsl.language.forms.spelling import leading_words
from lapt_dsl.language.tree.principles import Comparison, NetworkMetric, PathQuantifier

Schema: TypeAlias = dict[str, Any]

PredicateShape: TypeAlias = Literal["counted", "agree", "sources"]
"""The kinds of the property `rule`: what a predicate has beside its words."""

MAX_LIST = 8

RULE: Schema = {"$ref": "#/$defs/rule"}


def kinds_of(space: Space) -> dict[str, Schema | None]:
    """The schema of every kind of value over a space; None where the space has no such value."""
    selectors, places = _selectors(space)
    names = dict.fromkeys([*(operator.name for operator in space.operators), *sorted(space.traits), "any"])
    operators: Schema = {"enum": list(names)}
    numbers = sorted({choice.number for layer in space.layers for choice in layer.choices if choice.number is not None})
    keys = list(dict.fromkeys(str(layer.key) for layer in space.layers if layer.is_number))
    metrics = [metric for metric in get_args(NetworkMetric) if measurable(space, metric)]
    quantifiers: Schema = {"enum": list(get_args(PathQuantifier))}
    return {
        **{shape: {"enum": list(predicate_words(shape))} for shape in get_args(PredicateShape)},
        "cells": array({"enum": [cell.name for cell in space.cells]}, 0),
        "selector": {"enum": selectors} if selectors else None,
        "selector_or_all": {"enum": selectors or ["layers"]},
        "number_layer": {"enum": keys} if keys else None,
        "numbers": array({"enum": numbers}, 1),
        "count": {"type": "integer", "minimum": 0, "maximum": max(9, len(space.layers))},
        "operators": array(operators, 1),
        "exceptions": array(operators, 0),
        "places": array({"enum": places}, 1),
        "quantifier": quantifiers if selectors else None,
        "metric": {"enum": metrics} if metrics else None,
        "comparison": {"enum": list(get_args(Comparison))},
        "limit": {"type": "integer", "minimum": 0, "maximum": 10**15},
        "weight": {"type": "integer", "minimum": 1, "maximum": 10},
        "rule": RULE,
        "rules": array(RULE, 2),
    }


def predicate_words(shape: str) -> dict[str, str]:
    """The predicates of a shape: their spellings by the words they begin with."""
    return {leading_words(form.spelling): form.spelling for form in FORMS if form.shape == shape}


def array(items: Schema, least: int) -> Schema:
    """A list of at most `MAX_LIST` items."""
    return {"type": "array", "items": items, "minItems": least, "maxItems": MAX_LIST}


def _selectors(space: Space) -> tuple[list[str], list[str]]:
    """Selectors of operator layers, and places, as they are written."""
    found = context(GrammarProductions(), Availability(space), space.cells)
    selectors = [" ".join(words) for words, _ in found.fixed]
    for words, symbol, items in found.numbered:
        for (low, high), _ in items:
            if (low == high) == (symbol == "index"):
                selectors.append(" ".join([*words, str(low) if low == high else f"{low}..{high}"]))
    return selectors, [" ".join(place.words) for place in found.places]
