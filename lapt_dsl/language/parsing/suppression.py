"""Suppression comments: `// lapt: allow CODE[, CODE]` silences those diagnostics on its line.

The line is that of the statement or block the comment belongs to: the one it stands beside, or the one below it where
it stands alone. So a comment keeps its effect when `lapt fmt` moves a line break. Errors cannot be silenced.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lapt_dsl.diagnostics.codes import CODES
from lapt_dsl.diagnostics.diagnostic import Diagnostic
from lapt_dsl.language.forms.vocabulary import MAX_CHARACTERS
from lapt_dsl.language.parsing.header import language_of
from lapt_dsl.language.parsing.lexer import Lexer, Tokens
from lapt_dsl.language.parsing.parse_table import END, load
from lapt_dsl.language.parsing.source_text import SourceText

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lapt_dsl.diagnostics.span import Span

_ALLOW = re.compile(r"//\s*lapt:\s*allow\b[ \t:]*([^\n]*)")
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9]*")


@dataclass
class _Allow:
    """One code of one comment, the lines it covers, and whether it silenced anything."""

    code: str
    span: Span
    first: int
    last: int
    used: bool = field(default=False)


def suppress(
    text: str,
    diagnostics: Sequence[Diagnostic],
    file: str | None = None,
    *,
    complete: bool = True,
    offset: int = 0,
    line: int = 1,
) -> list[Diagnostic]:
    """Leave out the diagnostics that a text's comments allow.

    Args:
        text: The text that was linted.
        diagnostics: The diagnostics to filter; those of other files are kept as they are.
        file: The text's name in the diagnostics; None: that of the first diagnostic.
        complete: Whether every analysis ran, so that a comment that silenced nothing is a diagnostic itself.
        offset: Where the text begins within the file, as in `parser.parse`.
        line: The line at which the text begins within the file.

    Returns:
        What is left, and W490 or W491 for comments that do nothing.
    """
    if "lapt:" not in text or len(text) > MAX_CHARACTERS:
        return list(diagnostics)
    name = file if file is not None else diagnostics[0].span.file if diagnostics else "<text>"
    allows = _allows(SourceText(text, name, offset, line))
    by_code: dict[str, list[_Allow]] = {}
    for allow in allows:
        by_code.setdefault(allow.code, []).append(allow)
    kept = [diagnostic for diagnostic in diagnostics if not _allowed(diagnostic, name, by_code)]
    if any(diagnostic.severity == "error" for diagnostic in diagnostics):
        complete = False
    return [*kept, *(diagnostic for allow in allows if (diagnostic := _useless(allow, complete)))]


def _allowed(diagnostic: Diagnostic, file: str, by_code: dict[str, list[_Allow]]) -> bool:
    if diagnostic.severity == "error" or diagnostic.span.file != file:
        return False
    covering = [a for a in by_code.get(diagnostic.code, ()) if a.first <= diagnostic.span.line <= a.last]
    for allow in covering:
        allow.used = True
    return bool(covering)


def _useless(allow: _Allow, complete: bool) -> Diagnostic | None:
    known = CODES.get(allow.code)
    if known is None or known.severity == "error":
        why = "there is no such code" if known is None else "errors cannot be silenced"
        hint = "see the list of codes in docs/diagnostics" if known is None else "fix the error"
        return Diagnostic("W491", "warning", f"`{allow.code[:20]}` silences nothing: {why}", allow.span, hint)
    if complete and not allow.used:
        return Diagnostic(
            "W490", "warning", f"there is no {allow.code} to silence here", allow.span, "remove the comment"
        )
    return None


def _allows(source: SourceText) -> list[_Allow]:
    language = language_of(source)
    if language is None:
        return []
    tokens = Lexer(source, load(language)).run()
    constructs = _Constructs(tokens, language)
    found: list[_Allow] = []
    for comment in tokens.comments:
        match = _ALLOW.match(source.text, comment.start, comment.end)
        if match is None:
            continue
        own = source.line_of(comment.start)
        first, last = constructs.around(comment.before if comment.alone else comment.before - 1)
        shift = source.first_line - 1
        low, high = own, own
        if first <= last:
            low = min(own, source.line_of(tokens.starts[first]))
            high = max(own, source.line_of(tokens.starts[last]))
        for code in _CODE.finditer(match[1].partition(" --")[0]):
            start = match.start(1) + code.start()
            span = source.span(start, start + len(code[0]))
            found.append(_Allow(code[0].upper(), span, low + shift, high + shift))
    return found


class _Constructs:
    """The statement or block that each token belongs to, by the signs `;`, `{` and `}` alone."""

    def __init__(self, tokens: Tokens, language: str) -> None:
        self.kinds = tokens.kinds
        self.start_of: list[int] = []
        self.end_of: dict[int, int] = {}
        start = 0
        open_blocks: list[int] = []
        for index, kind in enumerate(self.kinds):
            goes_on = self.kinds[index + 1 : index + 2] == ["THEN"]
            # The braces of `one of {a, b}` in a space are part of their statement.
            wiring = language == "space" and self.kinds[index - 1 : index] == ["OF"]
            if kind == "LBRACE":
                open_blocks.append(-1 if wiring else start)
                self.start_of.append(start)
                start = start if wiring else index + 1
            elif kind == "RBRACE" and open_blocks:
                begin = open_blocks.pop()
                begin = start if begin < 0 else begin
                wired = begin == start
                self.start_of.append(begin)
                self.end_of[begin] = index
                start = begin if wired or goes_on else index + 1
            else:
                self.start_of.append(start)
                self.end_of[start] = index
                start = index + 1 if kind == "SEMICOLON" and not goes_on else start

    def around(self, token: int) -> tuple[int, int]:
        """The first and the last token of the construct that `token` belongs to; (0, -1) where there is none."""
        if not 0 <= token < len(self.kinds) or self.kinds[token] == END:
            return 0, -1
        start = self.start_of[token]
        if start == 0:
            # The file's header: its block is the whole file, which no comment covers.
            signs = (i for i, kind in enumerate(self.kinds) if kind in ("LBRACE", "SEMICOLON"))
            return 0, next(signs, 0)
        return start, self.end_of.get(start, token)
