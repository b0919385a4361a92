"""Random texts of a Lark grammar, from its rules and the expressions of its terminals alone."""

from __future__ import annotations

import random
import re._constants as kind
import re._parser as expressions
from collections import defaultdict
from typing import Any

import lark


class Sampler:
    """Draws texts. Where a text grows beyond `room` characters, every rule takes its shortest way to an end."""

    def __init__(self, grammar: str, room: int = 400) -> None:
        self.parser = lark.Lark(grammar, parser="lalr")
        self._room = room
        self._ways: dict[str, list[list[Any]]] = defaultdict(list)
        for rule in self.parser.rules:
            self._ways[rule.origin.name].append(rule.expansion)
        self._patterns = {terminal.name: terminal.pattern for terminal in self.parser.terminals}
        self._parsed: dict[str, Any] = {}
        self._least = self._shortest()

    def draw(self, seed: int) -> str:
        """The text of a seed."""
        rng = random.Random(seed)
        out: list[str] = []
        length = 0
        stack: list[Any] = [lark.grammar.NonTerminal("start")]
        while stack:
            symbol = stack.pop()
            if symbol.is_term:
                out.append(self._terminal(rng, symbol.name))
                length += len(out[-1])
                continue
            ways = self._ways[symbol.name]
            if length > self._room:
                least = min(self._cost(way) for way in ways)
                ways = [way for way in ways if self._cost(way) == least]
            stack.extend(reversed(rng.choice(ways)))
        return "".join(out)

    def _cost(self, way: list[Any]) -> float:
        return sum(1 if symbol.is_term else self._least[symbol.name] for symbol in way)

    def _shortest(self) -> dict[str, float]:
        """Per rule the fewest terminals of its texts."""
        self._least = dict.fromkeys(self._ways, float("inf"))
        changed = True
        while changed:
            changed = False
            for name, ways in self._ways.items():
                cost = min(self._cost(way) for way in ways)
                if cost < self._least[name]:
                    self._least[name], changed = cost, True
        return self._least

    def _terminal(self, rng: random.Random, name: str) -> str:
        pattern = self._patterns[name]
        if pattern.type == "str":
            return pattern.value
        if name not in self._parsed:
            self._parsed[name] = expressions.parse(pattern.value)
        return "".join(_text(rng, item) for item in self._parsed[name])


def _text(rng: random.Random, item: tuple[Any, Any]) -> str:
    operation, argument = item
    if operation is kind.LITERAL:
        return chr(argument)
    if operation is kind.IN:
        return _member(rng, argument)
    if operation is kind.BRANCH:
        return "".join(_text(rng, each) for each in rng.choice(argument[1]))
    if operation is kind.SUBPATTERN:
        return "".join(_text(rng, each) for each in argument[-1])
    if operation is kind.MAX_REPEAT:
        low, high, inner = argument
        count = low if rng.random() < 0.4 else rng.randint(low, min(high, low + 3) if rng.random() < 0.9 else high)
        return "".join(_text(rng, each) for _ in range(count) for each in inner)
    raise AssertionError(f"{operation} is not expected in a decoder's grammar")


def _member(rng: random.Random, members: list[tuple[Any, Any]]) -> str:
    if members[0][0] is kind.NEGATE:
        refused = [(argument, argument) if what is kind.LITERAL else argument for what, argument in members[1:]]
        while True:
            code = rng.choice([rng.randint(32, 126), rng.randint(160, 0x24FF), rng.randint(0x1F300, 0x1F6FF)])
            if not any(low <= code <= high for low, high in refused):
                return chr(code)
    what, argument = rng.choice(members)
    return chr(argument) if what is kind.LITERAL else chr(rng.randint(*argument))
