"""Checks that need names but no cell: operators, traits, cells, numbers, and what `for any` files may say.

Every diagnostic of a principle is made in one walk; what depends on the layers and nodes of a cell is found by `lower`.
"""

from __future__ import annotations

from collections.abc import Sequence

from lapt_dsl.compiler.lowering.operators import OperatorSets, atom_holds, atom_text, holds
from lapt_dsl.compiler.lowering.quantities import exact
from lapt_dsl.compiler.space.model import Cell, Layer, Space
from lapt_dsl.compiler.space.operator_names import operator_meant, operator_numbered
from lapt_dsl.diagnostics.diagnostic import Diagnostics
from lapt_dsl.diagnostics.span import Span
from lapt_dsl.diagnostics.spelling import fixed_name, joined_place, same_name
from lapt_dsl.diagnostics.suggestions import Suggestions, listed, shortened
from lapt_dsl.language.forms.principles import children, form_of
from lapt_dsl.language.forms.spelling import leading_words
from lapt_dsl.language.forms.vocabulary import MAX_ERRORS
from lapt_dsl.language.tree.principles import (
    InCells,
    NetworkRule,
    OperatorAtom,
    Operators,
    PlaceRef,
    Predicate,
    Prefer,
    Principle,
    Selector,
    Statement,
)

MAX_NESTING = 64
"""How deep rules may stand inside rules; far beyond what a person writes, well below what the stack carries."""

MAX_WEIGHT = 50
"""Largest |w| of `by w`: e^50 is already a factor of 5e21."""


class Resolver:
    """Walks principles and records what they name wrongly. Without a space only `for any` restrictions are checked."""

    def __init__(self, space: Space | None, diagnostics: Diagnostics, suggestions: Suggestions) -> None:
        self._space = space
        self._diagnostics = diagnostics
        self._suggestions = suggestions
        self._sets = OperatorSets(space) if space is not None else None
        self._general = False
        self._cells: Sequence[Cell] = space.cells if space is not None else ()

    def principle(self, principle: Principle, general: bool) -> bool:
        """Check one principle, of a `for any` file where `general`; whether nothing is wrong with it."""
        self._general = general
        before = len(self._diagnostics.items)
        for statement in principle.statements:
            self._statement(statement, depth=0, inside=None)
        return not any(item.severity == "error" for item in self._diagnostics.items[before:])

    def _statement(self, statement: Statement, depth: int, inside: str | None) -> None:
        if len(self._diagnostics.items) > MAX_ERRORS:
            return
        if depth > MAX_NESTING:
            hint = "split the rule into several"
            self._diagnostics.add("E219", f"rules are nested more than {MAX_NESTING} deep", statement.span, hint=hint)
            return
        if isinstance(statement, InCells):
            around = self._cells
            self._cells = self._named_cells(statement)
            for part in statement.statements:
                self._statement(part, depth + 1, inside)
            self._cells = around
            return
        if isinstance(statement, Prefer) and inside is not None:
            message = f"a preference cannot stand inside `{inside}`: it never removes, so it cannot be true or false"
            self._diagnostics.add("E210", message, statement.span, hint="move it out, as a statement of the principle")
        self._parts(statement, depth)
        if isinstance(statement, Prefer):
            self._weight(statement)
        elif isinstance(statement, NetworkRule):
            self._network(statement)

    def _parts(self, statement: Statement, depth: int) -> None:
        """Check what a statement names, in the order in which it is written, whatever its form is."""
        selector: Selector | None = None
        for part in children(statement):
            if isinstance(part, Selector):
                selector = part
                self._selector(part)
            elif isinstance(part, PlaceRef):
                self._place(part)
            elif isinstance(part, Operators):
                self._operators(part, selector)
            elif isinstance(part, Predicate):
                self._predicate(part, selector)
            elif isinstance(part, Statement):
                self._statement(part, depth + 1, leading_words(form_of(statement).spelling))

    def _weight(self, statement: Prefer) -> None:
        if statement.weight is not None:
            value = exact(statement.weight)
            if value is None or abs(value) > MAX_WEIGHT:
                message = f"`{shortened(statement.weight.text)}` is no usable weight"
                hint = f"write a number of at most {MAX_WEIGHT}; weights are powers of e, so 1 to 3 is strong"
                self._diagnostics.add("E213", message, statement.weight.span, hint=hint)

    def _network(self, rule: NetworkRule) -> None:
        if exact(rule.limit) is None:
            message = f"`{shortened(rule.limit.text)}` is no usable limit"
            self._diagnostics.add("E213", message, rule.limit.span, hint="write a number such as 500, 1.3M or 2G")
        if self._space is not None and not self._space.networks:
            message = f"space `{self._space.name}` has no network to measure {rule.metric} on"
            self._diagnostics.add("E224", message, rule.span, hint="give the space a `network { ... }` block")

    def _named_cells(self, statement: InCells) -> list[Cell]:
        for name in statement.cells:
            if self._general:
                hint = "leave `in` out: a rule then speaks of every cell"
                self._not_general(f"the cell `{shortened(name.text)}`", name.span, hint)
            elif self._space is not None and self._space.cell(name.text) is None:
                cells = [cell.name for cell in self._space.cells]
                meant = same_name(name.text, cells)
                if meant is not None:
                    self._diagnostics.items.append(fixed_name("E231", name.text, meant, name.span, "cell"))
                    continue
                hint = self._suggestions.hint(name.text, cells, "cells")
                message = f"space `{self._space.name}` has no cell `{shortened(name.text)}`"
                self._diagnostics.add("E202", message, name.span, hint=hint)
        named = {name.text for name in statement.cells}
        return [cell for cell in (self._space.cells if self._space is not None else ()) if cell.name in named]

    def _selector(self, selector: Selector) -> None:
        if selector.place is not None:
            self._place(selector.place)
        if not self._general:
            return
        if selector.kind == "layers":
            hint = "use `early layers`, `late layers`, `layers` or stages"
            self._not_general("layers by number", selector.span, hint)
        elif selector.kind == "named":
            for name in selector.names:
                hint = "write a file for the one space that has it"
                self._not_general(f"the number layer `{shortened(name.text)}`", name.span, hint)

    def _place(self, place: PlaceRef) -> None:
        if self._general and place.kind == "name":
            joined = joined_place(place.name or "")
            if joined is not None:
                meant = f"{joined[0]} {joined[1]}"
                self._diagnostics.items.append(fixed_name("E233", place.name or "", meant, place.span, "place"))
                return
            what = f"the node `{shortened(place.name or '')}`"
            self._not_general(what, place.span, "use `input 0`, `stage 1` or `output`")

    def _not_general(self, what: str, span: Span, hint: str) -> None:
        self._diagnostics.add("E209", f"a file `for any` space cannot name {what}", span, hint=hint)

    def _predicate(self, predicate: Predicate, selector: Selector | None) -> None:
        """Check a predicate on the layers of `selector`, or on those of paths where it is None."""
        parts = list(children(predicate))
        reads = any(isinstance(part, PlaceRef) for part in parts)
        if reads and selector is not None and selector.kind == "named":
            message = "a number layer reads no sources"
            self._diagnostics.add("E211", message, predicate.span, hint="`reads` is for layers that choose operators")
        for part in parts:
            if isinstance(part, PlaceRef):
                self._place(part)
            elif isinstance(part, Operators):
                self._operators(part, selector)

    def _operators(self, operators: Operators, selector: Selector | None) -> None:
        before = len(self._diagnostics.items)
        numbers = self._number_layers(selector)
        for atom in (*operators.include, *operators.exclude):
            if atom.kind == "any":
                continue
            if numbers is not None:
                self._number_atom(atom, numbers)
            elif atom.kind == "name":
                self._name(atom)
            elif not self._numbered(atom):
                message = f"`{atom_text(atom)}` is a number, and these layers choose operators"
                self._diagnostics.add(
                    "E208", message, atom.span, hint="name operators or traits; numbers go with `layer NAME:`"
                )
        if len(self._diagnostics.items) > before or self._sets is None:
            return
        if numbers is not None:
            empty = not any(holds(operators, n) for layer in numbers for n in _numbers(layer)) and bool(numbers)
        else:
            empty = not self._sets.names(operators)
        if empty:
            what = "number" if numbers is not None else "operator"
            message = f"the list stands for no {what}: everything in it is taken away by `except`"
            self._diagnostics.add("E206", message, operators.span, hint="leave `except` out, or name fewer there")

    def _numbered(self, atom: OperatorAtom) -> bool:
        """Whether a number in an operator list means one operator, which is reported with its name."""
        if self._space is None or self._general or atom.kind != "number":
            return False
        meant = operator_numbered(atom.low or 0, self._space)
        if meant is not None:
            self._diagnostics.items.append(fixed_name(meant[0], atom_text(atom), meant[1], atom.span, "operator"))
        return meant is not None

    def _number_layers(self, selector: Selector | None) -> list[Layer] | None:
        """The number layers a selector may stand for in any cell, or None where it selects operator layers."""
        if selector is None or selector.kind != "named":
            return None
        names = {name.text for name in selector.names}
        return [layer for cell in self._cells for layer in cell.number_layers if layer.key in names]

    def _number_atom(self, atom: OperatorAtom, layers: list[Layer]) -> None:
        if atom.kind == "name":
            message = f"`{shortened(atom.name or '')}` is a name, and these layers choose numbers"
            self._diagnostics.add("E208", message, atom.span, hint="write numbers or ranges, e.g. `only 16..32, 64`")
            return
        if atom.kind == "range" and (atom.low or 0) > (atom.high or 0):
            message = f"the range {atom_text(atom)} runs backwards and holds nothing"
            self._diagnostics.add("E214", message, atom.span, hint=f"write `{atom.high}..{atom.low}`")
            return
        known = sorted({number for layer in layers for number in _numbers(layer)})
        if layers and not any(atom_holds(atom, number) for number in known):
            message = f"`{shortened(atom_text(atom))}` is no candidate of these layers"
            self._diagnostics.add("E207", message, atom.span, hint=f"candidates: {listed(map(str, known))}")

    def _name(self, atom: OperatorAtom) -> None:
        name = atom.name or ""
        if self._space is None or name in self._space.traits:
            return
        operators = [operator.name for operator in self._space.operators]
        traits = sorted(self._space.traits)
        if self._general:
            if name in operators:
                self._not_general(f"the operator `{name}`", atom.span, f"use a trait: {listed(traits)}")
                return
            meant = same_name(name, (*traits, "any"))
            if meant is not None:
                self._diagnostics.items.append(fixed_name("E231", name, meant, atom.span, "trait"))
                return
            message = f"space `{self._space.name}` has no operator with the trait `{shortened(name)}`"
            self._diagnostics.add("E217", message, atom.span, hint=self._suggestions.hint(name, traits, "traits"))
        elif name not in operators:
            known = operator_meant(name, self._space)
            if known is not None:
                what = "operator" if known[1] in operators else "trait" if known[1] in traits else "word"
                self._diagnostics.items.append(fixed_name(known[0], name, known[1], atom.span, what))
                return
            message = f"space `{self._space.name}` has no operator or trait `{shortened(name)}`"
            hint = self._suggestions.hint(name, (*operators, *traits), "operators and traits")
            self._diagnostics.add("E201", message, atom.span, hint=hint)


def _numbers(layer: Layer) -> list[int]:
    return [choice.number for choice in layer.choices if choice.number is not None]
