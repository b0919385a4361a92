"""Errors in the text of an architecture, with their places. `notation` calls this after reading has failed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from lapt_dsl.compiler.space.model import Space
from lapt_dsl.compiler.space.notations.template import QUOTED_OR_SPACE, Field, Template, compact
from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.diagnostics.span import Span
from lapt_dsl.diagnostics.suggestions import Suggestions, listed

SOURCE_NAME = "<architecture>"
_TOKEN = re.compile(r"[\w.-]+|.", re.ASCII | re.DOTALL)
_SIGNS = frozenset("()[]{}|,;'\"~+")
_SHOWN = 24
_EXAMPLE = 400


@dataclass(frozen=True, slots=True)
class Stage:
    """Decisions with distinct sources, and the source of each of their choices (the same for all of them)."""

    cell: int
    node: int
    decisions: tuple[int, ...]
    sources: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SourceLimit:
    """A cell's source budget, with the number of sources of every label of its operator decisions."""

    cell: int
    limit: int
    counts: tuple[tuple[int, tuple[int, ...]], ...]


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why a text does not follow a template: from `position` on, `length` characters."""

    position: int
    length: int
    code: str
    message: str
    hint: str


def too_long(space: Space, length: int, limit: int) -> LaptError:
    """E607: the text is longer than that of any architecture."""
    message = f"the text has {length} characters; no architecture of `{space.name}` has more than {limit}"
    return _error("E607", message, Span(0, length, 1, 1, SOURCE_NAME), "give one architecture")


def not_in_space(space: Space, why: str) -> LaptError:
    """E606: an `Architecture` value that is not in the space."""
    hint = "take architectures from the space: parse, sample or enumerate them"
    return _error("E606", f"this is no architecture of `{space.name}`: {why}", Span(0, 0, 1, 1, SOURCE_NAME), hint)


def unreadable(space: Space, text: str, templates: Sequence[Template], example: str) -> LaptError:
    """E601 to E603: the text follows no template. The template that matches furthest determines the message."""
    squeezed = compact(text)
    failure = max((_failure(template, squeezed, example) for template in templates), key=lambda found: found.position)
    span = _span(text, failure.position, failure.length)
    return _error(failure.code, failure.message, span, failure.hint)


def other_architecture(space: Space, text: str, why: str) -> LaptError:
    """The text is an architecture in a known form, but none of this space."""
    message = f"this is no architecture of `{space.name}`: {why}"
    return _error("E608", message, _whole(text), "`lapt spaces` lists the spaces, `lapt show` draws one")


def in_whole(error: LaptError, text: str) -> LaptError:
    """An error about a text that was made from `text`: the same diagnostics, at the whole of it."""
    return LaptError([replace(item, span=_whole(text), fix=None) for item in error.diagnostics])


def illegal(
    space: Space, text: str, templates: Sequence[Template], fault: Stage | SourceLimit, encoding: Sequence[int]
) -> LaptError:
    """E604 or E605: every layer has a valid choice, but together they violate a source constraint."""
    cell = space.cells[fault.cell]
    if isinstance(fault, SourceLimit):
        count = sum(counts[encoding[decision]] for decision, counts in fault.counts)
        message = f"the layers of cell `{cell.name}` read {count} sources together; at most {fault.limit} are allowed"
        return _error("E605", message, _whole(text), "let some layers read fewer nodes")
    sources = [fault.sources[encoding[decision]] for decision in fault.decisions]
    twice = next(source for source, after in pairwise(sources) if source == after)
    code = space.codes.get(cell.nodes[twice].name, cell.nodes[twice].name)
    message = f"two layers of `{cell.nodes[fault.node].name}` in cell `{cell.name}` read `{code}`"
    readable = [cell.nodes[source].name for source in sorted(set(fault.sources))]
    hint = f"let them read different nodes; there are {listed(space.codes.get(name, name) for name in readable)}"
    return _error("E604", message, _repeated(text, templates, fault, code), hint)


def _repeated(text: str, templates: Sequence[Template], stage: Stage, code: str) -> Span:
    """The place of the second of two equal sources of a stage."""
    squeezed = compact(text)
    for template in templates:
        pieces = template.match(squeezed)
        if pieces is None:
            continue
        position, found = 0, 0
        for literal, field, piece in zip(template.literals, template.fields, pieces, strict=False):
            position += len(literal)
            if field.kind == "source" and field.layer.decision in stage.decisions and piece == code:
                found += 1
                if found == 2:
                    return _span(text, position, len(piece))
            position += len(piece)
    return _whole(text)


def _failure(template: Template, text: str, example: str) -> _Failure:
    """Where and why a compact text leaves a compact template."""
    position = 0
    shape = f"an architecture is written like `{_cut(example, _EXAMPLE)}`"
    for number, literal in enumerate(template.literals):
        if not text.startswith(literal, position):
            same = _agreement(literal, text[position : position + len(literal)])
            return _off_template(text, position + same, literal[same:], shape)
        position += len(literal)
        if number == len(template.fields):
            break
        field, after = template.fields[number], template.literals[number + 1]
        length = next(
            (size for size in field.lengths if _fits(field, text, position, size, after)),
            None,
        )
        if length is None:
            return _unknown_code(field, text, position, after, shape)
        position += length
    if position < len(text):
        return _off_template(text, position, "", shape)
    message = "the text gives one layer two different choices"
    return _Failure(0, len(text), "E603", message, "write the same choice in every field of the layer")


def _fits(field: Field, text: str, position: int, size: int, after: str) -> bool:
    return text[position : position + size] in field.known and text.startswith(after, position + size)


def _agreement(expected: str, found: str) -> int:
    """How many characters two strings share from the start."""
    pairs = enumerate(zip(expected, found, strict=False))
    return next((index for index, (one, other) in pairs if one != other), min(len(expected), len(found)))


def _off_template(text: str, position: int, expected: str, shape: str) -> _Failure:
    token = _token(text, position)
    found = f"`{_cut(token, _SHOWN)}`" if token else "the end of the text"
    if not expected:
        return _Failure(
            position, len(token), "E601", f"the architecture ends before {found}", f"remove the rest; {shape}"
        )
    return _Failure(
        position, max(1, len(token)), "E601", f"`{_cut(expected, _SHOWN)}` is expected here, not {found}", shape
    )


def _unknown_code(field: Field, text: str, position: int, after: str, shape: str) -> _Failure:
    """The text of a field is unknown, or is known and followed by the wrong literal."""
    end = text.find(after, position, position + 256) if after else -1
    prefix = next((size for size in field.lengths if size and text[position : position + size] in field.known), 0)
    token = text[position:end] if end >= 0 else _token(text, position)
    if not any(set(token) & _SIGNS <= set(known) for known in field.known):
        token = _token(text, position)  # brackets and quotes belong to what stands around the field
    if prefix and (end < 0 or prefix > len(token)) and len(token) <= prefix:
        same = _agreement(after, text[position + prefix : position + prefix + len(after)])
        return _off_template(text, position + prefix + same, after[same:], shape)
    if not token:
        return _Failure(position, 1, "E602", f"{field.described} is missing here", f"write one of {_codes(field)}")
    near = Suggestions().closest(token, sorted(field.known))
    hint = f"did you mean `{near}`? It can be {_codes(field)}" if near else f"it can be {_codes(field)}"
    return _Failure(position, len(token), "E602", f"`{_cut(token, 64)}` is not {field.described}", hint)


def _codes(field: Field) -> str:
    return listed(dict.fromkeys(text or "(nothing)" for text in field.texts))


def _token(text: str, position: int) -> str:
    found = _TOKEN.match(text, position)
    return found[0] if found is not None else ""


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


def _span(text: str, position: int, length: int) -> Span:
    """The span of characters `position` and on of the compact text, in the text as it was written."""
    start = _original(text, position)
    end = max(_original(text, position + length - 1) + 1, start) if length else start
    line = text.count("\n", 0, start) + 1
    return Span(start, min(end, len(text)), line, start - text.rfind("\n", 0, start), SOURCE_NAME)


def _original(text: str, position: int) -> int:
    """Where the character at `position` of the compact text stands in the text."""
    dropped = 0
    for found in QUOTED_OR_SPACE.finditer(text):
        if found.start() - dropped > position:
            break
        if found[0].isspace():
            dropped += len(found[0])
    return min(position + dropped, len(text))


def _whole(text: str) -> Span:
    return Span(0, len(text), 1, 1, SOURCE_NAME)


def _error(code: str, message: str, span: Span, hint: str) -> LaptError:
    return LaptError.of(code, message, span, hint=hint)
