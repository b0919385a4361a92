"""Templates: one way to write an architecture, as literal text with fields between.

A field stands for the choice of one layer: `{3}` or `{main.3}` its operator's code, `{stage1.width}` its number,
`{normal.0:source}` the code of the one node it reads, `{2:x}` 1 where it reads node x and else 0, `{2:sources}` the
codes of all nodes it reads, joined by `+`. `{{` and `}}` are braces. A field holds the text of every choice of
its layer, so that writing is a look-up and reading is the inverse look-up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

from lapt_dsl.compiler.space.model import Cell, Choice, Layer, Space
from lapt_dsl.diagnostics.suggestions import Suggestions, shortened

MAX_FIELDS = 4096
_FIELD = re.compile(r"(?:(?P<cell>[A-Za-z_]\w*)\.)?(?P<layer>\w+)(?::(?P<what>[A-Za-z_]\w*))?", re.ASCII)
QUOTED_OR_SPACE = re.compile(r"'[^']*'|\"[^\"]*\"|\s+")

FieldKind: TypeAlias = Literal["operator", "number", "source", "reads", "sources"]


class TemplateProblem(Exception):
    """An invalid template: the message, the offset and length of the fault within the template, and a hint."""

    def __init__(self, message: str, offset: int, length: int, hint: str) -> None:
        super().__init__(message)
        self.message, self.offset, self.length, self.hint = message, offset, length, hint


@dataclass(frozen=True)
class Field:
    """A field of a template, written `{source}`: per choice of `layer` the text that stands for it."""

    layer: Layer
    kind: FieldKind
    texts: tuple[str, ...]
    source: str

    @cached_property
    def known(self) -> frozenset[str]:
        """All texts of the field."""
        return frozenset(self.texts)

    @cached_property
    def lengths(self) -> tuple[int, ...]:
        """The lengths of these texts, longest first."""
        return tuple(sorted({len(text) for text in self.known}, reverse=True))

    @property
    def described(self) -> str:
        """What the field stands for, e.g. `the operator of layer 3 in cell main`."""
        layer = f"layer {shortened(str(self.layer.key))} in cell `{shortened(self.layer.cell)}`"
        if self.kind in ("operator", "number"):
            return f"the {self.kind} of {layer}"
        return f"a node that {layer} reads" if self.kind == "source" else f"what {layer} reads"


@dataclass(frozen=True)
class Template:
    """Literals with a field between each two; `literals` is one longer than `fields`."""

    literals: tuple[str, ...]
    fields: tuple[Field, ...]

    @cached_property
    def by_layer(self) -> tuple[tuple[int, tuple[int, ...]], ...]:
        """For each decision that has fields: the decision and the positions of its fields."""
        found: dict[int, list[int]] = {}
        for position, field in enumerate(self.fields):
            found.setdefault(field.layer.decision, []).append(position)
        return tuple((decision, tuple(positions)) for decision, positions in sorted(found.items()))

    def compact(self) -> Template:
        """The template without the white space outside quotes."""
        return Template(tuple(compact("\0".join(self.literals)).split("\0")), self.fields)

    @cached_property
    def _plan(self) -> tuple[tuple[Field, str, bool], ...]:
        """Per field: the field, the literal after it, and whether that literal's next place always ends the field."""
        steps = zip(self.fields, self.literals[1:], strict=True)
        return tuple((field, after, after != "" and _ends(field, after)) for field, after in steps)

    def match(self, text: str) -> list[str] | None:
        """The text of every field if `text` contains the literals in order, in time linear in text and template.

        The text of a field may be unknown to the field, which the caller checks. None if a literal is missing.
        """
        if not text.startswith(self.literals[0]):
            return None
        position = len(self.literals[0])
        pieces: list[str] = []
        for field, after, ends in self._plan:
            end = text.find(after, position) if ends else _end(field, text, position, after)
            if end < 0:
                return None
            pieces.append(text[position:end])
            position = end + len(after)
        return pieces if position == len(text) else None


def _ends(field: Field, after: str) -> bool:
    """Whether the first place of `after` behind any of the field's texts is right behind it."""
    return all((known + after).find(after) == len(known) for known in field.known)


def _end(field: Field, text: str, position: int, after: str) -> int:
    """Where the field's text that begins at `position` ends, the longest that `after` follows; -1 for none."""
    for length in field.lengths:
        end = position + length
        if text[position:end] in field.known and text.startswith(after, end):
            return end
    return -1


def compact(text: str) -> str:
    """A text without the white space outside quotes.

    >>> compact("[ 'a b',  2 ]")
    "['a b',2]"
    """
    return QUOTED_OR_SPACE.sub(lambda found: "" if found[0].isspace() else found[0], text)


def read_template(space: Space, text: str, known: dict[str, Field]) -> Template:
    """Resolve a template against a space.

    Args:
        space: The space whose architectures it writes.
        text: The template as written.
        known: Fields read before, by their source; they are shared, and new ones are added.

    Returns:
        The template.

    Raises:
        TemplateProblem: A brace is unmatched, or a field is invalid.
    """
    if any(ord(character) < 32 for character in text):
        raise TemplateProblem("a template must not contain control characters", 0, len(text), "remove them")
    literals = [""]
    fields: list[Field] = []
    position = 0
    while position < len(text):
        brace = min((found for found in (text.find("{", position), text.find("}", position)) if found >= 0), default=-1)
        if brace < 0:
            literals[-1] += text[position:]
            break
        literals[-1] += text[position:brace]
        if text[brace : brace + 2] in ("{{", "}}"):
            literals[-1] += text[brace]
            position = brace + 2
            continue
        close = text.find("}", brace)
        if text[brace] == "}" or close < 0:
            raise TemplateProblem("this brace is unmatched", brace, 1, "write `{{` or `}}` for a brace itself")
        if len(fields) == MAX_FIELDS:
            raise TemplateProblem("the template has too many fields", brace, 1, f"at most {MAX_FIELDS} are allowed")
        source = text[brace + 1 : close]
        if source not in known:
            known[source] = _field(space, source, brace)
        fields.append(known[source])
        literals.append("")
        position = close + 1
    return Template(tuple(literals), tuple(fields))


def _field(space: Space, source: str, offset: int) -> Field:
    length = len(source) + 2
    found = _FIELD.fullmatch(source)
    if found is None:
        hint = "write `{3}`, `{main.3}`, `{main.3:source}`, `{main.3:x}` or `{main.width}`; `{{` is a brace itself"
        raise TemplateProblem(f"`{shortened(source)}` is no field", offset, length, hint)
    cell = _cell(space, found["cell"], offset, length)
    key: int | str = int(found["layer"]) if found["layer"].isdigit() and len(found["layer"]) < 10 else found["layer"]
    layer = cell.layer(key)
    if layer is None:
        known = [str(layer.key) for layer in cell.layers]
        hint = Suggestions().hint(str(key), known, "layers")
        raise TemplateProblem(f"cell `{cell.name}` has no layer `{shortened(str(key))}`", offset, length, hint)
    kind, texts = _texts(space, cell, layer, found["what"], offset, length)
    return Field(layer, kind, texts, source)


def _cell(space: Space, name: str | None, offset: int, length: int) -> Cell:
    if name is None:
        if len(space.cells) == 1:
            return space.cells[0]
        hint = f"name the cell: `{{{space.cells[0].name}.0}}`"
        raise TemplateProblem("the space has several cells, and the field names none", offset, length, hint)
    cell = space.cell(name)
    if cell is None:
        hint = Suggestions().hint(name, [cell.name for cell in space.cells], "cells")
        raise TemplateProblem(f"there is no cell `{shortened(name)}`", offset, length, hint)
    return cell


def _texts(
    space: Space, cell: Cell, layer: Layer, what: str | None, offset: int, length: int
) -> tuple[FieldKind, tuple[str, ...]]:
    """The kind of a field and the text of each choice of its layer."""
    if what is None:
        kind: FieldKind = "number" if layer.is_number else "operator"
        return kind, tuple(_choice(space, choice) for choice in layer.choices)
    if layer.is_number:
        hint = f"write `{{{cell.name}.{layer.key}}}`"
        raise TemplateProblem(f"the number layer `{layer.key}` reads nothing", offset, length, hint)
    codes = [space.codes.get(node.name, node.name) for node in cell.nodes]
    if what == "sources":
        return "sources", tuple("+".join(codes[source] for source in choice.sources) for choice in layer.choices)
    if what == "source":
        if layer.wiring not in ("fixed", "one"):
            hint = f"write `{{{cell.name}.{layer.key}:sources}}`, or one field `{{{cell.name}.{layer.key}:x}}` per node"
            raise TemplateProblem(f"layer {layer.key} may read several sources", offset, length, hint)
        return "source", tuple(codes[choice.sources[0]] for choice in layer.choices)
    node = cell.node(what)
    readable = [cell.nodes[option].name for option in layer.source_options]
    if node is None or node.name not in readable:
        hint = Suggestions().hint(what, [*readable, "source", "sources"], "nodes it may read")
        raise TemplateProblem(f"layer {layer.key} cannot read `{shortened(what)}`", offset, length, hint)
    return "reads", tuple("1" if node.index in choice.sources else "0" for choice in layer.choices)


def _choice(space: Space, choice: Choice) -> str:
    if choice.operator is None:
        return str(choice.number)
    return space.codes.get(choice.operator.name, choice.operator.name)


def generic_template(space: Space) -> str:
    """The template of a space that declares none: `main.0=conv3x3(x) main.1=skip(a) stage1.width=24`."""
    return " ".join(_generic_parts(space.cells))


def _generic_parts(cells: Iterable[Cell]) -> Iterable[str]:
    for cell in cells:
        for layer in cell.layers:
            name = f"{cell.name}.{layer.key}"
            if layer.is_number:
                yield f"{name}={{{name}}}"
            elif layer.wiring == "fixed":
                yield f"{name}={{{name}}}({cell.nodes[layer.source_options[0]].name})"
            else:
                yield f"{name}={{{name}}}({{{name}:sources}})"
