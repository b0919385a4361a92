"""The answer in a language model's reply: which part of it is the principle file, if any.

The rule, in this order:

1. A reasoning preamble is left out: everything up to the last `</think>`, and everything from a `<think>` that is not
   closed and begins its line. `<thinking>`, `<thought>` and `<reasoning>` count alike. What stands there is a draft.
2. The candidates are the fenced blocks that begin as a principle file does; a fenced block of Markdown is looked
   into once. Where there is none, they are the texts that begin a line with `principles NAME for SPACE` and go on
   to the last item that belongs to them.
3. The answer is the last candidate that parses without an error, or else the last candidate.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from lapt_dsl.language.parsing.source_text import SourceText
from lapt_dsl.language.replies.extract import FencedBlock, extract

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lapt_dsl.diagnostics.diagnostic import Diagnostic

MAX_REPLY = 2**20
"""Characters of a reply that is looked at; more is refused (E035)."""

MOST_CANDIDATES = 100
"""Of more candidates only the last ones are looked at."""

_TAG = r"(?:think|thinking|thought|reasoning)"
_THOUGHT_ENDS = re.compile(rf"</{_TAG}>", re.IGNORECASE)
_THOUGHT_BEGINS = re.compile(rf"^[ \t\ufeff]*<{_TAG}>", re.IGNORECASE | re.MULTILINE)
_PRINCIPLES = re.compile(
    r"^[ \t\ufeff>`]{0,40}(?=principles[ \t]+[A-Za-z_]\w{0,63}[ \t]+for[ \t]+[A-Za-z_]\w{0,63}[ \t]*"
    r"(?:;|\{|extends\b|\r?$))",
    re.IGNORECASE | re.MULTILINE | re.ASCII,
)
_SPACE = re.compile(r"^[ \t\ufeff>`]{0,40}space[ \t]+[A-Za-z_]\w{0,63}[^\n{;]{0,200}\{", re.MULTILINE | re.ASCII)
_FIRST_WORD = re.compile(r"\ufeff?(?:[ \t\r\n]+|//[^\n]*|#[^\n]*)*([A-Za-z_]\w*)?", re.ASCII)
_ITEMS = frozenset({"principle", "extends", "drop"})
_PIECE = re.compile(r'//[^\n]*|"(?:[^"\\\n]|\\.)*"?|[{};]|[A-Za-z_]\w*|`{3,}|\S', re.ASCII)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reply holds: the principle file, or None and the diagnostics that say why there is none."""

    block: FencedBlock | None
    diagnostics: tuple[Diagnostic, ...] = ()


def answer(text: str) -> FencedBlock | None:
    """The principle file in a reply, with its place in the reply, by the rule of this module; None where there is none.

    The text of the block is as it was written: nothing is unescaped, and it may have errors. Takes time linear in the
    reply; one of more than `MAX_REPLY` characters has no answer.
    """
    return read_reply(text).block


def read_reply(text: str, file: str = "<reply>") -> Answer:
    """The principle file in a reply, or why it is refused.

    Args:
        text: The reply.
        file: Its name in the diagnostics.

    Returns:
        The block; or a diagnostic: E035 for a reply that is too large, E037 for a space, E036 for anything else.
    """
    if len(text) > MAX_REPLY:
        source = SourceText(text[:1], file)
        message = f"the reply has {len(text):,} characters, more than the {MAX_REPLY:,} that are read"
        source.add("E035", message, 0, 1, hint="answer with one principle file and little else")
        return Answer(None, tuple(source.diagnostics))
    begin, end = _after_thought(text)
    blocks = fenced(text)
    candidates = [block for block in blocks if _word(block.text) in ("principles", *_ITEMS)]
    if not candidates:
        candidates = list(_unfenced(text, begin, end))
    if candidates:
        return Answer(_chosen(candidates[-MOST_CANDIDATES:]))
    return Answer(None, (_refusal(text, begin, end, blocks, file),))


def fenced(text: str) -> list[FencedBlock]:
    """Every fenced block of a text outside its reasoning preamble, in order; for texts of any size."""
    begin, end = _after_thought(text)
    return list(_blocks(text[begin:end], begin, text.count("\n", 0, begin) + 1))


def _after_thought(text: str) -> tuple[int, int]:
    """Where the part of a reply begins and ends that is no reasoning preamble."""
    begin = 0
    for match in _THOUGHT_ENDS.finditer(text):
        begin = match.end()
    opened = _THOUGHT_BEGINS.search(text, begin)
    return begin, opened.start() if opened else len(text)


def _blocks(text: str, offset: int, line: int) -> Iterator[FencedBlock]:
    """The fenced blocks, those of a block of Markdown in its place; an unclosed one ends with its last item."""
    for block in extract(text):
        inner = extract(block.text) if block.text.lstrip().startswith(("```", "~~~")) or "md" in _kind(block) else []
        for part in [_within(each, block.offset, block.line) for each in inner] or [block]:
            cut = part.text if part.closed else part.text[: _file_end(part.text, 0, len(part.text))]
            yield FencedBlock(cut, part.info, part.offset + offset, part.line + line - 1, part.closed)


def _kind(block: FencedBlock) -> tuple[str, ...]:
    word = block.info.lower().split()[:1]
    return ("md",) if word in (["md"], ["markdown"]) else ()


def _within(block: FencedBlock, offset: int, line: int) -> FencedBlock:
    return FencedBlock(block.text, block.info, block.offset + offset, block.line + line - 1, block.closed)


def _word(text: str) -> str:
    match = _FIRST_WORD.match(text)
    return (match[1] or "").lower() if match else ""


def _unfenced(text: str, begin: int, end: int) -> Iterator[FencedBlock]:
    starts = [match.end() for match in _PRINCIPLES.finditer(text, begin, end)]
    for start, following in list(pairwise([*starts, end]))[-MOST_CANDIDATES:]:
        stop = _file_end(text, start, following)
        yield FencedBlock(text[start:stop], "", start, text.count("\n", 0, start) + 1)


def _file_end(text: str, start: int, end: int) -> int:
    """Where a principle file that begins at `start` ends: after the last `;` or `}` outside blocks before other words.

    A file that is left open reaches to the end of the text.
    """
    depth, done = 0, end
    complete = False
    for match in _PIECE.finditer(text, start, end):
        piece = match[0]
        if piece.startswith("//"):
            continue
        if complete and piece not in _ITEMS:
            return done
        if piece.startswith("```"):
            return match.start()
        complete = False
        depth += (piece == "{") - (piece == "}")
        if depth <= 0 and piece in ("}", ";"):
            complete, done = True, match.end()
    return done if complete else end


def _chosen(candidates: list[FencedBlock]) -> FencedBlock:
    """The last candidate without an error, or else the last."""
    from lapt_dsl.language.parsing.parser import parse
    from lapt_dsl.language.tree import PrincipleFile

    for block in reversed(candidates):
        tree, diagnostics = parse(block.text)
        if isinstance(tree, PrincipleFile) and not any(item.severity == "error" for item in diagnostics):
            return block
    return candidates[-1]


def _refusal(text: str, begin: int, end: int, blocks: list[FencedBlock], file: str) -> Diagnostic:
    source = SourceText(text, file)
    space = next((block.offset for block in blocks if _word(block.text) == "space"), None)
    if space is None:
        match = _SPACE.search(text, begin, end)
        space = match.start() if match else None
    if space is not None:
        hint = "the space is given; answer with a file that starts with `principles`"
        source.add("E037", "the reply is a space, not a principle file", space, space + 1, hint=hint)
    else:
        at = min(begin, max(len(text) - 1, 0))
        what = (
            "ends inside its reasoning"
            if end < len(text) and not text[begin:end].strip()
            else "holds no principle file"
        )
        hint = "answer with one fenced block that starts with `principles NAME for SPACE;`"
        source.add("E036", f"the reply {what}", at, at, hint=hint)
    return source.diagnostics[0]
