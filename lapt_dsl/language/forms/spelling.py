"""The spelling of forms: words and the fields of a node between them.

A spelling is read from left to right. `{field}` is the value of a field of the node; `{field!word}` is a list joined by
that word instead of commas, and `{field!quoted}` a string in quotes; `[...]` is left out where its fields are empty;
anything else is a word or sign. What follows without a blank is glued to the word before.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple, TypeAlias


class SpellingWord(NamedTuple):
    """A word or sign of the language."""

    text: str
    glued: bool


class SpellingField(NamedTuple):
    """A field of the node; `how` is what follows its `!`."""

    name: str
    how: str
    glued: bool


class SpellingOption(NamedTuple):
    """A part that may be left out."""

    parts: tuple[SpellingPart, ...]


SpellingPart: TypeAlias = SpellingWord | SpellingField | SpellingOption


@cache
def spelling_parts(spelling: str) -> tuple[SpellingPart, ...]:
    """The parts of a spelling.

    >>> spelling_parts("every {stage}:")[1:]
    (SpellingField(name='stage', how='', glued=False), SpellingWord(text=':', glued=True))
    """
    levels: list[list[SpellingPart]] = [[]]
    token = re.compile(r"( *)(?:([\[\]])|\{(\w+)(?:!(\w+))?\}|([{}]|[A-Za-z]+|[^\sA-Za-z{}\[\]]+))")
    opened = True
    for blank, bracket, name, how, word in token.findall(spelling):
        glued = not blank and not opened
        opened = bracket == "["
        if opened:
            levels.append([])
        elif bracket:
            option = SpellingOption(tuple(levels.pop()))
            levels[-1].append(option)
        elif name:
            levels[-1].append(SpellingField(name, how, glued))
        else:
            levels[-1].append(SpellingWord(word, glued))
    return tuple(levels[0])


@cache
def flat_parts(spelling: str) -> tuple[SpellingWord | SpellingField, ...]:
    """The words and fields of a spelling, those of its optional parts among them."""

    def walk(parts: tuple[SpellingPart, ...]) -> list[SpellingWord | SpellingField]:
        found: list[SpellingWord | SpellingField] = []
        for part in parts:
            if isinstance(part, SpellingOption):
                found += walk(part.parts)
            else:
                found.append(part)
        return found

    return tuple(walk(spelling_parts(spelling)))


@cache
def spelling_fields(spelling: str) -> tuple[str, ...]:
    """The fields of a spelling in order."""
    return tuple(part.name for part in flat_parts(spelling) if isinstance(part, SpellingField))


def leading_words(spelling: str) -> str:
    """The words of a spelling before its first field, or before its block.

    >>> leading_words("at least {count} {operators}")
    'at least'
    """
    words: list[str] = []
    for part in spelling_parts(spelling):
        if not isinstance(part, SpellingWord) or part.text == "{":
            break
        words.append(part.text)
    return " ".join(words)
