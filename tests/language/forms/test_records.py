"""Every form has one record, and the record agrees with the grammar, the tree and what is derived from it."""

from __future__ import annotations

from dataclasses import fields
from typing import get_args, get_type_hints

import pytest

from lapt_dsl.compiler.targets.decoder.json_values import PredicateShape
from lapt_dsl.language import tree as t
from lapt_dsl.language.forms.form import Form, JsonShape
from lapt_dsl.language.forms.grammar_rules import GrammarProduction, Literal, Many, Optional, Symbol, rules
from lapt_dsl.language.forms.principles import FORM_BY_KEY, FORMS, form_of
from lapt_dsl.language.forms.spelling import SpellingWord, flat_parts, spelling_fields
from lapt_dsl.language.forms.statements import JSON_SHAPES
from lapt_dsl.language.tree import principles
from lapt_dsl.language.tree.nodes import Node

WITH_NODE = [form for form in FORMS if form.node is not None]
RULES = rules("principles")


def ids(form: Form) -> str:
    return f"{form.rule}-{form.key}"


def words_of_grammar(production: GrammarProduction) -> list[str]:
    """The words and signs of an alternative, those of its optional clauses among them, lists and choices left out."""

    def walk(parts: tuple[object, ...]) -> list[str]:
        found: list[str] = []
        for part in parts:
            if isinstance(part, Literal):
                found.append(part.text)
            elif isinstance(part, Optional):
                found += walk(part.part)
            elif isinstance(part, Symbol) and part.name in ("over", "by", "ends", "except", "evidence"):
                found += walk(RULES[part.name][0].parts)
            elif isinstance(part, Many) and part.part[0] == Literal("and"):
                continue
        return found

    return walk(production.parts)


@pytest.mark.parametrize("form", WITH_NODE, ids=ids)
def test_the_spelling_is_that_of_the_grammar(form: Form) -> None:
    spelt = [
        [part.text for part in flat_parts(spelling) if isinstance(part, SpellingWord)]
        for spelling in (form.spelling, form.plural)
        if spelling
    ]
    if form.key == "principle":
        spelt = [["principle", "evidence", "of", "{", "}"]]
    found = [words_of_grammar(each) for each in RULES[form.rule] if each.alias == form.alias]
    assert sorted(set(map(tuple, found))) == sorted(set(map(tuple, spelt)))


@pytest.mark.parametrize("form", WITH_NODE, ids=ids)
def test_the_fields_are_those_of_the_node(form: Form) -> None:
    assert form.node is not None
    known = {field.name for field in fields(form.node)} - {"span", "comments"}
    named = {*spelling_fields(form.spelling), *form.fixed}
    assert named <= known
    assert set(form.choices) <= named
    # What no form of the node names could not be written.
    assert known == {
        name
        for other in WITH_NODE
        if other.node is form.node
        for name in (*spelling_fields(other.spelling), *other.fixed)
    }


def test_every_alternative_of_a_rule_with_forms_has_one_record() -> None:
    keys = [(form.rule, form.alias) for form in FORMS]
    assert len(keys) == len(set(keys))
    described = {rule for rule, _ in keys}
    inner = {"simple_rule", "statement", "rule"}
    for rule in described:
        aliases = {each.alias for each in RULES[rule]} - ({None} if rule in inner else set())
        assert aliases == {alias for known, alias in keys if known == rule}


@pytest.mark.parametrize("union", [t.Statement, t.Predicate], ids=["statement", "predicate"])
def test_every_class_of_the_tree_has_a_record(union: object) -> None:
    assert {form.node for form in WITH_NODE} >= set(get_args(union))


def test_every_node_of_the_tree_of_a_principle_file_has_a_record() -> None:
    module = vars(principles)
    classes = {each for each in module.values() if isinstance(each, type) and each.__module__ == principles.__name__}
    assert {form.node for form in WITH_NODE} == classes - {t.Ranges, t.PrincipleFile}


@pytest.mark.parametrize("node", {form.node: form for form in WITH_NODE if form.fixed}, ids=lambda node: node.__name__)
def test_every_kind_of_a_node_has_a_record(node: type[Node]) -> None:
    """A field that a form fixes has a form for each of its values."""
    (field,) = next(form.fixed for form in WITH_NODE if form.node is node)
    annotation = get_type_hints(node)[field]
    values = {True, False} if annotation is bool else set(get_args(annotation))
    assert {form.fixed[field] for form in WITH_NODE if form.node is node} == values


def test_a_node_without_a_record_is_an_error() -> None:
    with pytest.raises(LookupError, match="no form has a record"):
        form_of(t.Ranges(((1, 1),)))


@pytest.mark.parametrize("form", [form for form in FORMS if form.rule == "predicate"], ids=ids)
def test_every_predicate_can_be_written_in_json(form: Form) -> None:
    assert form.shape in get_args(PredicateShape)
    properties = {name for shape in JSON_SHAPES if form.shape in shape.properties.values() for name in shape.properties}
    assert set(spelling_fields(form.spelling)) <= properties


def test_every_statement_can_be_written_in_json() -> None:
    written = {FORM_BY_KEY[shape.form].node for shape in JSON_SHAPES}
    # The property `cells` stands for `in`.
    assert written == set(get_args(t.Statement)) - {t.InCells}


@pytest.mark.parametrize("shape", JSON_SHAPES, ids=lambda shape: shape.say)
def test_a_shape_fills_the_fields_of_its_form(shape: JsonShape) -> None:
    needed = {shape.fields.get(name, name) for name in spelling_fields(FORM_BY_KEY[shape.form].spelling)}
    # The ends of a path cannot be written in JSON.
    assert needed - set(shape.properties) <= {"start", "end"}
