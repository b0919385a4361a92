"""Sets of keywords. Those of the principle language are derived from its grammar and from the records of its forms."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from lapt_dsl import grammars
from lapt_dsl.language.forms.form import Form
from lapt_dsl.language.forms.principles import FORM_BY_KEY, FORMS
from lapt_dsl.language.forms.spelling import SpellingField, SpellingWord, flat_parts, leading_words, spelling_fields
from lapt_dsl.language.forms.statements import STATEMENT_FORMS

_LISTS = ("operators", "over", "exclude")
"""The fields that hold an operator list, or what is taken away from one."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


@cache
def reserved(language: str) -> frozenset[str]:
    """Words that cannot be names. A space's names are written in principle files too, so a space avoids both sets."""
    if language == "space":
        return _words("space cell where or preprocess node output layer layers choose image stem head")
    text = grammars.text(language)
    keywords = set(re.findall(r'^[A-Z_]+: "([a-z]+)"$', text, re.MULTILINE))
    soft = re.search(r"^soft:(.*(?:\n +\|.*)*)", text, re.MULTILINE)
    # `output` is a place, so a space may not use it for another node.
    return frozenset(keywords.difference(re.findall(r'"([a-z]+)"', soft[1]) if soft else ()) | {"output"})


@cache
def item_terminals(language: str) -> frozenset[str]:
    """The terminals that items of a file begin with."""
    if language == "space":
        return _words("OPERATOR CANDIDATES CELL NETWORK NOTATION")
    return _terminals(form for form in FORMS if form.rule == "item")


@cache
def block_headers(language: str) -> dict[str, tuple[str, ...]]:
    """What the header of a block is read as where its own words do not fit, by its first terminal."""
    if language == "space":
        return {"CELL": ("CELL", "NAME"), "NETWORK": ("NETWORK",), "SPACE": ("SPACE", "NAME")}
    found: dict[str, tuple[str, ...]] = {}
    for form in FORMS:
        if form.block:
            first, second = flat_parts(form.spelling)[:2]
            assert isinstance(first, SpellingWord)
            kind = second.text.upper() if isinstance(second, SpellingWord) else "NAME"
            found[first.text.upper()] = (first.text.upper(), kind)
    return found


@cache
def groups(language: str) -> tuple[tuple[str, frozenset[str]], ...]:
    """Sets of terminals that are named together in a message where all of them may stand."""
    if language == "space":
        return (
            ("an item (`operator`, `cell`, `network`, ...)", item_terminals(language)),
            (
                "`node`, `stage`, `output`, `input`, `layers` or `at most`",
                _words("INPUT NODE STAGE OUTPUT LAYERS LAYER AT"),
            ),
            ("a network part", _words("IMAGE STEM HEAD NAME INT")),
        )
    *metrics, last = (f"`{metric}`" for metric in FORM_BY_KEY["network_rule"].choices["metric"])
    return (
        ("a rule", _terminals(STATEMENT_FORMS)),
        ("a predicate such as `only` or `at most`", _terminals(form for form in FORMS if form.rule == "predicate")),
        (f"{', '.join(metrics)} or {last}", _choice_terminals("network_rule", "metric")),
        ("a number", _words("INT DECIMAL")),
    )


class ListHeads(NamedTuple):
    """The words right before the lists of the principle language, for what is wrong in a list.

    `predicates` begin a predicate or a preference; `operators` stand before a list of operators, `counted` before its
    count, `places` before a list of places; `singular` before the number of a layer or stage and `plural` before
    several, `numbered` before the number of a place. `bare` are the selectors without a number or a name.
    """

    predicates: tuple[str, ...]
    operators: tuple[str, ...]
    counted: tuple[str, ...]
    places: tuple[str, ...]
    singular: tuple[str, ...]
    plural: tuple[str, ...]
    numbered: tuple[str, ...]
    bare: tuple[str, ...]


@cache
def list_heads() -> ListHeads:
    """The words before lists, each once and in the order of the records."""
    predicates = [form for form in FORMS if form.rule == "predicate"]
    starts = [
        leading_words(form.spelling) if spelling_fields(form.spelling) else form.spelling.split()[0]
        for form in predicates
    ]
    counted = [leading_words(form.spelling) for form in predicates if spelling_fields(form.spelling)[:1] == ("count",)]
    places = [leading_words(form.spelling) for form in predicates if spelling_fields(form.spelling)[:1] == ("places",)]
    operators = [word for form in FORMS for word in _words_before(form.spelling, _LISTS)]
    ranges = [(form.spelling, form.plural) for form in FORMS if "ranges" in spelling_fields(form.spelling)]
    numbered = [word for form in FORMS for word in _words_before(form.spelling, ("index",))]
    return ListHeads(
        _once([*starts, "prefer"]),
        _once(operators),
        _once(counted),
        _once(places),
        _once(leading_words(one) for one, _ in ranges),
        _once(leading_words(several) for _, several in ranges),
        _once(numbered),
        _once(form.spelling for form in FORMS if form.rule == "selector" and not spelling_fields(form.spelling)),
    )


def _once(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))


def _words_before(spelling: str, fields: tuple[str, ...]) -> Iterator[str]:
    """The words that stand right before one of these fields."""
    parts = flat_parts(spelling)
    for before, part in pairwise(parts):
        if isinstance(part, SpellingField) and part.name in fields and isinstance(before, SpellingWord):
            yield before.text


def _terminals(forms: Iterable[Form]) -> frozenset[str]:
    """The terminals that forms begin with."""
    found: set[str] = set()
    for form in forms:
        for spelling in filter(None, (form.spelling, form.plural)):
            first = flat_parts(spelling)[0]
            if isinstance(first, SpellingWord):
                found.add(first.text.upper())
            elif first.name in form.choices:
                found |= _choice_terminals(form.key, first.name)
            else:
                found |= _terminals(inner for inner in FORMS if inner.rule == first.name)
    return frozenset(found)


def _choice_terminals(key: str, field: str) -> frozenset[str]:
    return frozenset(choice.split()[0].upper() for choice in FORM_BY_KEY[key].choices[field])
