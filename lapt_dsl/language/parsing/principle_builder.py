"""Productions of principles.lark to tree nodes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

from lapt_dsl.language import tree as t
from lapt_dsl.language.parsing.builder import Builder

Values = list[Any]


class PrincipleBuilder(Builder):
    """Builds the tree of a `.lp` file; the methods are the productions of the grammar."""

    # --- the file ---

    def _start(self, values: Values, first: int, last: int) -> t.PrincipleFile:
        header, *items = values
        name, space, comments = header
        below = self.trivia.rest()
        if below:
            comments = t.Comments(comments.above, comments.beside, below)
        return t.PrincipleFile(name, space, tuple(items), span=self.span(first, last), comments=comments)

    def _header_for(self, values: Values, first: int, last: int) -> tuple[t.Name, t.Name | None, t.Comments]:
        return values[0], values[1], self.trivia.statement(first, last)

    def _header_any(self, values: Values, first: int, last: int) -> tuple[t.Name, t.Name | None, t.Comments]:
        return values[0], None, self.trivia.statement(first, last)

    def _extends(self, values: Values, first: int, last: int) -> t.Extends:
        return t.Extends(values[0], span=self.span(first, last), comments=self.trivia.statement(first, last))

    def _drop(self, values: Values, first: int, last: int) -> t.Drop:
        return t.Drop(values[0], span=self.span(first, last), comments=self.trivia.statement(first, last))

    def _principle(self, values: Values, first: int, last: int) -> t.Principle:
        name, *rest = values
        description = rest.pop(0) if rest and isinstance(rest[0], str) else None
        evidence = rest.pop(0) if rest and isinstance(rest[0], t.Evidence) else None
        comments = self.block(f"principle `{name.text}`", first, last, rest)
        return t.Principle(name, description, evidence, tuple(rest), span=self.span(first, last), comments=comments)

    def _evidence(self, values: Values, first: int, last: int) -> t.Evidence:
        return t.Evidence(values[0], values[1], span=self.span(first, last))

    # --- statements ---

    def _in_cells(self, values: Values, first: int, last: int) -> t.InCells:
        cells, *statements = values
        comments = self.block("the `in` block", first, last, statements)
        return t.InCells(tuple(cells), tuple(statements), span=self.span(first, last), comments=comments)

    def _if_rule(self, values: Values, first: int, last: int) -> t.IfRule:
        condition, consequence = values
        comments = self.trivia.statement(first, last)
        inner = [line for rule in values for line in rule.comments.above if line]
        if inner or condition.comments.above or consequence.comments.above:
            # Comments stand above the whole rule: it is printed on one line where it can be.
            condition, consequence = _without_above(condition), _without_above(consequence)
            comments = replace(comments, above=(*comments.above, *inner))
        return t.IfRule(condition, consequence, span=self.span(first, last), comments=comments)

    def _one_of(self, values: Values, first: int, last: int) -> t.OneOf:
        comments = self.block("the `one of` block", first, last, values)
        return t.OneOf(tuple(values), span=self.span(first, last), comments=comments)

    def _layer_rule(self, values: Values, first: int, last: int) -> t.LayerRule:
        comments = self.trivia.statement(first, last)
        return t.LayerRule(values[0], values[1], span=self.span(first, last), comments=comments)

    def _prefer(self, values: Values, first: int, last: int) -> t.Prefer:
        selector, operators, *rest = values
        over = rest.pop(0) if rest and isinstance(rest[0], t.Operators) else None
        weight = rest.pop(0) if rest else None
        comments = self.trivia.statement(first, last)
        return t.Prefer(selector, operators, over, weight, span=self.span(first, last), comments=comments)

    def _path_rule(self, values: Values, first: int, last: int) -> t.PathRule:
        quantifier, *rest = values
        start, end = rest.pop(0) if isinstance(rest[0], tuple) else (None, None)
        comments = self.trivia.statement(first, last)
        return t.PathRule(quantifier, tuple(rest), start, end, span=self.span(first, last), comments=comments)

    def _quantifier(self, _: Values, first: int, *__: int) -> str:
        return self.word(first)

    def _ends(self, values: Values, *_: int) -> tuple[t.PlaceRef, t.PlaceRef]:
        return values[0], values[1]

    def _network_rule(self, values: Values, first: int, last: int) -> t.NetworkRule:
        metric, comparison, limit = values
        comments = self.trivia.statement(first, last)
        return t.NetworkRule(metric, comparison, limit, span=self.span(first, last), comments=comments)

    def _metric(self, _: Values, first: int, last: int) -> str:
        return self.word(first) if first == last else "live layers"

    def _comparison(self, _: Values, first: int, *__: int) -> str:
        return self.word(first)

    def _number(self, _: Values, first: int, last: int) -> t.Number:
        return t.Number(self.word(first), span=self.span(first, last))

    # --- selectors ---

    def _select_all(self, _: Values, first: int, last: int) -> t.Selector:
        return t.Selector("all", span=self.span(first, last))

    def _select_position(self, values: Values, first: int, last: int) -> t.Selector:
        return t.Selector("position", position=values[0], span=self.span(first, last))

    def _position(self, _: Values, first: int, *__: int) -> str:
        return self.word(first)

    def _select_layers(self, values: Values, first: int, last: int) -> t.Selector:
        return t.Selector("layers", ranges=values[0], span=self.span(first, last))

    def _select_named(self, values: Values, first: int, last: int) -> t.Selector:
        names = (values[0],) if isinstance(values[0], t.Name) else tuple(values[0])
        return t.Selector("named", names=names, span=self.span(first, last))

    def _select_into(self, values: Values, first: int, last: int) -> t.Selector:
        return t.Selector("into", place=values[0], span=self.span(first, last))

    def _select_from(self, values: Values, first: int, last: int) -> t.Selector:
        return t.Selector("from", place=values[0], span=self.span(first, last))

    def _select_each_stage(self, _: Values, first: int, last: int) -> t.Selector:
        return t.Selector("each_stage", span=self.span(first, last))

    def _select_stages(self, values: Values, first: int, last: int) -> t.Selector:
        return t.Selector("stages", ranges=values[0], span=self.span(first, last))

    # --- predicates ---

    def _only(self, values: Values, first: int, last: int) -> t.Only:
        return t.Only(values[0], span=self.span(first, last))

    def _never(self, values: Values, first: int, last: int) -> t.Only:
        return t.Only(values[0], negated=True, span=self.span(first, last))

    def _at_least(self, values: Values, first: int, last: int) -> t.Count:
        return t.Count("at least", values[0], values[1], span=self.span(first, last))

    def _at_most(self, values: Values, first: int, last: int) -> t.Count:
        return t.Count("at most", values[0], values[1], span=self.span(first, last))

    def _exactly(self, values: Values, first: int, last: int) -> t.Count:
        return t.Count("exactly", values[0], values[1], span=self.span(first, last))

    def _same(self, _: Values, first: int, last: int) -> t.Agree:
        return t.Agree(span=self.span(first, last))

    def _distinct(self, _: Values, first: int, last: int) -> t.Agree:
        return t.Agree(distinct=True, span=self.span(first, last))

    def _reads_some(self, values: Values, first: int, last: int) -> t.Reads:
        return self._reads("some", values, first, last)

    def _reads_only(self, values: Values, first: int, last: int) -> t.Reads:
        return self._reads("only", values, first, last)

    def _reads_never(self, values: Values, first: int, last: int) -> t.Reads:
        return self._reads("never", values, first, last)

    def _reads(self, quantifier: Literal["some", "only", "never"], values: Values, first: int, last: int) -> t.Reads:
        return t.Reads(quantifier, tuple(values[0]), span=self.span(first, last))

    # --- operators and places ---

    def _operators(self, values: Values, first: int, last: int) -> t.Operators:
        exclude = tuple(values[1]) if len(values) > 1 else ()
        return t.Operators(tuple(values[0]), exclude, span=self.span(first, last))

    def _atoms(self, values: Values, *_: int) -> Values:
        return values

    def _atom_name(self, _: Values, first: int, last: int) -> t.OperatorAtom:
        return t.OperatorAtom("name", name=self.word(first), span=self.span(first, last))

    def _atom_any(self, _: Values, first: int, last: int) -> t.OperatorAtom:
        return t.OperatorAtom("any", span=self.span(first, last))

    def _atom_number(self, values: Values, first: int, last: int) -> t.OperatorAtom:
        return t.OperatorAtom("number", low=values[0], high=values[0], span=self.span(first, last))

    def _atom_range(self, values: Values, first: int, last: int) -> t.OperatorAtom:
        return t.OperatorAtom("range", low=values[0], high=values[1], span=self.span(first, last))

    def _places(self, values: Values, *_: int) -> Values:
        return values

    def _place_input(self, values: Values, first: int, last: int) -> t.PlaceRef:
        return t.PlaceRef("input", index=values[0], span=self.span(first, last))

    def _place_stage(self, values: Values, first: int, last: int) -> t.PlaceRef:
        return t.PlaceRef("stage", index=values[0], span=self.span(first, last))

    def _place_previous(self, _: Values, first: int, last: int) -> t.PlaceRef:
        return t.PlaceRef("previous", span=self.span(first, last))

    def _place_output(self, _: Values, first: int, last: int) -> t.PlaceRef:
        return t.PlaceRef("output", span=self.span(first, last))

    def _place_name(self, _: Values, first: int, last: int) -> t.PlaceRef:
        return t.PlaceRef("name", name=self.word(first), span=self.span(first, last))


def _without_above(rule: t.Rule) -> t.Rule:
    return replace(rule, comments=replace(rule.comments, above=()))
