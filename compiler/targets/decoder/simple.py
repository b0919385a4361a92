"""Statements that hold no other statement: rules on layers, paths and the network, and preferences.

A rule's name ends in the context it belongs to (`c0`) and, where it matters, in the cells that have all it speaks of,
as a bit mask (`w3`): a compound rule needs a cell that has every part, so it joins the masks of its parts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import TypeVar

from lapt_dsl.compiler.targets.decoder.available import RuleContext, Where
from lapt_dsl.compiler.targets.decoder.collected import Collected
from lapt_dsl.compiler.targets.decoder.predicates import PredicateRules
from lapt_dsl.compiler.targets.decoder.source import Filling, GrammarProductions, Tail, closed, quoted, spaced
from lapt_dsl.language.forms.grammar_rules import Literal, Many

SIMPLE = ("layer_rule", "path_rule", "network_rule")
"""The rules that `SimpleRules` adds; the grammar has them in this order, before the rules that hold rules."""

MAX_ITEMS = 8
"""How many indices, ranges, places or predicates one list may have at most."""

_Kind = TypeVar("_Kind", Where, int, tuple[int, bool])


@dataclass
class SimpleRules:
    """Adds the simple statements of one context."""

    source: GrammarProductions
    out: Collected
    predicates: PredicateRules
    found: RuleContext
    suffix: str

    def add(self, metrics: bool) -> list[int]:
        """Add `simple_SUFFIX_wMASK` and `prefer_SUFFIX`, rules on the network where it has `metrics`; the masks."""
        selectors = self._selectors()
        reads = self._places()
        rules = [*self._layer_rules(selectors, reads), *self._path_rules(reads)]
        if metrics:
            for words in self.source.phrases(self.source.only("network_rule"), _NETWORK):
                self.out.add("network_rule", words)
            rules.append((self.found.every, ["network_rule"]))
        for mask, words in rules:
            self.out.add(f"simple_{self.suffix}_w{mask}", words)
        self._preferences(selectors)
        return sorted({mask for mask, _ in rules})

    @property
    def _items(self) -> int:
        return min(MAX_ITEMS, self.predicates.items)

    # --- selectors ---

    def _selectors(self) -> dict[Where, str]:
        """Add the selectors of operator layers; their rules, by the cells that have them."""
        rules: dict[Where, str] = {}

        def rule(where: Where) -> str:
            return rules.setdefault(where, f"selector_{self.suffix}_w{where.cells}_b{where.second}")

        for words, where in self.found.fixed:
            self.out.add(rule(where), spaced([quoted(word) for word in words]))
        for number, (words, symbol, items) in enumerate(self.found.numbered):
            kinds: dict[Where, list[tuple[int, int]]] = {}
            for pair, where in items:
                kinds.setdefault(where, []).append(pair)
            names = {where: f"{symbol}_{self.suffix}_{number}_{at}" for at, where in enumerate(kinds)}
            for where, pairs in kinds.items():
                self._pairs(names[where], pairs)
            listed: Mapping[Where, str] = names
            if symbol == "ranges":
                listed = self._lists(f"{symbol}_{self.suffix}_{number}", names, Where.both)
            for where, name in listed.items():
                self.out.add(rule(where), spaced([*(quoted(word) for word in words), name]))
        return rules

    def _pairs(self, rule: str, pairs: Iterable[tuple[int, int]]) -> None:
        """Add indices, and the ranges from each to a larger one."""
        highs: dict[int, list[int]] = {}
        for low, high in pairs:
            if low == high:
                self.out.add(rule, [quoted(str(low))])
            else:
                highs.setdefault(low, []).append(high)
        for low, ends in highs.items():
            upper = f"to_{'_'.join(map(str, ends))}" if len(ends) < 4 else f"to_{ends[0]}_{ends[-1]}_{len(ends)}"
            for high in ends:
                self.out.add(upper, [quoted(str(high))])
            self.out.add(rule, [quoted(str(low)), '".."', upper])

    def _named(self) -> Iterator[tuple[int, tuple[int, ...], str]]:
        """Add selectors of number layers; their cells, numbers and rules."""
        for number, (names, mask, numbers) in enumerate(self.found.named):
            rule = f"named_{self.suffix}_{number}"
            for production in self.source.of("selector"):
                if self.source.symbols(production) == {"name"} and len(names) == 1:
                    filling = {"name": quoted(names[0])}
                elif self.source.symbols(production) == {"names"}:
                    filling = {"names": self._orders(names)}
                else:
                    continue
                for words in self.source.phrases(production, filling):
                    self.out.add(rule, words)
            yield mask, numbers, rule

    def _orders(self, names: tuple[str, ...]) -> str:
        """Add the lists of these names in any order, each once."""
        rule = self.predicates.names.setdefault(names, f"names_{len(self.predicates.names)}")
        for name in names if rule not in self.out.rules else ():
            rest = tuple(other for other in names if other != name)
            self.out.add(rule, [quoted(name), '","', "SP", self._orders(rest)] if rest else [quoted(name)])
        return rule

    # --- lists ---

    def _lists(self, title: str, items: Mapping[_Kind, str], both: Callable[[_Kind, _Kind], _Kind]) -> dict[_Kind, str]:
        """Add lists of up to `_items` items by kind, where `both` is the kind of two in one list."""
        longest: dict[_Kind, str] = {}
        for length in range(1, self._items + 1):
            ways: list[tuple[_Kind, list[str]]] = [(kind, [item]) for kind, item in items.items()]
            for (kind, item), (other, rest) in product(items.items(), longest.items()):
                joined = both(kind, other)
                if _cells(joined):
                    ways.append((joined, [item, '","', "SP", rest]))
            longest = {kind: f"{title}_n{length}_{_text(kind)}" for kind, _ in ways}
            for kind, words in ways:
                self.out.add(longest[kind], words)
        return longest

    def _places(self) -> dict[tuple[int, bool], str]:
        """Add lists of places; the rules by their cells and whether `previous stage` is among them."""
        items: dict[tuple[int, bool], str] = {}
        for place in self.found.places:
            key = (place.cells, place.previous)
            name = items.setdefault(key, f"place_{self.suffix}_{_text(key)}")
            self.out.add(name, spaced([quoted(word) for word in place.words]))
        return self._lists(f"places_{self.suffix}", items, lambda one, other: (one[0] & other[0], one[1] or other[1]))

    def _reads(self, key: tuple[int, bool], places: str, end: str) -> str:
        """Add the predicates on sources with one kind of places; their rule."""
        rule = f"reads_{self.suffix}_{_text(key)}_{'end' if end == ';' else end}"
        for production in self.source.of("predicate") if rule not in self.out.rules else ():
            if "places" in self.source.symbols(production):
                for words in self.source.phrases(production, {"places": places}, end):
                    self.out.add(rule, words)
        return rule

    # --- statements ---

    def _layer_rules(
        self, selectors: Mapping[Where, str], reads: Mapping[tuple[int, bool], str]
    ) -> Iterator[tuple[int, list[str]]]:
        production = self.source.only("layer_rule")

        def phrases(selector: str, predicate: Callable[[str], str]) -> Iterator[list[str]]:
            return self.source.phrases(production, {"selector": selector, "predicate": Tail(predicate)})

        for where, selector in selectors.items():
            for words in phrases(selector, self.predicates.on_operators):
                yield where.cells, words
            for key, places in reads.items():
                mask = key[0] & (where.second if key[1] else where.cells)
                for words in phrases(selector, partial(self._reads, key, places)) if mask else ():
                    yield mask, words
        for mask, numbers, selector in self._named():
            for words in phrases(selector, partial(self.predicates.on_numbers, numbers)):
                yield mask, words

    def _path_rules(self, reads: Mapping[tuple[int, bool], str]) -> Iterator[tuple[int, list[str]]]:
        production = self.source.only("path_rule")
        (word,) = (part.part[0] for part in production.parts if isinstance(part, Many))
        assert isinstance(word, Literal)
        ends = self._ends()
        for key, predicates in self._path_predicates(reads, word.text).items():
            filling: Filling = {"quantifier": "quantifier", "ends": "ends", "predicate": closed(predicates)}
            for words in self.source.phrases(production, filling):
                for where, name in ends.items() if "ends" in words else ((self.found.paths, ""),):
                    if where.second & key:
                        yield where.cells & key, [name if each == "ends" else each for each in words]

    def _ends(self) -> dict[Where, str]:
        rules: dict[Where, str] = {}
        lasts: dict[tuple[tuple[str, ...], Where], list[tuple[str, ...]]] = {}
        for start, end, where in self.found.ends:
            lasts.setdefault((start, where), []).append(end)
        known: dict[tuple[tuple[str, ...], ...], str] = {}
        starts: dict[tuple[str, ...], str] = {}
        for (start, where), ends in lasts.items():
            last = known.setdefault(tuple(ends), f"end_{self.suffix}_{len(known)}")
            for each in ends:
                self.out.add(last, spaced([quoted(word) for word in each]))
            rule = rules.setdefault(where, f"ends_{self.suffix}_w{where.cells}_j{where.second}")
            first = starts.setdefault(start, f"start_{self.suffix}_{len(starts)}")
            self.out.add(first, spaced([quoted(word) for word in start]))
            for words in self.source.phrases(self.source.only("ends"), {"place#1": first, "place#2": last}):
                self.out.add(rule, words)
        return rules

    def _path_predicates(self, reads: Mapping[tuple[int, bool], str], word: str) -> dict[int, str]:
        """Add the predicates of a path, joined by `word` and ended by `;`; their rules by cells."""
        kinds: dict[int, list[Callable[[str], str]]] = {self.found.every: [self.predicates.on_operators]}
        for key, places in reads.items():
            mask = key[0] & (self.found.before if key[1] else self.found.every)
            if mask:
                kinds.setdefault(mask, []).append(partial(self._reads, key, places))
        longest: dict[int, str] = {}
        for length in range(1, self._items + 1):
            rules: dict[int, str] = {}
            for mask, ways in kinds.items():
                for way in ways:
                    name = rules.setdefault(mask, f"on_path_{self.suffix}_n{length}_w{mask}")
                    self.out.add(name, [way(";")])
                    for other, rest in longest.items():
                        if mask & other:
                            name = rules.setdefault(mask & other, f"on_path_{self.suffix}_n{length}_w{mask & other}")
                            self.out.add(name, [way(word), "SP", rest])
            longest = rules
        return longest

    def _preferences(self, selectors: Mapping[Where, str]) -> None:
        production = self.source.only("prefer")
        lists: list[tuple[str, Callable[[str], str]]] = [
            *((selector, self.predicates.operators) for selector in selectors.values()),
            *((selector, partial(self.predicates.numbers, numbers)) for _, numbers, selector in self._named()),
        ]
        for selector, entries in lists:
            filling: Filling = {"selector": selector, "operators": Tail(entries), "number": "WEIGHT"}
            for words in self.source.phrases(production, filling):
                self.out.add(f"prefer_{self.suffix}", words)


_NETWORK = {"metric": "metric", "comparison": "comparison", "number": "LIMIT"}


def _text(kind: Where | int | tuple[int, bool]) -> str:
    if isinstance(kind, Where):
        return f"w{kind.cells}_b{kind.second}"
    return f"w{kind}" if isinstance(kind, int) else f"w{kind[0]}{'_before' if kind[1] else ''}"


def _cells(kind: Where | int | tuple[int, bool]) -> int:
    if isinstance(kind, Where):
        return kind.cells
    return kind if isinstance(kind, int) else kind[0]
