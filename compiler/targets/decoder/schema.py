"""The content of a principle file as a JSON schema, for servers that hold a model to JSON only."""

from __future__ import annotations

from typing import Any

from lapt_dsl.compiler.space.model import Space
from lapt_dsl.compiler.targets.decoder.available import Availability
from lapt_dsl.compiler.targets.decoder.contexts import context
from lapt_dsl.compiler.targets.decoder.metrics import measurable
from lapt_dsl.compiler.targets.decoder.source import GrammarProductions

Schema = dict[str, Any]

METRICS = ("params", "flops", "depth", "live layers")
MAX_LIST = 8


def principles_schema(
    space: Space,
    *,
    names: tuple[str, ...] = (),
    max_principles: int = 12,
    max_statements: int = 12,
    max_sentence: int = 300,
) -> Schema:
    """What a reply in JSON may be: principles with statements whose words are those of the space.

    It says less than the grammar: compound rules hold simple ones, and combinations that mean nothing are not refused.
    So the text that `principles_from_json` makes of it is linted like any other.

    Args:
        space: The space.
        names: Principles that may be dropped.
        max_principles: How many principles a reply may hold.
        max_statements: How many statements each may hold.
        max_sentence: How many characters a sentence may have.
    """
    simple = _simple(space)
    rule = {"$ref": "#/$defs/rule"}
    statement = {
        "anyOf": [
            rule,
            _preference(space),
            _object(say={"const": "if"}, condition=rule, consequence=rule),
            _object(say={"const": "one of"}, rules=_array(rule, 2)),
        ]
    }
    principle = _object(
        name={"type": "string", "pattern": "^[a-z][a-z0-9]{0,20}_[a-z0-9_]{1,40}$"},
        sentence={"type": "string", "maxLength": max_sentence},
        statements={"type": "array", "items": statement, "minItems": 1, "maxItems": max_statements},
    )
    parts: Schema = {
        "principles": {"type": "array", "items": principle, "minItems": 0 if names else 1, "maxItems": max_principles}
    }
    if names:
        parts["drop"] = {"type": "array", "items": {"enum": list(names)}, "maxItems": len(names)}
    return {**_object(**parts), "$defs": {"rule": {"anyOf": simple}}}


def _simple(space: Space) -> list[Schema]:
    operators = _operators(space)
    selectors, places = _selectors(space)
    counted: Schema = {
        "rule": {"enum": ["only", "never", "at least", "at most", "exactly"]},
        "count": {"type": "integer", "minimum": 0, "maximum": max(9, len(space.layers))},
    }
    lists: Schema = {"operators": _array(operators, 1), "except": _array(operators, 0)}
    cells = _array({"enum": [cell.name for cell in space.cells]}, 0)
    numbers = sorted({label.number for layer in space.layers for label in layer.choices if label.number is not None})
    keys = list(dict.fromkeys(str(layer.key) for layer in space.layers if layer.is_number))
    agree = {"enum": ["same operator", "distinct operators"]}
    reads = {"enum": ["reads", "reads only", "never reads"]}
    found = []
    if selectors:
        layers: Schema = {"cells": cells, "layers": {"enum": selectors}}
        found += [
            _object(say={"const": "layers"}, **layers, **counted, **lists),
            _object(say={"const": "agree"}, **layers, rule=agree),
            _object(say={"const": "sources"}, **layers, rule=reads, places=_array({"enum": places}, 1)),
            _object(say={"const": "path"}, cells=cells, path={"enum": ["some", "every"]}, **counted, **lists),
        ]
    if keys:
        values = _array({"enum": numbers}, 1)
        found.append(_object(say={"const": "numbers"}, cells=cells, layer={"enum": keys}, **counted, numbers=values))
    metrics = [metric for metric in METRICS if measurable(space, metric)]
    if metrics:
        limit = {"type": "integer", "minimum": 0, "maximum": 10**15}
        bound: Schema = {"metric": {"enum": metrics}, "comparison": {"enum": ["<=", ">="]}, "limit": limit}
        found.append(_object(say={"const": "network"}, **bound))
    return found


def _preference(space: Space) -> Schema:
    operators = _operators(space)
    return _object(
        say={"const": "prefer"},
        cells=_array({"enum": [cell.name for cell in space.cells]}, 0),
        layers={"enum": _selectors(space)[0] or ["layers"]},
        operators=_array(operators, 1),
        over=_array(operators, 0),
        weight={"type": "integer", "minimum": 1, "maximum": 10},
    )


def _operators(space: Space) -> Schema:
    names = [*(operator.name for operator in space.operators), *sorted(space.traits), "any"]
    return {"enum": list(dict.fromkeys(names))}


def _selectors(space: Space) -> tuple[list[str], list[str]]:
    """Selectors of operator layers, and places, as they are written."""
    found = context(GrammarProductions(), Availability(space), space.cells)
    selectors = [" ".join(words) for words, _ in found.fixed]
    for words, symbol, items in found.numbered:
        for (low, high), _ in items:
            if (low == high) == (symbol == "index"):
                selectors.append(" ".join([*words, str(low) if low == high else f"{low}..{high}"]))
    return selectors, [" ".join(place.words) for place in found.places]


def _object(**properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _array(items: Schema, least: int) -> Schema:
    return {"type": "array", "items": items, "minItems": least, "maxItems": MAX_LIST}
