"""Statements that hold statements, down to a stated depth: `if`, `one of` and `in`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product

from lapt_dsl.compiler.space.model import Cell, Space
from lapt_dsl.compiler.targets.decoder.available import Availability, RuleContext
from lapt_dsl.compiler.targets.decoder.collected import Collected
from lapt_dsl.compiler.targets.decoder.contexts import context
from lapt_dsl.compiler.targets.decoder.predicates import PredicateRules
from lapt_dsl.compiler.targets.decoder.simple import SIMPLE, SimpleRules
from lapt_dsl.compiler.targets.decoder.source import Filling, GrammarProductions, closed, quoted
from lapt_dsl.language.forms.grammar_rules import GrammarProduction

MAX_PARTS = 40_000
"""How many parts a rule may come to over all cells; the compiler refuses more than 50,000 (E218)."""

_EXACT_CELLS = 3
"""Up to so many cells, each list of them is a context of its own; of more, lists say what all cells have."""

_RULES = (*SIMPLE, "if_rule", "one_of")


@dataclass
class StatementRules:
    """Adds the statements of every context of a space.

    `depth`: how deep blocks and `if`s stand inside each other; `statements`: how many stand in one block; `items`: how
    many entries a list may have.
    """

    source: GrammarProductions
    out: Collected
    space: Space
    metrics: bool
    depth: int
    statements: int
    items: int
    _contexts: dict[RuleContext, int] = field(default_factory=dict)

    def add(self) -> str:
        """Add everything; the rule for the body of a principle, up to and with its `}`."""
        statement_level = self.source.named("statement", ("simple_rule", "prefer", "in_cells"))
        rule_level = self.source.named("rule", ("simple_rule", "in_cells"))
        self.source.named("simple_rule", _RULES)
        self._find_contexts()
        nested = self._nested()
        predicates = PredicateRules(self.source, self.out, self.space, self.items)
        for found, number in self._contexts.items():
            simple = SimpleRules(self.source, self.out, predicates, found, f"c{number}").add(self.metrics)
            masks = _closed({*simple, found.every})
            for depth in range(self.depth + 1):
                self._rules(f"c{number}", found.every, depth, masks, nested)
                self._statements(f"c{number}", depth, masks)
        for depth in range(1, self.depth + 1):
            for words in self._in_blocks(statement_level[-1], "statement", depth - 1, self.statements):
                self.out.add(f"in_statement_d{depth}", words)
            for words in self._in_blocks(rule_level[-1], "rule", depth - 1, nested):
                self.out.add(f"in_rule_d{depth}", words)
        return f"statements_c0_d{self.depth}_n{self.statements}"

    def _find_contexts(self) -> None:
        """Number the contexts, that of all cells first, and add the lists of cells that lead to each."""
        available = Availability(self.space)
        cells = self.space.cells
        self._contexts[context(self.source, available, cells)] = 0

        def number(found: RuleContext) -> int:
            return self._contexts.setdefault(found, len(self._contexts))

        if len(cells) <= _EXACT_CELLS:
            for size in range(1, len(cells) + 1):
                for some in combinations(cells, size):
                    self.out.add(f"cells_c{number(context(self.source, available, some))}", [self._cell_list(some)])
            return
        for cell in cells:
            self.out.add(f"cells_c{number(context(self.source, available, [cell]))}", [quoted(cell.name)])
        together = number(context(self.source, available, cells, common=True))
        for cell in cells:
            self.out.add(f"cells_c{together}", [quoted(cell.name), '","', "SP", f"more_cells_n{len(cells) - 1}"])
            for more in range(1, len(cells)):
                self.out.add(f"more_cells_n{more}", [quoted(cell.name)])
                self.out.add(f"more_cells_n{more}", [quoted(cell.name), '","', "SP", f"more_cells_n{more - 1}"])

    def _cell_list(self, cells: Sequence[Cell]) -> str:
        """Add the lists of these cells in any order, each once."""
        rule = "cell_list_" + "_".join(str(self.space.cells.index(cell)) for cell in cells)
        for cell in cells if rule not in self.out.rules else ():
            rest = [other for other in cells if other is not cell]
            name = quoted(cell.name)
            self.out.add(rule, [name, '","', "SP", self._cell_list(rest)] if rest else [name])
        return rule

    def _nested(self) -> int:
        """How many rules a block inside a rule may hold, so that no rule comes to more than `MAX_PARTS` parts."""
        cells = len(self.space.cells)
        each = int((MAX_PARTS / cells) ** (1 / max(1, self.depth))) // cells
        return max(1, min(self.statements, each - 1))

    def _rules(self, suffix: str, every: int, depth: int, masks: list[int], nested: int) -> None:
        """Add the rules of a depth from those below it, and the blocks of such rules."""
        for mask in masks if depth else ():
            for words in self._compound(suffix, depth, mask, masks, nested):
                self.out.add(f"compound_{suffix}_d{depth}_w{mask}", words)
        for mask in masks:
            rule = f"rule_{suffix}_d{depth}_w{mask}"
            self.out.add(rule, [f"simple_{suffix}_w{mask}"])
            self.out.add(rule, [f"compound_{suffix}_d{depth}_w{mask}"])
            if mask == every:
                self.out.add(rule, [f"in_rule_d{depth}"])
        self._block(f"rules_{suffix}_d{depth}", [f"rule_{suffix}_d{depth}_w{mask}" for mask in masks], nested)
        for length in range(1, nested + 1):
            for mask in masks:
                rule, title = f"rule_{suffix}_d{depth}_w{mask}", f"parts_{suffix}_d{depth}_n{length}_w"
                self.out.add(f"{title}{mask}", [rule, "NL", quoted("}")])
                for other in masks if length > 1 else ():
                    if mask & other:
                        rest = f"parts_{suffix}_d{depth}_n{length - 1}_w{other}"
                        self.out.add(f"{title}{mask & other}", [rule, "NL", rest])

    def _compound(self, suffix: str, depth: int, mask: int, masks: list[int], nested: int) -> Iterator[list[str]]:
        """The ways to write `if` and `one of` over rules of the depth below that have just these cells together."""
        *_, if_rule, one_of = self.source.named("simple_rule", _RULES)
        inner = f"rule_{suffix}_d{depth - 1}_w"
        for one, other in product(masks, masks):
            if one & other == mask:
                filling = {"rule#1": f"{inner}{one}", "rule#2": f"{inner}{other}"}
                yield from self.source.phrases(if_rule, filling)
        parts = f"parts_{suffix}_d{depth - 1}_n{nested}_w{mask}"
        yield from self.source.phrases(one_of, {"rule*": closed(parts)})

    def _statements(self, suffix: str, depth: int, masks: list[int]) -> None:
        """Add the statements of a depth, preferences among them, and the blocks of them."""
        statement = f"statement_{suffix}_d{depth}"
        for mask in masks:
            self.out.add(statement, [f"simple_{suffix}_w{mask}"])
            self.out.add(statement, [f"compound_{suffix}_d{depth}_w{mask}"])
        self.out.add(statement, [f"prefer_{suffix}"])
        self.out.add(statement, [f"in_statement_d{depth}"])
        self._block(f"statements_{suffix}_d{depth}", [statement], self.statements)

    def _block(self, title: str, ways: Sequence[str], most: int) -> None:
        """Add lists of up to `most` statements, one a line, with the `}` that ends them."""
        for length in range(1, most + 1):
            for way in ways:
                self.out.add(f"{title}_n{length}", [way, "NL", quoted("}")])
                if length > 1:
                    self.out.add(f"{title}_n{length}", [way, "NL", f"{title}_n{length - 1}"])

    def _in_blocks(self, production: GrammarProduction, title: str, depth: int, most: int) -> Iterator[list[str]]:
        """The ways to write an `in` block of statements, or rules, of a depth."""
        for number in self._contexts.values():
            block = f"{title}s_c{number}_d{depth}_n{most}"
            filling: Filling = {"names": f"cells_c{number}", f"{title}*": closed(block)}
            yield from self.source.phrases(production, filling)


def _closed(masks: set[int]) -> list[int]:
    """All sets of cells that some of these have together."""
    found = set(masks)
    while more := {one & other for one in found for other in found} - found - {0}:
        found |= more
    return sorted(found)
