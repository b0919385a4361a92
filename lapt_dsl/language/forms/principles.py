"""All forms of the principle language, by section of docs/language-principles.md, by production and by node."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from lapt_dsl.language.forms.file_items import FILE_FORMS
from lapt_dsl.language.forms.form import Form, Section
from lapt_dsl.language.forms.operators import OPERATOR_FORMS, PLACE_FORMS
from lapt_dsl.language.forms.predicates import PREDICATE_FORMS
from lapt_dsl.language.forms.selectors import SELECTOR_FORMS
from lapt_dsl.language.forms.spelling import spelling_fields
from lapt_dsl.language.forms.statements import STATEMENT_FORMS
from lapt_dsl.language.tree.nodes import Node

_INTRO = """
A `.lp` file describes the architectures that are worth building. It names its space and lists *principles*: each has a
sentence for people and statements for the compiler. Hard rules define an exact subset of the space. Preferences
(`prefer`) weight the architectures of this subset and never remove any.

Statements end in `;`, blocks are enclosed in braces, `//` starts a comment, strings are double-quoted, and white space
has no meaning. Layers and inputs are counted from 0. Stages are counted from 1. Outside `in CELL { }` a rule applies to
every cell separately; a rule whose layers exist in some cells only applies to those.

A word in capitals below is another form of the language: OPERATORS is a list of operators, PLACE a place in a cell, and
so on. A name that the space does not have is an error, whose hint gives the nearest known name.
"""

PRINCIPLE_SECTIONS = (
    Section("The principle language", _INTRO),
    Section("A file", "The header comes first, then all other items in any order.", FILE_FORMS),
    Section("Statements", "The content of a principle.", STATEMENT_FORMS),
    Section("Selectors", "The layers that a rule applies to.", SELECTOR_FORMS),
    Section("Predicates", "Conditions on the selected layers.", PREDICATE_FORMS),
    Section("Operators", "Sets of operators. No operator has the name of a trait of its space.", OPERATOR_FORMS),
    Section("Places", "Inputs, nodes and the output of a cell.", PLACE_FORMS),
)

FORMS: tuple[Form, ...] = tuple(form for section in PRINCIPLE_SECTIONS for form in section.forms)

FORM_BY_KEY = {form.key: form for form in reversed(FORMS) if form.node is not None}
"""The form that each production of the grammar builds a node of; where two forms share it, the first."""


def form_of(node: Node) -> Form:
    """The form that a node is written in.

    Raises:
        LookupError: No record has the class of the node with the values of its fields.
    """
    names, forms = _by_node().get(type(node), ((), {}))
    form = forms.get(tuple(getattr(node, name) for name in names))
    if form is None:
        raise LookupError(f"no form has a record for {node!r}")
    return form


def children(node: Node) -> Iterator[Node]:
    """The nodes that a node holds, in the order in which they are written."""
    for name in spelling_fields(form_of(node).spelling):
        value = getattr(node, name)
        yield from (each for each in (value if isinstance(value, tuple) else (value,)) if isinstance(each, Node))


@cache
def _by_node() -> dict[type[Node], tuple[tuple[str, ...], dict[tuple[object, ...], Form]]]:
    """Per class of nodes the fields that its forms fix, and the forms by the values of these fields."""
    found: dict[type[Node], tuple[tuple[str, ...], dict[tuple[object, ...], Form]]] = {}
    for form in FORMS:
        if form.node is not None:
            names, forms = found.setdefault(form.node, (tuple(form.fixed), {}))
            forms.setdefault(tuple(form.fixed[name] for name in names), form)
    return found
