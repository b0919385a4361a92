"""Productions of space.lark to tree nodes."""

from __future__ import annotations

from typing import Any, Literal

from lapt_dsl.language import tree as t
from lapt_dsl.language.parsing.builder import Builder

Values = list[Any]


class SpaceBuilder(Builder):
    """Builds the tree of a `.space` file; the methods are the productions of the grammar."""

    # --- the file and its items ---

    def _start(self, values: Values, first: int, last: int) -> t.SpaceFile:
        name, *items = values
        description = items.pop(0) if items and isinstance(items[0], str) else None
        comments = self.block(f"space `{name.text}`", first, last, items)
        below = self.trivia.rest()
        if below:
            comments = t.Comments(comments.above, comments.beside, comments.inside_end, comments.after_end, below)
        return t.SpaceFile(name, description, tuple(items), span=self.span(first, last), comments=comments)

    def _operator(self, values: Values, first: int, last: int) -> t.OperatorItem:
        name, call, *traits = values
        comments = self.trivia.statement(first, last)
        names = tuple(traits[0]) if traits else ()
        return t.OperatorItem(name, call, names, span=self.span(first, last), comments=comments)

    def _candidates(self, values: Values, first: int, last: int) -> t.CandidatesItem:
        comments = self.trivia.statement(first, last)
        return t.CandidatesItem(values[0], tuple(values[1]), span=self.span(first, last), comments=comments)

    def _cell(self, values: Values, first: int, last: int) -> t.CellItem:
        name, *items = values
        comments = self.block(f"cell `{name.text}`", first, last, items)
        return t.CellItem(name, tuple(items), span=self.span(first, last), comments=comments)

    def _network(self, values: Values, first: int, last: int) -> t.NetworkItem:
        parts = list(values)
        name = parts.pop(0) if parts and isinstance(parts[0], t.Name) else None
        comments = self.block("the network", first, last, parts)
        return t.NetworkItem(name, tuple(parts), span=self.span(first, last), comments=comments)

    def _notation(self, values: Values, first: int, last: int) -> t.NotationItem:
        codes = tuple(values[1]) if len(values) > 1 else ()
        comments = self.trivia.statement(first, last)
        return t.NotationItem(tuple(values[0]), codes, span=self.span(first, last), comments=comments)

    def _templates(self, values: Values, *_: int) -> Values:
        return values

    def _codes(self, values: Values, *_: int) -> Values:
        return values

    def _code(self, values: Values, *_: int) -> tuple[t.Name, str]:
        return values[0], values[1]

    # --- cells ---

    def _inputs(self, values: Values, first: int, last: int) -> t.InputsItem:
        preprocess = values[1] if len(values) > 1 else None
        comments = self.trivia.statement(first, last)
        return t.InputsItem(tuple(values[0]), preprocess, span=self.span(first, last), comments=comments)

    def _node_sum(self, values: Values, first: int, last: int) -> t.NodeItem:
        kind, name, layers = values[:3]
        comments = self.trivia.statement(first, last)
        return t.NodeItem(
            kind,
            name,
            tuple(layers),
            distinct_sources=len(values) > 3,
            span=self.span(first, last),
            comments=comments,
        )

    def _node_concat(self, values: Values, first: int, last: int) -> t.NodeItem:
        kind, name, parts = values
        comments = self.trivia.statement(first, last)
        return t.NodeItem(kind, name, (), tuple(parts), span=self.span(first, last), comments=comments)

    def _kind(self, _: Values, first: int, *__: int) -> str:
        return self.word(first)

    def _sum(self, values: Values, *_: int) -> Values:
        return values

    def _distinct(self, *_: object) -> bool:
        return True

    def _layer_once(self, values: Values, first: int, last: int) -> t.LayerTerm:
        return t.LayerTerm(values[0], values[1], span=self.span(first, last))

    def _layer_repeated(self, values: Values, first: int, last: int) -> t.LayerTerm:
        repeat, index, wiring = values
        return t.LayerTerm(index, wiring, repeat, span=self.span(first, last))

    def _read_fixed(self, values: Values, first: int, last: int) -> t.Wiring:
        return t.Wiring("fixed", (values[0],), span=self.span(first, last))

    def _read_one(self, values: Values, first: int, last: int) -> t.Wiring:
        return self._read("one", values, first, last)

    def _read_any(self, values: Values, first: int, last: int) -> t.Wiring:
        return self._read("any", values, first, last)

    def _read_some(self, values: Values, first: int, last: int) -> t.Wiring:
        return self._read("some", values, first, last)

    def _read(self, kind: Literal["one", "any", "some"], values: Values, first: int, last: int) -> t.Wiring:
        return t.Wiring(kind, tuple(values[0]), span=self.span(first, last))

    def _choose_all(self, values: Values, first: int, last: int) -> t.ChooseItem:
        return self._choose(None, None, values[0], first, last)

    def _choose_ranges(self, values: Values, first: int, last: int) -> t.ChooseItem:
        return self._choose(values[0], None, values[1], first, last)

    def _choose_name(self, values: Values, first: int, last: int) -> t.ChooseItem:
        return self._choose(None, values[0], values[1], first, last)

    def _choose(
        self, ranges: t.Ranges | None, name: t.Name | None, options: Values, first: int, last: int
    ) -> t.ChooseItem:
        operators = tuple(option for option in options if isinstance(option, t.Name))
        numbers = tuple(option for option in options if isinstance(option, int))
        comments = self.trivia.statement(first, last)
        return t.ChooseItem(ranges, name, operators, numbers, span=self.span(first, last), comments=comments)

    def _integers(self, values: Values, *_: int) -> Values:
        return values

    def _source_budget(self, values: Values, first: int, last: int) -> t.SourceBudget:
        return t.SourceBudget(values[0], span=self.span(first, last), comments=self.trivia.statement(first, last))

    # --- networks and calls ---

    def _image(self, values: Values, first: int, last: int) -> t.NetworkLine:
        name = t.Name("image", span=self.span(first, first))
        call = t.Call(name, tuple(values[0]), span=self.span(first, last - 1))
        return self._part("image", call, 1, first, last)

    def _stem(self, values: Values, first: int, last: int) -> t.NetworkLine:
        return self._part("stem", values[0], 1, first, last)

    def _head(self, values: Values, first: int, last: int) -> t.NetworkLine:
        return self._part("head", values[0], 1, first, last)

    def _body(self, values: Values, first: int, last: int) -> t.NetworkLine:
        rest = list(values)
        repeat = rest.pop(0) if isinstance(rest[0], int) else 1
        name = rest.pop(0)
        # The call begins at its name, which stands after `5 x`.
        begin = first + 2 if len(values) > len(rest) + 1 else first
        call = t.Call(name, tuple(rest[0]) if rest else (), span=self.span(begin, last - 1))
        return self._part("body", call, repeat, first, last)

    def _part(
        self, kind: Literal["image", "stem", "body", "head"], call: t.Call, repeat: int, first: int, last: int
    ) -> t.NetworkLine:
        comments = self.trivia.statement(first, last)
        return t.NetworkLine(kind, call, repeat, span=self.span(first, last), comments=comments)

    def _call(self, values: Values, first: int, last: int) -> t.Call:
        return t.Call(values[0], tuple(values[1]), span=self.span(first, last))

    def _arguments(self, values: Values, *_: int) -> Values:
        return values

    def _positional(self, values: Values, first: int, last: int) -> t.Argument:
        return t.Argument(None, values[0], span=self.span(first, last))

    def _keyword(self, values: Values, first: int, last: int) -> t.Argument:
        return t.Argument(values[0].text, values[1], span=self.span(first, last))
