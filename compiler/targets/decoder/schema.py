"""The content of a principle file as a JSON schema, for servers that hold a model to JSON only."""

from __future__ import annotations

from lapt_dsl.compiler.space.model import Space
from lapt_dsl.compiler.targets.decoder.json_values import RULE, Schema, kinds_of
from lapt_dsl.language.forms.statements import JSON_SHAPES


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
    kinds = kinds_of(space)
    simple: list[Schema] = []
    compound: list[Schema] = []
    for shape in JSON_SHAPES:
        values = {name: kinds[kind] for name, kind in shape.properties.items()}
        known = {name: value for name, value in values.items() if value is not None}
        if len(known) == len(values):
            (simple if shape.simple else compound).append(_object(say={"const": shape.say}, **known))
    statement = {"anyOf": [RULE, *compound]}
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


def _object(**properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
