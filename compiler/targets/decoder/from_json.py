"""A reply in JSON as the text of a principle file. Every word of it is held against the schema first."""

from __future__ import annotations

import json
import re
from typing import Any

from lapt_dsl.compiler.space.model import Space
from lapt_dsl.compiler.targets.decoder.schema import Schema, principles_schema
from lapt_dsl.diagnostics.diagnostic import Diagnostic, LaptError
from lapt_dsl.diagnostics.span import NOWHERE
from lapt_dsl.language.printing.formatter import format_text
from lapt_dsl.language.printing.layout import quote

MAX_REPLY = 1_000_000
"""How many characters of JSON are read."""


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
        _check(reply, schema, schema, "the reply")
    except (ValueError, RecursionError, _Unfit) as error:
        reason = str(error) if isinstance(error, _Unfit) else "it is no JSON"
        hint = "answer with one JSON object of the schema and nothing else"
        finding = Diagnostic("E869", "error", f"the reply does not keep to its JSON schema: {reason}", NOWHERE, hint)
        raise LaptError([finding]) from None
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
    """Hold a value against the part of JSON Schema that `principles_schema` uses."""
    if "$ref" in schema:
        schema = whole["$defs"][schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        _check_any(value, [*_branches(schema, whole)], whole, where)
    elif "const" in schema or "enum" in schema:
        allowed = schema.get("enum", [schema.get("const")])
        if not isinstance(value, str | int) or isinstance(value, bool) or value not in allowed:
            raise _Unfit(f"{where} is not one of the words it may be")
    elif schema["type"] == "object":
        if not isinstance(value, dict) or set(value) != set(schema["properties"]):
            raise _Unfit(f"{where} must have {', '.join(schema['properties'])} and nothing else")
        for key, part in schema["properties"].items():
            _check(value[key], part, whole, f"`{key}`")
    elif schema["type"] == "array":
        if not isinstance(value, list) or not schema.get("minItems", 0) <= len(value) <= schema["maxItems"]:
            raise _Unfit(f"{where} must be a list of {schema.get('minItems', 0)} to {schema['maxItems']}")
        for item in value:
            _check(item, schema["items"], whole, f"an entry of {where}")
    elif schema["type"] == "integer":
        if not isinstance(value, int) or isinstance(value, bool) or not schema["minimum"] <= value <= schema["maximum"]:
            raise _Unfit(f"{where} must be a whole number from {schema['minimum']} to {schema['maximum']}")
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
    """Every branch is an object that says which it is, so one alone can fit."""
    for branch in branches:
        if isinstance(value, dict) and value.get("say") == branch["properties"]["say"]["const"]:
            _check(value, branch, whole, where)
            return
    raise _Unfit(f"{where} says nothing that is known")


def _check_text(value: Any, schema: Schema, where: str) -> None:
    if not isinstance(value, str) or len(value) > schema.get("maxLength", MAX_REPLY):
        raise _Unfit(f"{where} must be a text of at most {schema.get('maxLength', MAX_REPLY)} characters")
    if re.search(r"[\x00-\x1f\x7f\ud800-\udfff]", value) or not re.search(schema.get("pattern", ""), value):
        raise _Unfit(f"{where} has characters that it may not have")


def _statement(say: dict[str, Any]) -> str:
    """A statement of the language; all its words are known."""
    match say["say"]:
        case "if":
            return f"if {_statement(say['condition'])} then {_statement(say['consequence'])}"
        case "one of":
            return f"one of {{ {' '.join(_statement(rule) for rule in say['rules'])} }}"
        case "network":
            return f"network: {say['metric']} {say['comparison']} {say['limit']};"
    text = _in_cell(say)
    return f"in {', '.join(dict.fromkeys(say['cells']))} {{ {text} }}" if say["cells"] else text


def _in_cell(say: dict[str, Any]) -> str:
    match say["say"]:
        case "layers":
            return f"{say['layers']}: {_counted(say)} {_list(say['operators'], say['except'])};"
        case "path":
            return f"{say['path']} path: {_counted(say)} {_list(say['operators'], say['except'])};"
        case "numbers":
            return f"layer {say['layer']}: {_counted(say)} {_list(say['numbers'], [])};"
        case "agree":
            return f"{say['layers']}: {say['rule']};"
        case "sources":
            return f"{say['layers']}: {say['rule']} {_list(say['places'], [])};"
        case _:
            over = f" over {_list(say['over'], [])}" if say["over"] else ""
            return f"{say['layers']}: prefer {_list(say['operators'], [])}{over} by {say['weight']};"


def _counted(say: dict[str, Any]) -> str:
    return say["rule"] if say["rule"] in ("only", "never") else f"{say['rule']} {say['count']}"


def _list(include: list[Any], exclude: list[Any]) -> str:
    text = ", ".join(map(str, include))
    return f"{text} except {', '.join(map(str, exclude))}" if exclude else text
