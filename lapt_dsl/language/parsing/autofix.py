"""Safe fixes of syntax errors: mistakes that can be read in one way only, each with its own code and fix.

Nothing here runs for a text without errors. Each error is looked at once, in the characters around it; where they
match one of the patterns below, a diagnostic with a code of its own replaces the general one. A misspelt word is none
of them: the nearest word by letters is a guess and stays a hint.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from lapt_dsl.diagnostics.diagnostic import Diagnostic, Fix
from lapt_dsl.language.forms.keywords import list_heads
from lapt_dsl.language.parsing.token_names import shorten

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from lapt_dsl.language.parsing.source_text import SourceText

BEFORE = 200
AFTER = 4200
"""Characters looked at on either side of an error; a string, the longest thing replaced, has at most 4,000."""

_QUOTES = "\"'\u2018\u2019\u201c\u201d"
_QUOTED = rf"[{_QUOTES}][A-Za-z_]\w*[{_QUOTES}]"
_ITEM = r"(?:[A-Za-z_]\w*|[0-9]+(?:[ \t]*\.\.[ \t]*[0-9]+)?)"
_ANY_ITEM = rf"(?:{_QUOTED}|{_ITEM})"
_STRING = re.compile(r"'([^'\"\\\n]*)'|[\u201c\u201d]([^\u201c\u201d\"\\\n]*)[\u201c\u201d]")
_QUOTED_NAMES = re.compile(rf"{_QUOTED}(?:\s*,\s*{_ANY_ITEM})*", re.ASCII)
_LIST = re.compile(rf"\s*{_ANY_ITEM}(?:\s*,\s*{_ANY_ITEM})*\s*,?\s*", re.ASCII)
_CLOSING = {"[": "]", "(": ")", "{": "}"}
_HEADS = list_heads()


def _one_of(heads: Iterable[str]) -> str:
    """An expression for any of some words, or words in a row."""
    return "(?:" + "|".join(head.replace(" ", r"\s+") for head in heads) + ")"


_ONE = _one_of(_HEADS.singular)
_INDEXED = _one_of((*_HEADS.plural, *_HEADS.singular))
_NUMBERED = _one_of(dict.fromkeys((*_HEADS.plural, *_HEADS.singular, *_HEADS.numbered)))
_JOINED = re.compile(rf"({_NUMBERED})[_-]?([0-9]{{1,18}})(?!\w)", re.IGNORECASE | re.ASCII)
_PREDICATE = re.compile(rf"{_one_of(_HEADS.predicates)}\b")

# What is before an item of a list: the word that begins the list, and the items so far.
_SO_FAR = r"(?:[\w\s,.]*[\w,]\s*)?\Z"
_NAMES = re.compile(rf"\b{_one_of((*_HEADS.operators, 'choose'))}\s+{_SO_FAR}", re.IGNORECASE)
_COUNTED = re.compile(rf"\b{_one_of(_HEADS.counted)}\s+[0-9]+\s+{_SO_FAR}", re.IGNORECASE)
_READS = re.compile(rf"\b{_one_of(_HEADS.places)}\s+{_SO_FAR}", re.IGNORECASE)
_ONE_INDEX = re.compile(rf"\b({_ONE})\s+[0-9]+\s*\Z")
_INDICES = re.compile(rf"\b{_INDEXED}\s+[0-9][0-9\s,.]*\Z")
_SELECTED = re.compile(rf"\b{_INDEXED}\s*\Z")
_CELLS = re.compile(rf"\bin\s+{_SO_FAR}")
_RANGE = re.compile(rf"(?:\b{_INDEXED}|\b{_one_of(_HEADS.operators)}|,)\s*(?<![\w.])[0-9]+[ \t]*\Z")
_BEFORE_COLON = re.compile(rf"\b(?:{_one_of(_HEADS.bare)}|{_INDEXED}\s+[0-9][0-9\s,.]*|path)\Z")
_INPUTS = re.compile(r"\binput\s+[\w\s,]*\w\s+\Z")
_BETWEEN = re.compile(r"(?:\A|[;{}\n])[ \t]*\Z")


class SyntaxFix(NamedTuple):
    """What a mistake means: `text[start:end]` is meant to be `new`."""

    code: str
    start: int
    end: int
    new: str
    message: str


def autofix(source: SourceText) -> list[Diagnostic]:
    """The diagnostics of a source, with fixes where there is one reading, without those that follow from others."""
    fixes: list[SyntaxFix] = []
    kept: list[Diagnostic] = []
    for diagnostic in source.diagnostics:
        fix = _fix(source.text, diagnostic, diagnostic.span.start - source.offset)
        if fix is None:
            kept.append(diagnostic)
        elif not any(other.start <= fix.start <= fix.end <= other.end for other in fixes):
            fixes = [other for other in fixes if not fix.start <= other.start <= other.end <= fix.end]
            fixes.append(fix)
    spans = [(fix.start, fix.end) for fix in fixes]
    alone = [
        diagnostic
        for diagnostic in kept
        if not any(start <= diagnostic.span.start - source.offset <= end for start, end in spans)
    ]
    return [*alone, *(_diagnostic(source, fix) for fix in fixes)]


def _fix(text: str, diagnostic: Diagnostic, at: int) -> SyntaxFix | None:
    rules = _RULES.get(diagnostic.code, ())
    before, after = text[max(0, at - BEFORE) : at], text[at : at + AFTER]
    return next((fix for rule in rules if (fix := rule(before, after, at))), None)


def _diagnostic(source: SourceText, fix: SyntaxFix) -> Diagnostic:
    span = source.span(fix.start, fix.end)
    new = shorten(fix.new.strip())
    return Diagnostic(
        fix.code, "error", fix.message, span, f"write `{new}`" if new else "remove it", (), Fix(span, fix.new)
    )


def _string(before: str, after: str, at: int) -> SyntaxFix | None:
    """`'text'` and `“text”`."""
    match = _STRING.match(after)
    if match is None:
        return None
    inner = match[1] if match[1] is not None else match[2]
    return SyntaxFix("E020", at, at + match.end(), f'"{inner}"', "strings stand in plain double quotes")


def _quoted_name(before: str, after: str, at: int) -> SyntaxFix | None:
    """`only "conv3x3", 'skip'`."""
    match = _QUOTED_NAMES.match(after)
    if match is None or not (_NAMES.search(before) or _COUNTED.search(before) or _READS.search(before)):
        return None
    return SyntaxFix("E021", at, at + match.end(), _bare(match[0]), "names stand without quotes")


def _bare(items: str) -> str:
    return re.sub(f"[{_QUOTES}]", "", items)


def _joined(before: str, after: str, at: int) -> SyntaxFix | None:
    """`layer_3`, `layer3`, `Layer_3`; the sign of `layer-3` is where that is found."""
    word = re.search(r"(?<!\w)[A-Za-z]+\Z", before) if after[:1] == "-" else None
    front = word[0] if word else ""
    match = _JOINED.match(front + after)
    if match is None:
        return None
    start, meant = at - len(front), f"{match[1].lower()} {match[2]}"
    return SyntaxFix("E022", start, start + match.end(), meant, f"`{match[0]}` is two words: `{meant}`")


def _case(before: str, after: str, at: int) -> SyntaxFix | None:
    """`layers: ONLY` before what is wrong too, so that the parser did not recognize the word."""
    match = re.match(r"[A-Za-z]+", after)
    if match is None or match[0].islower() or not _PREDICATE.match(after.lower()) or not before.rstrip().endswith(":"):
        return None
    word = match[0].lower()
    return SyntaxFix("E023", at, at + match.end(), word, f"expected `{word}`, found `{match[0]}`")


def _plural(before: str, after: str, at: int) -> SyntaxFix | None:
    """`layer 0, 1`."""
    match = _ONE_INDEX.search(before)
    if match is None or not re.match(r"(?:,|\.\.|and\b)\s*[0-9]", after):
        return None
    start = at - len(before) + match.start(1)
    return SyntaxFix(
        "E024", start, start + len(match[1]), f"{match[1]}s", f"more than one {match[1]} is selected by `{match[1]}s`"
    )


def _colon(before: str, after: str, at: int) -> SyntaxFix | None:
    """`layer 3 only skip`."""
    head = before.rstrip()
    if not _PREDICATE.match(after) or not _BEFORE_COLON.search(head):
        return None
    place = at - len(before) + len(head)
    return SyntaxFix("E025", place, place, ":", "a `:` is missing between the layers and the predicate")


def _sign(before: str, after: str, at: int) -> SyntaxFix | None:
    """A sign for at most or at least in one character, and `0-2` for a range."""
    sign = after[:1]
    if sign in ("\u2264", "\u2265"):
        meant = "<=" if sign == "\u2264" else ">="
        return SyntaxFix("E026", at, at + 1, meant, f"`{sign}` is written `{meant}`")
    match = re.match(r"[-\u2013][ \t]*(?=[0-9]+(?![\w.]))", after)
    if match is None or not _RANGE.search(before):
        return None
    return SyntaxFix(
        "E026", at - len(before) + len(before.rstrip()), at + match.end(), "..", "a range is written with `..`"
    )


def _brackets(before: str, after: str, at: int) -> SyntaxFix | None:
    """`only [conv3x3, skip]`, `layer[3]`."""
    closing = _CLOSING.get(after[:1])
    match = _LIST.match(after, 1) if closing else None
    if match is None or after[match.end() : match.end() + 1] != closing:
        return None
    heads = (_NAMES, _COUNTED, _READS, _SELECTED)
    if not any(head.search(before) for head in heads):
        return None
    items = _bare(match[0]).strip().rstrip(",").rstrip()
    space = " " if re.search(r"\w\Z", before) else ""
    return SyntaxFix("E027", at, at + match.end() + 1, space + items, "a list has no brackets around it")


def _and(before: str, after: str, at: int) -> SyntaxFix | None:
    """`only conv3x3 and skip`, `a, b, and c`, `layers 0 and 1`; at the word, or at what follows it."""
    word = re.match(r"(and|or)\s+(?=\w)", after)
    if word is None:
        back = re.search(r"(?<!\w)(and|or)\s+\Z", before)
        if back is None or not re.match(r"[A-Za-z_]", after) or _PREDICATE.match(after):
            return None
        at -= len(before) - back.start()
        before, after = before[: back.start()], before[back.start() :] + after
        word = re.match(r"(and|or)\s+", after)
    if word is None or not _may_join(word[1], before):
        return None
    listed = before.rstrip()
    if listed.endswith(","):
        return SyntaxFix(
            "E028", at, at + word.end(), "", f"the items of a list are separated by `,` alone, without `{word[1]}`"
        )
    start = at - len(before) + len(listed)
    return SyntaxFix(
        "E028", start, at + len(word[1]), ",", f"the items of a list are separated by `,`, not by `{word[1]}`"
    )


def _may_join(word: str, before: str) -> bool:
    """Whether a list is meant. `at most 1 A and B` may be one count or two, so `and` is left alone there."""
    counted, reads = _COUNTED.search(before), _READS.search(before)
    if word == "or":
        return any(head.search(before) for head in (_NAMES, _COUNTED, _READS))
    if counted or (reads and not re.search(r"\breads\s+only\s", reads[0])):
        return False
    return any(head.search(before) for head in (_NAMES, _INDICES, _CELLS))


def _comma(before: str, after: str, at: int) -> SyntaxFix | None:
    """`only conv3x3, skip,;`."""
    match = re.search(r"(?<=\w),\s*\Z", before)
    if match is None or not re.match(r"[;{]|(?:except|over)\b", after):
        return None
    space = "" if after[0] == ";" else " "
    start = at - len(before) + match.start()
    return SyntaxFix("E029", start, at, space, "a list does not end in `,`")


def _comment(before: str, after: str, at: int) -> SyntaxFix | None:
    """`# text` and `/* text */` where a comment of this language could stand."""
    if not _BETWEEN.search(before):
        return None
    match = re.match(r"#+", after)
    if match is not None:
        return SyntaxFix("E030", at, at + match.end(), "//", "`//` starts a comment")
    match = re.match(r"/\*+([^*\n]*)\*+/(?=[ \t\r]*(?:\n|\Z))", after)
    if match is None:
        return None
    return SyntaxFix(
        "E030", at, at + match.end(), f"// {match[1].strip()}", "`//` starts a comment, which ends with its line"
    )


def _empty(before: str, after: str, at: int) -> SyntaxFix | None:
    """`layers: only skip;;` and `};`."""
    match = re.match(r";+", after)
    if match is None or not re.search(r"[;}]\s*\Z", before):
        return None
    return SyntaxFix("E032", at, at + match.end(), "", "a `;` stands where no statement does")


def _old_keyword(before: str, after: str, at: int) -> SyntaxFix | None:
    """`input x through conv_bn_relu(kernel=1);`"""
    if not re.match(r"through\b", after) or not _INPUTS.search(before):
        return None
    return SyntaxFix("E033", at, at + len("through"), "preprocess", "the keyword `through` is now `preprocess`")


_RULES: dict[str, tuple[Callable[[str, str, int], SyntaxFix | None], ...]] = {
    "E001": (_old_keyword, _case, _quoted_name, _joined, _plural, _colon, _brackets, _and, _comma, _empty),
    "E005": (_string, _joined, _sign, _brackets, _comment),
    "E010": (_and, _comma),
    "E011": (_old_keyword, _joined),
}
"""Which patterns an error of each code may follow; the first that fits decides."""
