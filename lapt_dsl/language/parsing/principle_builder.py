"""Productions of principles.lark to tree nodes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache, partial
from typing import Any, NamedTuple, get_args

from lapt_dsl.language import tree as t
from lapt_dsl.language.forms.form import Form
from lapt_dsl.language.forms.principles import FORM_BY_KEY
from lapt_dsl.language.forms.spelling import spelling_fields
from lapt_dsl.language.parsing.builder import Builder

Values = list[Any]

_STATEMENTS = (*get_args(t.Statement), t.Extends, t.Drop)
"""The nodes that comments belong to."""


class _Plan(NamedTuple):
    """How the node of a form is made; `fields` are filled by the values in order unless the form has a `build`."""

    form: Form
    node: Callable[..., Any]
    fields: tuple[str, ...]
    comments: bool


@cache
def _plan(production: str) -> _Plan | None:
    form = FORM_BY_KEY.get(production)
    if form is None or form.node is None:
        return None
    return _Plan(form, form.node, spelling_fields(form.spelling), form.node in _STATEMENTS)


class PrincipleBuilder(Builder):
    """Builds the tree of a `.lp` file.

    A production that has a record among the forms is built from it; the methods build the productions of the file
    itself, and the helper rules of the grammar.
    """

    def method(self, production: str) -> Callable[[Values, int, int], Any] | None:
        """The method for a production, or None where its only part is its value."""
        own = super().method(production)
        if own is not None:
            return own
        plan = _plan(production)
        return partial(self._form, plan) if plan is not None else None

    def _form(self, plan: _Plan, values: Values, first: int, last: int) -> t.Node:
        form = plan.form
        if form.build is not None:
            fields = form.build(values)
        else:
            values = [tuple(value) if isinstance(value, list) else value for value in values]
            fields = dict(zip(plan.fields, values, strict=False))
        node: Callable[..., t.Node] = plan.node
        if not plan.comments:
            return node(**form.fixed, **fields, span=self.span(first, last))
        if form.block:
            content = fields[plan.fields[-1]]
            assert isinstance(content, tuple)
            comments = self.block(form.block, first, last, list(content))
        else:
            comments = self.trivia.statement(first, last)
            fields, comments = _comments_above(fields, comments)
        return node(**form.fixed, **fields, span=self.span(first, last), comments=comments)

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

    def _principle(self, values: Values, first: int, last: int) -> t.Principle:
        name, *rest = values
        description = rest.pop(0) if rest and isinstance(rest[0], str) else None
        evidence = rest.pop(0) if rest and isinstance(rest[0], t.Evidence) else None
        comments = self.block(f"principle `{name.text}`", first, last, rest)
        return t.Principle(name, description, evidence, tuple(rest), span=self.span(first, last), comments=comments)

    # --- helper rules ---

    def _quantifier(self, _: Values, first: int, *__: int) -> str:
        return self.word(first)

    def _ends(self, values: Values, *_: int) -> tuple[t.PlaceRef, t.PlaceRef]:
        return values[0], values[1]

    def _metric(self, _: Values, first: int, last: int) -> str:
        return " ".join(self.word(token) for token in range(first, last + 1))

    def _comparison(self, _: Values, first: int, *__: int) -> str:
        return self.word(first)

    def _number(self, _: Values, first: int, last: int) -> t.Number:
        return t.Number(self.word(first), span=self.span(first, last))

    def _position(self, _: Values, first: int, *__: int) -> str:
        return self.word(first)

    def _atoms(self, values: Values, *_: int) -> Values:
        return values

    def _places(self, values: Values, *_: int) -> Values:
        return values


def _comments_above(fields: Mapping[str, object], comments: t.Comments) -> tuple[Mapping[str, object], t.Comments]:
    """Move the comments above the rules that a statement holds above the statement, which is printed on one line."""
    held = {name: rule for name, rule in fields.items() if isinstance(rule, _STATEMENTS) and rule.comments.above}
    if not held:
        return fields, comments
    lines = [line for rule in held.values() for line in rule.comments.above if line]
    bare = {name: replace(rule, comments=replace(rule.comments, above=())) for name, rule in held.items()}
    return {**fields, **bare}, replace(comments, above=(*comments.above, *lines))
