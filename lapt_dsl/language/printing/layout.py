"""Lines of canonical text: indentation, long lines, comments and blank lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lapt_dsl.language.tree import Comments

WIDTH = 120
INDENT = "  "


class Layout:
    """Collects the lines of a file."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.level = 0
        self._opened = True

    def text(self) -> str:
        """All lines, with one newline at the end."""
        return "\n".join(self.lines) + "\n"

    def above(self, comments: Sequence[str], *, blank: bool = False) -> None:
        """Comments on lines of their own; "" is a blank line, and `blank` demands one before what follows them.

        No blank line opens a file or a block, and no two follow each other.
        """
        lines = list(comments)
        if blank and "" not in lines[:1]:
            lines.insert(0, "")
        for line in lines:
            if line:
                self.line(line)
            elif self.lines and self.lines[-1] and not self._opened:
                self.lines.append("")

    def line(self, text: str) -> None:
        """One line at the current indentation."""
        self.lines.append(INDENT * self.level + text)
        self._opened = False

    def words(self, words: Iterable[str], beside: Sequence[str] = ()) -> None:
        """A statement of `words`, broken between words where it is too long, and the comments on its line."""
        margin = INDENT * self.level
        line = ""
        for word in words:
            if line and len(margin) + len(line) + 1 + len(word) > WIDTH:
                self.lines.append(margin + line)
                margin = INDENT * (self.level + 2)
                line = word
            else:
                line = f"{line} {word}" if line else word
        self.lines.append(margin + line)
        self._opened = False
        self.beside(beside)

    def beside(self, comments: Sequence[str]) -> None:
        """Comments at the end of the last line; they never make it break."""
        if comments:
            self.lines[-1] += "  " + " ".join(comments)

    def open(self, comments: Comments) -> None:
        """Go into a block whose `{` ends the last line."""
        self.beside(comments.beside)
        self.level += 1
        self._opened = True

    def close(self, comments: Comments) -> None:
        """Leave a block."""
        self.above(comments.inside_end)
        while self.lines and not self.lines[-1]:
            self.lines.pop()
        self.level -= 1
        self.line("}")
        self.beside(comments.after_end)


def quote(text: str) -> str:
    """A string as the languages write it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def listed(words: Sequence[str]) -> list[str]:
    """Words with a comma after each but the last."""
    return [*(f"{word}," for word in words[:-1]), *words[-1:]]


def ended(words: list[str], sign: str = ";") -> list[str]:
    """Words with a sign glued to the last."""
    return [*words[:-1], words[-1] + sign]


def ranges(items: Iterable[tuple[int, int]]) -> list[str]:
    """`0..2, 5` as words."""
    return listed([str(low) if low == high else f"{low}..{high}" for low, high in items])
