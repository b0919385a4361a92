"""The forms in which an architecture may be written, each by name, and the one reader that tries them.

A space has a notation, the benchmark's own strings. Every other form is brought into that notation first and then read
by it, so that what is accepted is exactly what the notation accepts. Forms whose numbers mean something else elsewhere
are read only where they are named: `naslib:(4, 0, 3, 1, 4, 3)`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from lapt_dsl.compiler.space.interchange import cell_strings, genotypes
from lapt_dsl.compiler.space.interchange.genotypes import GenotypeShape, WrongArchitecture
from lapt_dsl.compiler.space.interchange.literals import NotLiteral, Value, read_literal

Notation = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InterchangeForm:
    """A form of writing.

    Attributes:
        name: What a person calls it; with a colon before the text it names the form.
        summary: What it is, in a few words.
        read: From the text and the notation of a space to a text in that notation; None where the text has another
            form or the space none of this kind. Raises WrongArchitecture.
        named: Whether the form must be named to be read.
    """

    name: str
    summary: str
    read: Callable[[str, Notation], str | None]
    named: bool = False


def _literal(text: str) -> Value:
    try:
        return read_literal(text)
    except NotLiteral:
        return None


def _shape(notation: Notation) -> GenotypeShape | None:
    return genotypes.shape_of(notation)


def _genotype(text: str, notation: Notation) -> str | None:
    shape = _shape(notation)
    return genotypes.from_named(_literal(text), shape) if shape is not None else None


def _config(text: str, notation: Notation) -> str | None:
    shape = _shape(notation)
    return genotypes.from_config(_literal(text), shape) if shape is not None else None


def _naslib(text: str, notation: Notation) -> str | None:
    shape = _shape(notation)
    if shape is not None:
        return genotypes.from_compact(_literal(text), shape)
    if cell_strings.is_cell_notation(notation):
        operators = cell_strings.from_indices(_literal(text))
        return cell_strings.string_of(operators) if operators is not None else None
    if cell_strings.is_trans_notation(notation):
        operators = cell_strings.from_indices(_literal(text), operators=4)
        return cell_strings.trans_string_of(operators) if operators is not None else None
    return None


def _cell_string(text: str, notation: Notation) -> str | None:
    return cell_strings.from_string(text) if cell_strings.is_cell_notation(notation) else None


def _nni(text: str, notation: Notation) -> str | None:
    return cell_strings.from_edges(_literal(text)) if cell_strings.is_cell_notation(notation) else None


def _trans(text: str, notation: Notation) -> str | None:
    if not cell_strings.is_trans_notation(notation):
        return None
    cell_strings.check_macro(text)
    squeezed = re.sub(r"\s+", "", text).strip("\"',;")
    found = re.search(r"64-41414-[\w]+", squeezed)
    return found[0] if found is not None and found[0] != text else None


FORMS: dict[str, InterchangeForm] = {
    form.name: form
    for form in (
        InterchangeForm(
            "genotype", "a DARTS genotype: named tuple, dictionary, JSON or pairs for each node", _genotype
        ),
        InterchangeForm("nasbench301", "NAS-Bench-301's ConfigSpace dictionary", _config),
        InterchangeForm("cell", "NAS-Bench-201's cell string, edges of a node in any order", _cell_string),
        InterchangeForm("nni", "NNI's dictionary of edges for NAS-Bench-201", _nni),
        InterchangeForm("trans101", "TransNAS-Bench-101's cell string", _trans),
        InterchangeForm("naslib", "NASLib's compact tuples or op_indices", _naslib, named=True),
    )
}
"""Every form but the notation of a space itself, in the order in which they are tried."""


@dataclass(frozen=True, slots=True)
class RecognizedText:
    """A text in the notation of a space, and the form it was written in."""

    form: str
    text: str


def named_form(text: str) -> tuple[str | None, str]:
    """The form that a text names before a colon, and the text behind it; None where it names none.

    >>> named_form("naslib: (0, 1, 2)")
    ('naslib', '(0, 1, 2)')
    """
    name, colon, rest = text.lstrip().partition(":")
    return (name, rest.strip()) if colon and name in FORMS else (None, text)


def read_form(text: str, notation: Notation) -> RecognizedText | None:
    """A text of another form, in the notation of a space; None where no form is recognised.

    Raises:
        WrongArchitecture: It has a form that the space knows and holds something that the space does not have, or a
            form that must be named.
    """
    name, rest = named_form(text)
    for form in FORMS.values() if name is None else (FORMS[name],):
        if form.named and name is None:
            _ask_for_name(form, rest, notation)
            continue
        found = form.read(rest, notation)
        if found is not None:
            return RecognizedText(form.name, found)
    if name is not None:
        raise WrongArchitecture(f"this is not written as {FORMS[name].summary}")
    return None


def _ask_for_name(form: InterchangeForm, text: str, notation: Notation) -> None:
    """Refuse a text that could be a form which must be named. Raises WrongArchitecture."""
    try:
        found = form.read(text, notation)
    except WrongArchitecture:
        return
    if found is not None:
        raise WrongArchitecture(
            f"numbers alone do not say whose order of edges and operators they follow; for {form.summary} write "
            f"`{form.name}:` before them"
        )
