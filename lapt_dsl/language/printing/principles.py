"""The canonical text of principle files: each node in the spelling of its form."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, get_args

from lapt_dsl.language import tree as t
from lapt_dsl.language.forms.principles import form_of
from lapt_dsl.language.forms.spelling import SpellingField, SpellingOption, SpellingPart, SpellingWord, spelling_parts
from lapt_dsl.language.printing.layout import Layout, listed, quote, ranges

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Value: TypeAlias = str | int | t.Node | tuple[t.Node, ...] | None
"""What a field of a node may hold."""

_STATEMENTS = get_args(t.Statement)


def print_principles(file: t.PrincipleFile) -> str:
    """The text of a `.lp` file."""
    out = Layout()
    out.above(file.comments.above)
    space = file.space.text if file.space else "any"
    out.words(["principles", file.name.text, "for", f"{space};"], file.comments.beside)
    for item in file.items:
        _item(out, item)
    out.above(file.comments.inside_end)
    return out.text()


def _item(out: Layout, item: t.Extends | t.Drop | t.Principle) -> None:
    out.above(item.comments.above, blank=isinstance(item, t.Principle))
    if isinstance(item, t.Principle):
        _principle(out, item)
    else:
        out.words(words_of(item), item.comments.beside)


def _principle(out: Layout, item: t.Principle) -> None:
    head = f"principle {item.name.text}"
    if item.description is None and item.evidence is None:
        out.line(f"{head} {{")
    else:
        # A sentence and evidence are on lines of their own.
        out.line(head)
        if item.description is not None:
            out.line(f"  {quote(item.description)}")
        if item.evidence is not None:
            out.line(f"  {' '.join(words_of(item.evidence))}")
        out.line("{")
    _block(out, item.statements, item.comments)


def _block(out: Layout, statements: Iterable[t.Statement], comments: t.Comments) -> None:
    out.open(comments)
    for statement in statements:
        _statement(out, statement)
    out.close(comments)


def _statement(out: Layout, node: t.Statement, before: Sequence[str] = ()) -> None:
    """Print a statement; `before` are the words in front of it, such as `if` or `then`."""
    out.above(node.comments.above)
    parts = _parts(node)
    if form_of(node).block:
        opening = next(index for index, part in enumerate(parts) if part == SpellingWord("{", False))
        out.words([*before, *_filled(parts[: opening + 1], node)])
        block = next(part for part in parts[opening:] if isinstance(part, SpellingField))
        _block(out, getattr(node, block.name), node.comments)
        return
    held = [value for part in parts if isinstance(value := _field(part, node), _STATEMENTS)]
    if held and not _fits_a_line(node, held):
        _part_by_part(out, node, before)
    else:
        last = held[-1] if held else node
        out.words([*before, *_filled(parts, node)], last.comments.beside)


def _fits_a_line(node: t.Statement, held: Sequence[t.Statement]) -> bool:
    """Whether the statements that a statement holds are without blocks and without comments between them."""
    simple = not any(form_of(rule).block or _holds_statements(rule) for rule in held)
    return simple and not (node.comments.beside or any(rule.comments.beside for rule in held[:-1]))


def _holds_statements(node: t.Statement) -> bool:
    return any(isinstance(_field(part, node), _STATEMENTS) for part in _parts(node))


def _part_by_part(out: Layout, node: t.Statement, before: Sequence[str]) -> None:
    """Print each statement that a statement holds by itself, with the words in front of it."""
    words = list(before)
    for part in _parts(node):
        value = _field(part, node)
        if isinstance(value, _STATEMENTS):
            _statement(out, value, words)
            words = []
        else:
            words += _filled((part,), node)
    out.beside(node.comments.beside)


def words_of(node: t.Node) -> list[str]:
    """The words of a node on one line, without its comments; a sign is part of the word before it.

    >>> words_of(t.Agree(distinct=True))
    ['distinct', 'operators']
    """
    return _filled(_parts(node), node)


def statement_text(node: t.Statement) -> str:
    """A statement on one line, without its comments: for messages and tables."""
    return " ".join(words_of(node))


def _parts(node: t.Node) -> tuple[SpellingPart, ...]:
    form = form_of(node)
    if form.plural:
        several = next(part.name for part in spelling_parts(form.spelling) if isinstance(part, SpellingField))
        if not _is_single(getattr(node, several)):
            return spelling_parts(form.plural)
    return spelling_parts(form.spelling)


def _is_single(value: Value) -> bool:
    if isinstance(value, t.Ranges):
        return len(value.items) == 1 and value.items[0][0] == value.items[0][1]
    return not isinstance(value, tuple) or len(value) == 1


def _filled(parts: Iterable[SpellingPart], node: t.Node) -> list[str]:
    words: list[str] = []
    for part in parts:
        if isinstance(part, SpellingOption):
            if any(_field(each, node) for each in part.parts):
                words += _filled(part.parts, node)
            continue
        new = [part.text] if isinstance(part, SpellingWord) else _value(getattr(node, part.name), part.how)
        if part.glued and words and new:
            words[-1] += new.pop(0)
        words += new
    return words


def _field(part: SpellingPart, node: t.Node) -> Value:
    """The value of a part that is a field, else None."""
    value: Value = getattr(node, part.name) if isinstance(part, SpellingField) else None
    return value


def _value(value: Value, how: str) -> list[str]:
    match value:
        case None:
            return []
        case str():
            return [quote(value)] if how == "quoted" else value.split()
        case int():
            return [str(value)]
        case t.Name() | t.Number():
            return [value.text]
        case t.Ranges():
            return ranges(value.items)
        case tuple():
            return _list(value, how)
        case t.Node():
            return words_of(value)


def _list(nodes: tuple[t.Node, ...], joined_by: str) -> list[str]:
    if all(isinstance(node, _STATEMENTS) for node in nodes):
        return [word for node in nodes for word in words_of(node)]
    texts = [_value(node, "") for node in nodes]
    if not joined_by:
        return listed([" ".join(words) for words in texts])
    return [*texts[0], *(word for words in texts[1:] for word in (joined_by, *words))]
