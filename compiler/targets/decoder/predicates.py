"""Predicates, operator lists and number lists, each with the word or sign that ends it.

A list is one terminal (see `lists`), and a decoder's lexer does not go back: whether a blank goes on with `except` or
ends the list must be known when it comes. So a list is read together with what follows it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from lapt_dsl.compiler.lowering.operators import OperatorSets
from lapt_dsl.compiler.space.model import Space
from lapt_dsl.compiler.targets.decoder.collected import Collected
from lapt_dsl.compiler.targets.decoder.lists import MAX_EXACT, MAX_EXACT_NUMBERS, list_expression, number_entries
from lapt_dsl.compiler.targets.decoder.source import Filling, GrammarProductions, Tail, quoted
from lapt_dsl.language.tree import OperatorAtom, Operators

_OPERATORS = "OPERATORS"


@dataclass
class PredicateRules:
    """Adds predicates when they are first asked for.

    `items`: how many entries a list may have; `names`: the rules of lists of number layers made so far.
    """

    source: GrammarProductions
    out: Collected
    space: Space
    items: int
    names: dict[tuple[str, ...], str] = field(default_factory=dict)
    _numbers: dict[tuple[int, ...], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.out.terminal(_OPERATORS, f"/{list_expression(operator_entries(self.space), MAX_EXACT, self.items)}/")

    def on_operators(self, end: str) -> str:
        """Predicates on layers that choose operators, those on sources left out, up to the word or sign `end`."""
        rule = f"predicate_{_title(end)}"
        if rule not in self.out.rules:
            self._add(rule, _OPERATORS)
        return rule

    def on_numbers(self, numbers: tuple[int, ...], end: str) -> str:
        """Predicates on layers that choose among these numbers."""
        terminal = self._number_list(numbers)
        rule = f"predicate_{terminal.lower()}_{_title(end)}"
        if rule not in self.out.rules:
            self._add(rule, terminal)
        return rule

    def operators(self, end: str) -> str:
        """The list of operators up to `end`."""
        return self._ended(_OPERATORS, end)

    def numbers(self, numbers: tuple[int, ...], end: str) -> str:
        """The list of numbers up to `end`."""
        return self._ended(self._number_list(numbers), end)

    def _number_list(self, numbers: tuple[int, ...]) -> str:
        terminal = self._numbers.get(numbers)
        if terminal is None:
            terminal = self._numbers[numbers] = f"NUMBERS_{len(self._numbers)}"
            if numbers:
                expression = list_expression(number_entries(numbers), MAX_EXACT_NUMBERS, self.items)
                self.out.terminal(terminal, f"/{expression}/")
        return terminal

    def _ended(self, terminal: str, end: str) -> str:
        # Of numbers that are not known to be candidates there is no list: the production is left out.
        if terminal not in self.out.terminals:
            return "no_such_list"
        separator = "" if end == ";" else "SP "
        return self.out.terminal(f"{terminal}_{_title(end).upper()}", f"{terminal} {separator}{quoted(end)}")

    def _add(self, rule: str, terminal: str) -> None:
        """Every alternative of `predicate` but those on sources; `rule` says where it ends."""
        end = rule.rpartition("_")[2]
        sign = ";" if end == "end" else end
        for production in self.source.of("predicate"):
            symbols = self.source.symbols(production)
            if "places" in symbols:
                continue
            filling: Filling = {"operators": Tail(lambda taken: self._ended(terminal, taken)), "integer": "COUNT"}
            for words in self.source.phrases(production, filling, sign):
                self.out.add(rule, words)


def operator_entries(space: Space) -> dict[str, frozenset[str]]:
    """What may stand in a list of operators, and the operators that it stands for."""
    sets = OperatorSets(space)
    names = [*(operator.name for operator in space.operators), *sorted(space.traits)]
    entries = {"any": frozenset(operator.name for operator in space.operators)}
    for name in names:
        entries[name] = sets.names(Operators((OperatorAtom("name", name=name),)))
    return entries


def _title(end: str) -> str:
    return "end" if end == ";" else end
