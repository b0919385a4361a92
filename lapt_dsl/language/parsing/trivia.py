"""Which comments and blank lines belong to which node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lapt_dsl.language.tree import Comments

if TYPE_CHECKING:
    from lapt_dsl.language.parsing.lexer import Comment, Tokens

NO_COMMENTS = Comments()


class Trivia:
    """Hands every comment of a text to one node, the innermost whose tokens surround it.

    Nodes ask bottom-up and left to right, as an LALR parser builds them, so the comments still waiting form a stack.
    A comment alone on its line belongs to the token after it, another one to the token before it.
    """

    def __init__(self, text: str, tokens: Tokens) -> None:
        self.text = text
        self.tokens = tokens
        self._waiting: list[Comment] = []
        self._next = 0

    def statement(self, first: int, last: int) -> Comments:
        """Comments of a node without a block that has the tokens `first` to `last`; those inside it go above it."""
        above: list[str] = []
        beside: list[str] = []
        for comment in self._take(first, last):
            if not comment.alone and comment.before == last + 1:
                beside.append(self._read(comment))
            else:
                self._append(above, comment)
        return self._comments(above, first, beside=tuple(beside))

    def block(self, first: int, last: int, opened: int | None) -> Comments:
        """Comments of a node whose block opens at token `opened` and closes at token `last`."""
        above: list[str] = []
        beside: list[str] = []
        inside: list[str] = []
        after: list[str] = []
        for comment in self._take(first, last):
            if not comment.alone and comment.before == last + 1:
                after.append(self._read(comment))
            elif not comment.alone and opened is not None and comment.before == opened + 1:
                beside.append(self._read(comment))
            elif opened is not None and comment.before > opened:
                self._append(inside, comment)
            else:
                self._append(above, comment)
        return self._comments(above, first, tuple(beside), tuple(inside), tuple(after))

    def rest(self) -> tuple[str, ...]:
        """Comments that no node took: those after the last one."""
        found: list[str] = []
        for comment in self._take(0, len(self.tokens.kinds)):
            self._append(found, comment)
        return tuple(found)

    def _take(self, first: int, last: int) -> list[Comment]:
        comments = self.tokens.comments
        while self._next < len(comments) and _anchor(comments[self._next]) <= last:
            self._waiting.append(comments[self._next])
            self._next += 1
        taken: list[Comment] = []
        while self._waiting and _anchor(self._waiting[-1]) >= first:
            taken.append(self._waiting.pop())
        taken.reverse()
        return taken

    def _comments(
        self,
        above: list[str],
        first: int,
        beside: tuple[str, ...] = (),
        inside: tuple[str, ...] = (),
        after: tuple[str, ...] = (),
    ) -> Comments:
        if first in self.tokens.after_blank and first > 0:
            above.append("")
        if not (above or beside or inside or after):
            return NO_COMMENTS
        return Comments(tuple(above), beside, inside, after)

    def _append(self, lines: list[str], comment: Comment) -> None:
        if comment.alone and comment.blank:
            lines.append("")
        lines.append(self._read(comment))

    def _read(self, comment: Comment) -> str:
        return self.text[comment.start : comment.end]


def _anchor(comment: Comment) -> int:
    """The token that a comment belongs to."""
    return comment.before if comment.alone else comment.before - 1
