"""The rules of a grammar as data, for what is derived from them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

from lapt_dsl import grammars
from lapt_dsl.language.forms.reference import alternatives


@dataclass(frozen=True, slots=True)
class Literal:
    """A word or sign in quotes."""

    text: str


@dataclass(frozen=True, slots=True)
class Symbol:
    """A rule or a terminal by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class Optional:
    """A part that may be left out: `part?`."""

    part: Sequence


@dataclass(frozen=True, slots=True)
class Many:
    """A part that stands any number of times: `part*`."""

    part: Sequence


Part: TypeAlias = Literal | Symbol | Optional | Many
Sequence: TypeAlias = tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class GrammarProduction:
    """One alternative of a rule: its `alias` where it has one, and its parts."""

    alias: str | None
    parts: Sequence


_TOKEN = re.compile(r'\s*(?:"([^"]*)"|([A-Za-z_]+)|([()?*]))')


@cache
def rules(grammar: str) -> dict[str, tuple[GrammarProduction, ...]]:
    """Every rule of a grammar with its alternatives, in order.

    Args:
        grammar: `principles` or `space`.

    Raises:
        ValueError: There is no such grammar, or it uses more of Lark than sequences, `?`, `*` and parentheses.

    >>> [production.parts for production in rules("principles")["quantifier"]]
    [(Literal(text='some'),), (Literal(text='every'),)]
    """
    found: dict[str, tuple[GrammarProduction, ...]] = {}
    for each in alternatives(grammar):
        found[each.rule] = (*found.get(each.rule, ()), GrammarProduction(each.alias, _sequence(each.syntax)))
    return found


@cache
def patterns(grammar: str) -> dict[str, str]:
    """The regular expressions of a grammar's terminals, without their slashes."""
    return dict(re.findall(r"^([A-Z_]+): /(.*)/$", grammars.text(grammar), re.MULTILINE))


def _sequence(syntax: str) -> Sequence:
    open_parts: list[list[Part]] = [[]]
    position = 0
    while position < len(syntax):
        match = _TOKEN.match(syntax, position)
        if match is None:
            raise ValueError(f"{syntax[position:]!r} in the grammar is neither a name, a literal, nor one of ( ) ? *")
        position = match.end()
        literal, name, sign = match.groups()
        if literal is not None:
            open_parts[-1].append(Literal(literal))
        elif name is not None:
            open_parts[-1].append(Symbol(name))
        elif sign == "(":
            open_parts.append([])
        else:
            position = _close(open_parts, sign, syntax, position)
    return tuple(open_parts[0])


def _close(open_parts: list[list[Part]], sign: str, syntax: str, position: int) -> int:
    """Take in `?`, `*`, or `)` with what follows it; the position after it."""
    if sign == ")":
        part = tuple(open_parts.pop())
        sign = syntax[position : position + 1]
        position += 1
    else:
        part = (open_parts[-1].pop(),)
    if sign not in ("?", "*") or not open_parts:
        raise ValueError(f"a group in {syntax!r} must be followed by ? or *")
    open_parts[-1].append(Optional(part) if sign == "?" else Many(part))
    return position
