"""Check that the notation of a space is unambiguous: valid codes, and templates that can be read back."""

from __future__ import annotations

from collections.abc import Iterator

from lapt_dsl.compiler.building.context import BuildContext
from lapt_dsl.compiler.space.model import Cell, Choice, Layer, Space
from lapt_dsl.compiler.space.notations.template import Field, Template, TemplateProblem, read_template
from lapt_dsl.diagnostics.span import Span
from lapt_dsl.diagnostics.suggestions import shortened
from lapt_dsl.language.tree import NotationItem

MAX_TEMPLATES = 16
MAX_CODE = 64


def check_notation(context: BuildContext, space: Space, item: NotationItem, text: str) -> None:
    """Report the errors of a notation.

    Args:
        context: The build.
        space: The space, complete except for this check.
        item: The notation as written.
        text: The text of the file, or "" where there is none; finds the place inside a template.
    """
    _check_codes(context, space, item)
    if len(item.templates) > MAX_TEMPLATES:
        message = f"the notation has {len(item.templates)} templates; at most {MAX_TEMPLATES} are allowed"
        context.error("E116", message, item.span, "keep those in use")
        return
    if context.diagnostics.has_errors:
        return
    known: dict[str, Field] = {}
    after = item.span.start
    for source in item.templates:
        start = _find(text, source, after)
        after = start + 1 if start is not None else after
        try:
            template = read_template(space, source, known)
        except TemplateProblem as problem:
            span = _span(text, item.span, start, source, problem.offset, problem.length)
            context.error("E112", problem.message, span, problem.hint)
            continue
        _check_readable(context, space, template, _span(text, item.span, start, source, 0, len(source)))


def _check_codes(context: BuildContext, space: Space, item: NotationItem) -> None:
    operators = {operator.name for operator in space.operators}
    nodes = dict.fromkeys(node.name for cell in space.cells for node in cell.nodes)
    taken: set[str] = set()
    for name, code in item.codes:
        name_text = shortened(name.text)
        if name.text not in operators and name.text not in nodes:
            known = [operator.name for operator in space.operators] + list(nodes)
            context.unknown("E114", "an operator or a node of the space", name, known, "operators and nodes")
        elif name.text in operators and name.text in nodes:
            hint = "rename the node or the operator"
            context.error(
                "E114", f"`{name_text}` is both an operator and a node, so its code is unclear", name.span, hint
            )
        elif name.text in taken:
            context.error("E114", f"`{name_text}` has two codes", name.span, "keep one of the two")
        elif not code or len(code) > MAX_CODE or any(mark.isspace() or mark in "'\"" or mark < " " for mark in code):
            hint = f"write 1 to {MAX_CODE} characters without white space and quotes"
            context.error("E114", f"the code of `{name_text}` cannot be read back", name.span, hint)
        taken.add(name.text)


def _find(text: str, template: str, start: int) -> int | None:
    """Where a template stands in the file, its first character after the quote."""
    escaped = template.replace("\\", "\\\\").replace('"', '\\"')
    found = text.find(f'"{escaped}"', start)
    return found + 1 if found >= 0 else None


def _span(text: str, whole: Span, start: int | None, template: str, offset: int, length: int) -> Span:
    """The span of a part of a template; that of the whole notation where its place in the file is not known."""
    if start is None or "\\" in template or '"' in template:
        return whole
    begin = start + offset
    line = text.count("\n", 0, begin) + 1
    return Span(begin, begin + length, line, begin - text.rfind("\n", 0, begin), whole.file)


def _check_readable(context: BuildContext, space: Space, template: Template, span: Span) -> None:
    """Report at most one pair of choices with the same text, or one field whose end is ambiguous."""
    columns: dict[int, dict[str, tuple[str, ...]]] = {}
    for field in template.fields:
        columns.setdefault(field.layer.decision, {})[field.source] = field.texts
    cells = {cell.name: cell for cell in space.cells}
    for layer in space.layers:
        alike = _alike(layer, list(columns.get(layer.decision, {}).values()))
        if alike is not None:
            cell = cells[layer.cell]
            one, other = (_choice_text(cell, choice) for choice in alike)
            message = f"the template writes {one} and {other} of layer {layer.key} in cell `{cell.name}` alike"
            key = f"{cell.name}.{layer.key}"
            fields = f"`{{{key}}}`" if layer.wiring in ("none", "fixed") else f"`{{{key}}}` and `{{{key}:sources}}`"
            hint = (
                f"give them different codes, or add a field that distinguishes them: the layer has the fields {fields}"
            )
            context.error("E113", message, span, hint)
            return
    checked: set[tuple[str, str]] = set()
    compacted = template.compact()
    for position, field in enumerate(compacted.fields[:-1]):
        following = compacted.literals[position + 1]
        if (field.source, following) in checked:
            continue
        checked.add((field.source, following))
        clash = _prefix_clash(field, following)
        if clash is not None:
            message = (
                f"`{{{field.source}}}` can be `{clash[0]}` or `{clash[1]}`, and the text after it does not show which"
            )
            hint = "put text between the fields that no code begins with, or change the codes"
            context.error("E113", message, span, hint)
            return


def _alike(layer: Layer, columns: list[tuple[str, ...]]) -> tuple[Choice, Choice] | None:
    """Two choices of a layer with the same text in all fields, or None."""
    if len(layer.choices) == 1:
        return None
    seen: dict[tuple[str, ...], Choice] = {}
    rows: Iterator[tuple[str, ...]] = zip(*columns, strict=True) if columns else iter(((),) * len(layer.choices))
    for choice, row in zip(layer.choices, rows, strict=True):
        if row in seen:
            return seen[row], choice
        seen[row] = choice
    return None


def _choice_text(cell: Cell, choice: Choice) -> str:
    if choice.operator is None:
        return f"`{choice.number}`"
    return f"`{choice.operator.name}({'+'.join(cell.nodes[source].name for source in choice.sources)})`"


def _prefix_clash(field: Field, after: str) -> tuple[str, str] | None:
    """Two texts of a field that are ambiguous before the literal `after`, or None.

    If one text is a prefix of another, only the literal after the shorter one can show where the field ends.
    """
    open_prefixes: list[str] = []
    for text in sorted(field.known):
        while open_prefixes and not text.startswith(open_prefixes[-1]):
            open_prefixes.pop()
        for prefix in open_prefixes:
            rest = text[len(prefix) :]
            if rest.startswith(after) or after.startswith(rest):
                return prefix, text
        open_prefixes.append(text)
    return None
