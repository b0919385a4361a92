"""`principles.lark` as the source of a decoder's grammar: its alternatives with the places that a space fills in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from lapt_dsl.language.forms.grammar_rules import GrammarProduction, Literal, Many, Optional, Part, Symbol, rules

GRAMMAR = "principles"

_LISTS = {
    "operators": ("atoms except?",),
    "except": ('"except" atoms',),
    "atoms": ('atom ("," atom)*',),
    "atom": ("name", '"any"', "integer", 'integer ".." integer'),
    "places": ('place ("," place)*',),
    "ranges": ('range ("," range)*',),
    "range": ("integer", 'integer ".." integer'),
    "index": ("integer",),
    "names": ('name ("," name)*',),
    "name": ("NAME", "soft", '"output"'),
    "integer": ("INT",),
    "number": ("INT", "DECIMAL"),
    "string": ("STRING",),
}
"""Rules that become lists and terminals of the space's own, as they are understood here."""


@dataclass(frozen=True, slots=True)
class Tail:
    """Stands for a symbol together with what follows it up to the next literal, which the replacement takes in."""

    taken: Callable[[str], str]


def closed(rule: str) -> Tail:
    """A replacement that is this rule, whatever sign ends it: the rule has it."""
    return Tail(lambda _: rule)


Filling: TypeAlias = Mapping[str, "str | Tail"]


class GrammarProductions:
    """The alternatives of `principles.lark`.

    Every symbol must be filled in, have a single alternative, or be a choice of words; anything else is new in the
    grammar and means something that is not known here, so it is refused rather than left out.
    """

    def __init__(self) -> None:
        self._rules = rules(GRAMMAR)
        for rule, expected in _LISTS.items():
            found = tuple(_syntax(each.parts) for each in self._rules.get(rule, ()))
            if found != expected:
                raise ValueError(f"the rule `{rule}` of {GRAMMAR}.lark is {found}, where decoders know {expected}")

    def of(self, rule: str) -> tuple[GrammarProduction, ...]:
        """The alternatives of a rule."""
        return self._rules[rule]

    def only(self, rule: str) -> GrammarProduction:
        """The one alternative of a rule."""
        (production,) = self._rules[rule]
        return production

    def named(self, rule: str, aliases: tuple[str, ...]) -> tuple[GrammarProduction, ...]:
        """All alternatives of a rule, which must be these: by alias, or else by their only symbol."""
        found = tuple(_title(production) for production in self._rules[rule])
        if found != aliases:
            raise ValueError(f"the rule `{rule}` of {GRAMMAR}.lark has {found}, where decoders know {aliases}")
        return self._rules[rule]

    def symbols(self, production: GrammarProduction) -> set[str]:
        """The symbols of an alternative, those of its optional and repeated parts among them."""
        return set(_symbols(production.parts))

    def words_of(self, rule: str) -> tuple[tuple[Literal, ...], ...] | None:
        """The alternatives of a rule that is a choice of words, else None."""
        alternatives = [
            tuple(part for part in production.parts if isinstance(part, Literal)) for production in self._rules[rule]
        ]
        whole = all(
            len(words) == len(production.parts)
            for words, production in zip(alternatives, self._rules[rule], strict=True)
        )
        return tuple(alternatives) if whole else None

    def phrases(self, production: GrammarProduction, filling: Filling, end: str | None = None) -> Iterator[list[str]]:
        """The ways to write an alternative: words with their separators, every symbol replaced.

        Args:
            production: The alternative.
            filling: A symbol's replacement; for one that stands several times, its n-th use is looked up as `symbol#n`
                first (from 1). The replacement of a list is called `symbol*`.
            end: A word or sign that follows the alternative and is taken in.
        """
        ended = production.parts if end is None else (*production.parts, Literal(end))
        for parts in _choices(ended):
            yield from self._filled(list(parts), filling)

    def _filled(self, parts: list[Part], filling: Filling) -> Iterator[list[str]]:
        for at, part in enumerate(parts):
            if isinstance(part, Symbol) and _replacement(part.name, 1, filling) is None:
                ways = self._inlined(part.name)
                for way in ways:
                    yield from (
                        words
                        for inner in _choices(way)
                        for words in self._filled([*parts[:at], *inner, *parts[at + 1 :]], filling)
                    )
                return
        yield spaced(_replaced(parts, filling))

    def _inlined(self, symbol: str) -> tuple[tuple[Part, ...], ...]:
        words = self.words_of(symbol) if symbol in self._rules else None
        if words is not None:
            return words
        if len(self._rules.get(symbol, ())) == 1:
            return (self._rules[symbol][0].parts,)
        raise ValueError(f"`{symbol}` of {GRAMMAR}.lark stands where decoders do not know it")


def spaced(words: list[str]) -> list[str]:
    """Words with the separators of the formatter's layout between them."""
    found: list[str] = []
    for word in words:
        if word == '"then"':
            found.append("THEN")
            continue
        glued = word in ('";"', '":"', '","', '".."') or not found or found[-1] == '".."'
        if not glued:
            found.append("NL" if found[-1] == '"{"' else "SP")
        found.append(word)
    return found


def quoted(text: str) -> str:
    """A literal of the grammar.

    >>> quoted("only")
    '"only"'
    """
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _replaced(parts: list[Part], filling: Filling) -> list[str]:
    words: list[str] = []
    uses: dict[str, int] = {}
    tail: Tail | None = None
    for part in parts:
        if isinstance(part, Literal):
            words.append(quoted(part.text) if tail is None else tail.taken(part.text))
            tail = None
        elif isinstance(part, Symbol):
            uses[part.name] = uses.get(part.name, 0) + 1
            replacement = _replacement(part.name, uses[part.name], filling)
            if isinstance(replacement, Tail):
                tail = replacement
            elif replacement is not None:
                words.append(replacement)
        elif tail is None:
            # A list of its own, such as `statement*`; it takes in the sign that closes it.
            (symbol,) = part.part
            replacement = filling[f"{symbol.name}*"] if isinstance(symbol, Symbol) else None
            if not isinstance(replacement, Tail):
                raise ValueError(f"decoders do not know the list {_syntax((part,))} of {GRAMMAR}.lark")
            tail = replacement
    if tail is not None:
        raise ValueError(f"nothing closes {_syntax(tuple(parts))} of {GRAMMAR}.lark")
    return words


def _replacement(symbol: str, use: int, filling: Filling) -> str | Tail | None:
    return filling.get(f"{symbol}#{use}", filling.get(symbol))


def _choices(parts: tuple[Part, ...]) -> Iterator[tuple[Part, ...]]:
    """Sequences without optional parts."""
    for at, part in enumerate(parts):
        if isinstance(part, Optional):
            for rest in _choices(parts[at + 1 :]):
                yield (*parts[:at], *rest)
            for inner in _choices(part.part):
                for rest in _choices(parts[at + 1 :]):
                    yield (*parts[:at], *inner, *rest)
            return
    yield parts


def _title(production: GrammarProduction) -> str:
    (first, *rest) = production.parts
    return production.alias or (first.name if isinstance(first, Symbol) and not rest else "")


def _symbols(parts: tuple[Part, ...]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, Symbol):
            yield part.name
        elif isinstance(part, Optional | Many):
            yield from _symbols(part.part)


def _syntax(parts: tuple[Part, ...]) -> str:
    words = []
    for part in parts:
        if isinstance(part, Literal):
            words.append(quoted(part.text))
        elif isinstance(part, Symbol):
            words.append(part.name)
        else:
            inner = _syntax(part.part)
            sign = "?" if isinstance(part, Optional) else "*"
            words.append(f"({inner}){sign}" if len(part.part) > 1 else f"{inner}{sign}")
    return " ".join(words)
