"""Values written in Python's or JSON's literal syntax, read without running anything.

A genotype reaches us as the source text of a named tuple, as a dictionary, as a line of a log. `ast` parses it, and
this module builds values of the few kinds that stand in architectures; whatever else stands there is refused.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TypeAlias

MAX_LENGTH = 100_000
MAX_DEPTH = 30
MAX_NUMBER = 10**6

Value: TypeAlias = "str | int | float | list[Value] | dict[str, Value] | LiteralCall | None"

_ASSIGNED = re.compile(r"[A-Za-z_][\w.]*\s*(?::\s*[A-Za-z_][\w.\[\], ]*)?=(?!=)\s*")
_GENOTYPE = re.compile(r"[A-Za-z_][\w.]*enotype\w*\s*\(|\bGenotype\w*\s*\(")
_JSON_WORDS = {"null": None, "true": 1, "false": 0}


class NotLiteral(Exception):
    """The text is no literal; the message names what stands there."""


@dataclass(frozen=True, slots=True)
class LiteralCall:
    """A call such as `Genotype(normal=[...])`: its last name, its positional and its named arguments."""

    name: str
    arguments: tuple[Value, ...]
    named: dict[str, Value]


def read_literal(text: str) -> Value:
    """The value of a literal.

    Names before `=` and whatever stands before the first call or bracket, such as the time stamp of a log, are passed
    over, as is a comma or semicolon at the end.

    >>> read_literal("DARTS = Genotype(normal=[('skip_connect', 0)], normal_concat=range(2, 6))").named["normal_concat"]
    [2, 3, 4, 5]
    >>> read_literal("2024-05-01 12:00:00,123 genotype = [[1, 2], (3, np.int64(4))]")
    [[1, 2], [3, 4]]

    Raises:
        NotLiteral: It is none, or it is too long or nested too deeply.
    """
    if len(text) > MAX_LENGTH:
        raise NotLiteral(f"the text has {len(text)} characters; at most {MAX_LENGTH} are read")
    body = _body(text)
    if _depth(body) > MAX_DEPTH:
        raise NotLiteral(f"brackets are nested deeper than {MAX_DEPTH}")
    try:
        tree = ast.parse(body, mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else str(error)
        raise NotLiteral(f"it cannot be read: {reason}") from error
    return _value(tree.body)


def _body(text: str) -> str:
    """The literal without what stands before and after it."""
    body = text.strip().rstrip(";,").strip()
    genotype = _GENOTYPE.search(body)
    if genotype is not None:
        return body[genotype.start() :]
    first = re.search(r"[\[({]", body)
    before = [match for match in _ASSIGNED.finditer(body[:400]) if first is None or match.end() <= first.start()]
    if before:
        body = body[before[-1].end() :]
    opening = re.search(r"(?:[A-Za-z_][\w.]*\s*)?[\[({]", body)
    return body[opening.start() :] if opening is not None else body


def _depth(text: str) -> int:
    depth = most = 0
    for character in text:
        if character in "([{":
            depth += 1
            most = max(most, depth)
        elif character in ")]}":
            depth -= 1
    return most


def _value(node: ast.expr) -> Value:
    if isinstance(node, ast.Constant):
        return _constant(node.value)
    if isinstance(node, ast.List | ast.Tuple):
        return [_value(item) for item in node.elts]
    if isinstance(node, ast.Dict):
        return _dictionary(node)
    if isinstance(node, ast.Name) and node.id in _JSON_WORDS:
        return _JSON_WORDS[node.id]
    if isinstance(node, ast.Call):
        return _call(node)
    raise NotLiteral(f"`{ast.unparse(node)[:40]}` is no plain value")


def _constant(value: object) -> Value:
    if value is None or isinstance(value, str | float):
        return value
    if isinstance(value, int) and abs(value) <= MAX_NUMBER:
        return int(value)
    raise NotLiteral(f"`{str(value)[:40]}` is no value of an architecture")


def _dictionary(node: ast.Dict) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for key, item in zip(node.keys, node.values, strict=True):
        name = _value(key) if key is not None else None
        if not isinstance(name, str | int):
            raise NotLiteral("a key of a dictionary is no name")
        if str(name) in found:
            raise NotLiteral(f"`{str(name)[:40]}` stands twice")
        found[str(name)] = _value(item)
    return found


def _call(node: ast.Call) -> Value:
    """`range(2, 6)`, `list(...)` and `np.int64(0)` are their values; any other call keeps its name."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    arguments = [_value(argument) for argument in node.args]
    if name == "range" and 1 <= len(arguments) <= 3 and not node.keywords:
        bounds = [bound for bound in arguments if isinstance(bound, int)]
        if len(bounds) == len(arguments) and all(abs(bound) <= 1000 for bound in bounds) and bounds[2:] != [0]:
            return list(range(*bounds))
        raise NotLiteral("a range has whole numbers up to 1000")
    if name in ("list", "tuple", "array") and len(arguments) == 1 and not node.keywords:
        return arguments[0]
    if re.fullmatch(r"u?int\d*|float\d*|str_?", name) and len(arguments) == 1 and not node.keywords:
        return arguments[0]
    if not name:
        raise NotLiteral(f"`{ast.unparse(node.func)[:40]}` is no name")
    named: dict[str, Value] = {}
    for keyword in node.keywords:
        if keyword.arg is None or keyword.arg in named:
            raise NotLiteral(f"an argument of `{name[:40]}` has no name of its own")
        named[keyword.arg] = _value(keyword.value)
    return LiteralCall(name, tuple(arguments), named)
