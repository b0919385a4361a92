"""The fenced blocks of a Markdown text, such as a language model's reply."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FencedBlock:
    """A fenced block: its text, its info string, and where the text begins in the whole (`parse`'s offset and line).

    `closed` is False where the text ended before the fence did.
    """

    text: str
    info: str
    offset: int
    line: int
    closed: bool = True


def extract(text: str) -> list[FencedBlock]:
    """Every block between fences of three or more backticks or tildes, in order.

    A fence is closed by one of the same sign that is at least as long and has nothing after it, or by the text's end.
    The prose around the blocks is ignored. Takes time linear in the text.
    """
    blocks: list[FencedBlock] = []
    fence = ""
    info = ""
    begin, begin_line = 0, 1
    position = 0
    for number, line in enumerate(text.split("\n"), start=1):
        after = position + len(line) + 1
        marks, rest = _fence(line.removeprefix("\ufeff") if number == 1 else line)
        if fence:
            if marks and marks[0] == fence[0] and len(marks) >= len(fence) and not rest:
                blocks.append(FencedBlock(text[begin:position], info, begin, begin_line))
                fence = ""
        elif marks and not (marks[0] == "`" and "`" in rest):
            fence, info, begin, begin_line = marks, rest, after, number + 1
        position = after
    if fence and begin <= len(text):
        blocks.append(FencedBlock(text[begin:], info, begin, begin_line, False))
    return blocks


def _fence(line: str) -> tuple[str, str]:
    """The fence that a line begins with, or "", and what follows it."""
    stripped = line.strip()
    for sign in ("`", "~"):
        rest = stripped.lstrip(sign)
        count = len(stripped) - len(rest)
        if count >= 3:
            return stripped[:count], rest.strip()
    return "", ""
