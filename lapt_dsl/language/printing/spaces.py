"""The canonical text of space files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lapt_dsl.language import tree as t
from lapt_dsl.language.printing.layout import Layout, ended, listed, quote, ranges

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_PADDED = 40
"""Columns of operator items are aligned unless a neighbour would be wider than this."""


def print_space(file: t.SpaceFile) -> str:
    """The text of a `.space` file."""
    out = Layout()
    out.above(file.comments.above)
    description = [quote(file.description)] if file.description is not None else []
    out.words(["space", file.name.text, *description, "{"])
    out.open(file.comments)
    previous: t.Node | None = None
    for item, columns in zip(file.items, _columns(file.items), strict=True):
        # A blank line sets apart what has a block, and the first item of another kind.
        blank = isinstance(item, t.CellItem | t.NetworkItem) or (
            previous is not None and type(item) is not type(previous)
        )
        out.above(item.comments.above, blank=blank)
        _item(out, item, columns)
        previous = item
    out.close(file.comments)
    out.above(file.comments.below)
    return out.text()


def _columns(items: Sequence[t.Node]) -> list[tuple[int, int]]:
    """Per item the widths of name and implementation over its run of operator items without a comment in between."""
    widths: list[tuple[int, int]] = []
    run: list[t.OperatorItem] = []
    for item in [*items, None]:
        if run and (not isinstance(item, t.OperatorItem) or item.comments.above):
            names = [len(operator.name.text) for operator in run]
            calls = [len(_call(operator.implementation)) for operator in run]
            widths += [(_widest(names), _widest(calls))] * len(run)
            run = []
        if isinstance(item, t.OperatorItem):
            run.append(item)
        elif item is not None:
            widths.append((0, 0))
    return widths


def _widest(lengths: list[int]) -> int:
    return max((length for length in lengths if length <= MOST_PADDED), default=0)


def _item(out: Layout, item: t.Node, columns: tuple[int, int]) -> None:
    beside = item.comments.beside
    match item:
        case t.OperatorItem():
            name, call = item.name.text.ljust(columns[0]), _call(item.implementation)
            if not item.traits:
                out.words(["operator", name, "=", f"{call};"], beside)
                return
            traits = listed([trait.text for trait in item.traits])
            out.words(ended(["operator", name, "=", call.ljust(columns[1]), ":", *traits]), beside)
        case t.CandidatesItem():
            names = listed([name.text for name in item.operators])
            out.words(ended(["candidates", item.name.text, "=", *names]), beside)
        case t.CellItem():
            out.line(f"cell {item.name.text} {{")
            out.open(item.comments)
            for part in item.items:
                out.above(part.comments.above)
                out.words(_cell_item(part), part.comments.beside)
            out.close(item.comments)
        case t.NetworkItem():
            out.line(f"network {item.name.text} {{" if item.name else "network {")
            out.open(item.comments)
            for line in item.parts:
                out.above(line.comments.above)
                out.words(_part(line), line.comments.beside)
            out.close(item.comments)
        case t.NotationItem():
            _notation(out, item)


def _cell_item(item: t.InputsItem | t.NodeItem | t.ChooseItem | t.SourceBudget) -> list[str]:
    match item:
        case t.InputsItem():
            preprocess = ["preprocess", _call(item.preprocess)] if item.preprocess else []
            return ended(["input", *listed([name.text for name in item.names]), *preprocess])
        case t.NodeItem():
            return ended([item.kind, item.name.text, "=", *_combined(item)])
        case t.ChooseItem():
            options = [name.text for name in item.operators] or [str(number) for number in item.numbers]
            return ended([*_chosen(item), "choose", *listed(options)])
        case t.SourceBudget():
            return ["at", "most", str(item.limit), "sources;"]


def _combined(item: t.NodeItem) -> list[str]:
    if item.concat:
        names = listed([name.text for name in item.concat])
        return ended([f"concat({names[0]}", *names[1:]], ")")
    terms = [_term(term) if index == 0 else f"+ {_term(term)}" for index, term in enumerate(item.layers)]
    return [*ended(terms, ","), "distinct sources"] if item.distinct_sources else terms


def _term(term: t.LayerTerm) -> str:
    repeat = "" if term.repeat is None else f"{_value(term.repeat)} x "
    names = ", ".join(name.text for name in term.wiring.nodes)
    wiring = names if term.wiring.kind == "fixed" else f"{term.wiring.kind} of {{{names}}}"
    return f"{repeat}layer {term.index} ({wiring})"


def _chosen(item: t.ChooseItem) -> list[str]:
    if item.name is not None:
        return ["layer", item.name.text]
    if item.ranges is None:
        return ["layers"]
    words = ranges(item.ranges.items)
    return ["layer" if len(words) == 1 and words[0].isdigit() else "layers", *words]


def _part(part: t.NetworkLine) -> list[str]:
    call = _call(part.call)
    if part.kind == "image":
        return [f"image ({_arguments(part.call)});"]
    if part.kind != "body":
        return [part.kind, f"{call};"]
    # A cell is named alone; parentheses come with arguments.
    body = call if part.call.arguments else part.call.name.text
    return [f"{part.repeat} x {body};" if part.repeat != 1 else f"{body};"]


def _call(call: t.Call) -> str:
    return f"{call.name.text}({_arguments(call)})"


def _arguments(call: t.Call) -> str:
    return ", ".join(
        _value(argument.value) if argument.key is None else f"{argument.key}={_value(argument.value)}"
        for argument in call.arguments
    )


def _value(value: int | str | t.Name) -> str:
    if isinstance(value, t.Name):
        return value.text
    return quote(value) if isinstance(value, str) else str(value)


def _notation(out: Layout, item: t.NotationItem) -> None:
    words = [f"notation {quote(item.templates[0])}", *(f"or {quote(template)}" for template in item.templates[1:])]
    if not item.codes:
        out.words(ended(words), item.comments.beside)
        return
    out.words(words)
    codes = listed([f"{name.text} = {quote(code)}" for name, code in item.codes])
    out.level += 1
    out.words(ended(["where", *codes]), item.comments.beside)
    out.level -= 1
