"""A reply in JSON as the text of a principle file. It is checked against the schema first."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, assert_never

from lapt_dsl.compiler.space.model import Space
from lapt_dsl.compiler.targets.decoder.json_values import Schema, predicate_words
from lapt_dsl.compiler.targets.decoder.schema import principles_schema
from lapt_dsl.diagnostics.diagnostic import Diagnostic, LaptError
from lapt_dsl.diagnostics.span import NOWHERE
from lapt_dsl.language.forms.form import JsonShape
from lapt_dsl.language.forms.principles import FORM_BY_KEY
from lapt_dsl.language.forms.spelling import (
    SpellingField,
    SpellingOption,
    SpellingPart,
    SpellingWord,
    flat_parts,
    spelling_parts,
)
from lapt_dsl.language.forms.statements import JSON_SHAPES
from lapt_dsl.language.printing.formatter import format_text
from lapt_dsl.language.printing.layout import quote

MAX_REPLY = 1_000_000
"""How many characters of JSON are read."""

MOST_WORDS = 24
"""How many of the allowed words an error lists."""


def principles_from_json(
    text: str, space: Space, *, extends: str | None = None, names: tuple[str, ...] = (), file: str = "reply"
) -> str:
    """The formatted principle file that a reply in JSON stands for.

    Args:
        text: The reply.
        space: The space whose `principles_schema` the model was held to.
        extends: The file that the principles extend, if any.
        names: The principles that may be dropped.
        file: The name of the principle set.

    Raises:
        LaptError: E869, the reply is no such JSON; or what is wrong with the text it makes.
    """
    schema = principles_schema(space, names=names)
    try:
        if len(text) > MAX_REPLY:
            raise _Unfit(f"it has {len(text):,} characters, more than the {MAX_REPLY:,} that are read")
        reply = json.loads(text)
        _check(reply, schema, schema, "")
    except (ValueError, RecursionError, _Unfit) as error:
        reason = str(error) if isinstance(error, _Unfit) else "it is no JSON"
        hint = "answer with one JSON object of the schema and nothing else"
        diagnostic = Diagnostic("E869", "error", f"the reply does not keep to its JSON schema: {reason}", NOWHERE, hint)
        raise LaptError([diagnostic]) from None
    lines = [f"principles {file} for {space.name};"]
    if extends is not None:
        lines += [f"extends {quote(extends)};", *(f"drop {name};" for name in dict.fromkeys(reply.get("drop", ())))]
    for principle in reply["principles"]:
        body = " ".join(_statement(each) for each in principle["statements"])
        lines.append(f"principle {principle['name']} {quote(principle['sentence'])} {{ {body} }}")
    return format_text("\n".join(lines), file)


class _Unfit(Exception):
    """What a reply has that its schema has not."""


def _check(value: Any, schema: Schema, whole: Schema, where: str) -> None:
    """Check a value against the part of JSON Schema that `principles_schema` uses.

    `where` is the place of the value, for example `principles[0].name`; empty for the reply. An error names the place
    and what is allowed there, for the model that corrects it, and holds nothing of the reply.
    """
    if "$ref" in schema:
        schema = whole["$defs"][schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        _check_any(value, [*_branches(schema, whole)], whole, where)
    elif "const" in schema or "enum" in schema:
        allowed = schema.get("enum", [schema.get("const")])
        if not isinstance(value, str | int) or isinstance(value, bool) or value not in allowed:
            raise _Unfit(f"{_place(where)} is none of {_listed(allowed)}")
    elif schema["type"] == "object":
        if not isinstance(value, dict) or set(value) != set(schema["properties"]):
            raise _Unfit(f"{_place(where)} must have {', '.join(schema['properties'])} and nothing else")
        for key, part in schema["properties"].items():
            _check(value[key], part, whole, f"{where}.{key}" if where else key)
    elif schema["type"] == "array":
        if not isinstance(value, list) or not schema.get("minItems", 0) <= len(value) <= schema["maxItems"]:
            raise _Unfit(f"{_place(where)} must be a list of {schema.get('minItems', 0)} to {schema['maxItems']}")
        for number, item in enumerate(value):
            _check(item, schema["items"], whole, f"{where}[{number}]")
    elif schema["type"] == "integer":
        if not isinstance(value, int) or isinstance(value, bool) or not schema["minimum"] <= value <= schema["maximum"]:
            raise _Unfit(f"{_place(where)} must be a whole number from {schema['minimum']} to {schema['maximum']}")
    else:
        _check_text(value, schema, where)


def _branches(schema: Schema, whole: Schema) -> list[Schema]:
    found: list[Schema] = []
    for branch in schema["anyOf"]:
        if "$ref" in branch:
            branch = whole["$defs"][branch["$ref"].rpartition("/")[2]]
        found += _branches(branch, whole) if "anyOf" in branch else [branch]
    return found


def _check_any(value: Any, branches: list[Schema], whole: Schema, where: str) -> None:
    """Every branch is an object whose `say` names it, so only one can apply, and its errors are the ones to report."""
    for branch in branches:
        if isinstance(value, dict) and value.get("say") == branch["properties"]["say"]["const"]:
            _check(value, branch, whole, where)
            return
    known = [branch["properties"]["say"]["const"] for branch in branches]
    raise _Unfit(f"{_place(where)} must be an object whose `say` is one of {_listed(known)}")


def _check_text(value: Any, schema: Schema, where: str) -> None:
    if not isinstance(value, str) or len(value) > schema.get("maxLength", MAX_REPLY):
        raise _Unfit(f"{_place(where)} must be a text of at most {schema.get('maxLength', MAX_REPLY)} characters")
    if re.search(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]", value):
        raise _Unfit(f"{_place(where)} has control characters or half a surrogate pair")
    if not re.search(schema.get("pattern", ""), value):
        raise _Unfit(f"{_place(where)} does not match {schema['pattern']}")


def _place(where: str) -> str:
    return f"`{where}`" if where else "the reply"


def _listed(words: Sequence[object]) -> str:
    more = f", and {len(words) - MOST_WORDS} more" if len(words) > MOST_WORDS else ""
    return ", ".join(f"`{word}`" for word in words[:MOST_WORDS]) + more


def _statement(say: dict[str, Any]) -> str:
    """A statement of the language; all its words are known."""
    shape = next(shape for shape in JSON_SHAPES if shape.say == say["say"])
    text = _filled(spelling_parts(FORM_BY_KEY[shape.form].spelling), shape, say)
    return f"in {', '.join(dict.fromkeys(say['cells']))} {{ {text} }}" if say.get("cells") else text


def _filled(parts: Sequence[SpellingPart], shape: JsonShape, say: dict[str, Any]) -> str:
    """The spelling of a form with the values of the JSON object in place of its fields."""
    text = ""
    for part in parts:
        match part:
            case SpellingWord():
                new, glued = part.text, part.glued
            case SpellingField():
                new, glued = _value(shape.fields.get(part.name, part.name), shape, say), part.glued
            case SpellingOption():
                new, glued = _option(part, shape, say), False
            case _:
                assert_never(part)
        text += new if glued or not text or not new else f" {new}"
    return text


def _option(option: SpellingOption, shape: JsonShape, say: dict[str, Any]) -> str:
    fields = [part.name for part in option.parts if isinstance(part, SpellingField)]
    given = all(say.get(shape.fields.get(name, name)) for name in fields)
    return _filled(option.parts, shape, say) if given else ""


def _value(name: str, shape: JsonShape, say: dict[str, Any]) -> str:
    """The text of a property."""
    value = say[name]
    match shape.properties[name]:
        case "counted" | "agree" | "sources" as kind:
            return _predicate(predicate_words(kind)[value], say)
        case "number_layer":
            return f"layer {value}"
        case "rule":
            return _statement(value)
        case "rules":
            return " ".join(_statement(rule) for rule in value)
        case _:
            return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _predicate(spelling: str, say: dict[str, Any]) -> str:
    """A predicate with its count and its list of operators, numbers or places."""
    words = []
    for part in flat_parts(spelling):
        if isinstance(part, SpellingWord):
            words.append(part.text)
        elif part.name == "count":
            words.append(str(say["count"]))
        else:
            items = next(say[name] for name in (part.name, "numbers") if name in say)
            words.append(", ".join(map(str, items)))
    if say.get("except"):
        words += ["except", ", ".join(say["except"])]
    return " ".join(words)
