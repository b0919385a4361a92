"""The canonical text of principle files."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from lapt_dsl.language import tree as t
from lapt_dsl.language.printing.layout import Layout, ended, listed, quote, ranges

if TYPE_CHECKING:
    from collections.abc import Iterable


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
    match item:
        case t.Extends():
            out.words(["extends", f"{quote(item.path)};"], item.comments.beside)
        case t.Drop():
            out.words(["drop", f"{item.name.text};"], item.comments.beside)
        case t.Principle():
            _principle(out, item)


def _principle(out: Layout, item: t.Principle) -> None:
    head = f"principle {item.name.text}"
    if item.description is None and item.evidence is None:
        out.line(f"{head} {{")
    else:
        out.line(head)
        if item.description is not None:
            out.line(f"  {quote(item.description)}")
        if item.evidence is not None:
            out.line(f"  evidence {item.evidence.count} of {item.evidence.total}")
        out.line("{")
    _block(out, item.statements, item.comments)


def _block(out: Layout, statements: Iterable[t.Statement], comments: t.Comments) -> None:
    out.open(comments)
    for statement in statements:
        _statement(out, statement)
    out.close(comments)


def _statement(out: Layout, node: t.Statement, before: tuple[str, ...] = ()) -> None:
    """Print a statement; `before` are the words `if` or `then` in front of it."""
    out.above(node.comments.above)
    match node:
        case t.InCells():
            names = listed([name.text for name in node.cells])
            out.words([*before, "in", *names, "{"])
            _block(out, node.statements, node.comments)
        case t.OneOf():
            out.words([*before, "one", "of", "{"])
            _block(out, node.rules, node.comments)
        case t.IfRule():
            _if(out, node, before)
        case _:
            out.words([*before, *_simple(node)], node.comments.beside)


def _if(out: Layout, node: t.IfRule, before: tuple[str, ...]) -> None:
    condition, consequence = node.condition, node.consequence
    blocks = (t.InCells, t.OneOf, t.IfRule)
    bare = not (node.comments.beside or condition.comments.beside)
    if bare and not isinstance(condition, blocks) and not isinstance(consequence, blocks):
        words = [*before, "if", *_simple(condition), "then", *_simple(consequence)]
        out.words(words, consequence.comments.beside)
        return
    _statement(out, condition, (*before, "if"))
    _statement(out, consequence, ("then",))
    out.beside(node.comments.beside)


def _simple(node: t.Statement) -> list[str]:
    """The words of a statement without a block."""
    match node:
        case t.LayerRule():
            return ended([*ended(_selector(node.selector), ":"), *_predicate(node.predicate)])
        case t.Prefer():
            words = [*ended(_selector(node.selector), ":"), "prefer", *_operators(node.operators)]
            if node.over is not None:
                words += ["over", *_operators(node.over)]
            if node.weight is not None:
                words += ["by", node.weight.text]
            return ended(words)
        case t.PathRule():
            return ended(_path(node))
        case t.NetworkRule():
            return ["network:", *node.metric.split(), node.comparison, f"{node.limit.text};"]
        case t.IfRule() | t.InCells() | t.OneOf():
            raise AssertionError("a statement with a block is printed line by line")
        case _:
            assert_never(node)


def _path(node: t.PathRule) -> list[str]:
    words = [node.quantifier, "path"]
    if node.start is not None and node.end is not None:
        words += ["from", *_place(node.start), "to", *_place(node.end)]
    words = ended(words, ":")
    for index, predicate in enumerate(node.predicates):
        words += ["and", *_predicate(predicate)] if index else _predicate(predicate)
    return words


def _selector(node: t.Selector) -> list[str]:
    match node.kind:
        case "all":
            return ["layers"]
        case "position":
            return [str(node.position), "layers"]
        case "layers" | "stages":
            items = node.ranges.items if node.ranges else ()
            word = node.kind[:-1] if len(items) == 1 and items[0][0] == items[0][1] else node.kind
            return [word, *ranges(items)]
        case "named":
            return ["layer" if len(node.names) == 1 else "layers", *listed([name.text for name in node.names])]
        case "into" | "from":
            return ["layers", node.kind, *(_place(node.place) if node.place else [])]
        case "each_stage":
            return ["each", "stage"]


def _predicate(node: t.Predicate) -> list[str]:
    match node:
        case t.Only():
            return ["never" if node.negated else "only", *_operators(node.operators)]
        case t.Count():
            return [*node.bound.split(), str(node.count), *_operators(node.operators)]
        case t.Agree():
            return ["distinct", "operators"] if node.distinct else ["same", "operator"]
        case t.Reads():
            before = {"some": ["reads"], "only": ["reads", "only"], "never": ["never", "reads"]}[node.quantifier]
            return [*before, *listed([" ".join(_place(place)) for place in node.places])]


def _operators(node: t.Operators) -> list[str]:
    words = listed([_atom(atom) for atom in node.include])
    if node.exclude:
        words += ["except", *listed([_atom(atom) for atom in node.exclude])]
    return words


def _atom(node: t.OperatorAtom) -> str:
    match node.kind:
        case "name":
            return str(node.name)
        case "any":
            return "any"
        case "number":
            return str(node.low)
        case "range":
            return f"{node.low}..{node.high}"


def _place(node: t.PlaceRef) -> list[str]:
    match node.kind:
        case "name":
            return [str(node.name)]
        case "input" | "stage":
            return [node.kind, str(node.index)]
        case "previous":
            return ["previous", "stage"]
        case "output":
            return ["output"]


def statement_text(node: t.Statement) -> str:
    """A statement on one line, without its comments: for messages and tables."""
    match node:
        case t.InCells():
            inside = " ".join(statement_text(statement) for statement in node.statements)
            return f"in {', '.join(name.text for name in node.cells)} {{ {inside} }}"
        case t.OneOf():
            return f"one of {{ {' '.join(statement_text(rule) for rule in node.rules)} }}"
        case t.IfRule():
            return f"if {statement_text(node.condition)} then {statement_text(node.consequence)}"
        case _:
            return " ".join(_simple(node))
