"""Text to tokens. What is no token is reported and left out, so that the parser sees the rest of the file."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lapt_dsl.language.forms.keywords import reserved
from lapt_dsl.language.forms.vocabulary import (
    MAX_DIGITS,
    MAX_ERRORS,
    MAX_FRACTION,
    MAX_NAME,
    MAX_TEXT,
    MAX_TOKENS,
)
from lapt_dsl.language.parsing.parse_table import END, ParseTable
from lapt_dsl.language.parsing.source_text import SourceText
from lapt_dsl.language.parsing.token_names import shorten

# One pattern for both languages. A string ends at its quote, or broken at the line's end; a run of characters that no
# token can hold is one diagnostic, not many.
_TOKEN = re.compile(
    r"""[ \t\r\n]*(?:
    (?P<word>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<sign><=|>=|\.\.|[{}():;,=+])
  | (?P<number>[0-9]+(?:\.[0-9]+)?[kMG]?)
  | (?P<string>"[^"\\\n]*(?:\\[^\n][^"\\\n]*){0,4000}"?)
  | (?P<comment>//[^\n]*)
  | (?P<end>\Z)
  | (?P<foreign>'[^'\n]*'|\#[^\n]*|/\*(?:[^*\n]|\*(?!/))*(?:\*/)?|[<>\u2264\u2265]
      |[\u201c\u201d][^\n\u201c\u201d]*[\u201c\u201d])
  | (?P<other>[^ \t\r\nA-Za-z0-9_{}();:,=+."/<>'\#\u2264\u2265\u201c\u201d]+|.)
    )""",
    re.VERBOSE,
)
_WORD = re.compile(r"\w+")
# Characters that a terminal or an editor acts on instead of showing them: C0 and C1 controls, and the bidirectional
# ones, with which a text is shown in another order than it has.
_BAD_IN_TEXT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


@dataclass(slots=True)
class Comment:
    """A comment, the index of the token after it, whether it stands alone on its line, and below a blank line."""

    start: int
    end: int
    before: int
    alone: bool
    blank: bool


@dataclass(slots=True)
class Tokens:
    """Parallel lists over the tokens of a text (terminal, start, end), closed by one `$END`; and the comments.

    `after_blank` are the indices of the tokens that follow a blank line.
    """

    kinds: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    after_blank: set[int] = field(default_factory=set)
    replaced: dict[int, str] = field(default_factory=dict)

    def replace(self, token: int, kind: str, text: str) -> None:
        """Read `token` as the terminal `kind`, written `text`."""
        self.kinds[token] = kind
        self.replaced[token] = text


class Lexer:
    """Reads one source; diagnostics go to `source.diagnostics`."""

    def __init__(self, source: SourceText, table: ParseTable) -> None:
        self.source = source
        self.literals = table.literals
        # A word that only the other language reserves is no terminal of this table; the parser calls it reserved.
        self.refused = reserved("principles") - table.literals.keys() if table.language == "space" else frozenset()
        self.decimals = table.language == "principles"

    def run(self) -> Tokens:
        """Read all tokens, at most `MAX_TOKENS` with comments counted, and up to `MAX_ERRORS` errors."""
        text = self.source.text
        tokens = Tokens()
        kinds, starts, ends, comments = tokens.kinds, tokens.starts, tokens.ends, tokens.comments
        errors = self.source.diagnostics
        literals = self.literals
        position = 1 if text.startswith("\ufeff") else 0
        while len(errors) <= MAX_ERRORS and (match := _TOKEN.match(text, position)) and (group := match.lastgroup):
            if len(kinds) + len(comments) >= MAX_TOKENS:
                message = f"the text has more than {MAX_TOKENS:,} tokens and comments"
                self.source.add("E013", message, position, position, hint="split the file")
                break
            start, end = match.span(group)
            lines = text.count("\n", position, start) if start - position > 1 else 0
            if group == "word" or group == "sign":
                kind = literals.get(text[start:end]) or self._other_word(group, start, end)
                if text[end : end + 1] > "\x7f":
                    end, kind = self._foreign_word(start, end, kind)
            elif group == "comment":
                alone = not kinds or text.find("\n", position, start) >= 0
                comments.append(self._comment(start, end, len(kinds), alone=alone, blank=lines > 1))
                kind = ""
            elif group == "string":
                kind = "STRING"
                end = self._string(start, end)
            elif group == "end":
                break
            elif group == "other" and text[start].isalnum():
                end, kind = self._foreign_word(start, start, "")
            else:
                kind = self._rare(group, start, end)
            position = end
            if not kind:
                continue
            if lines > 1:
                tokens.after_blank.add(len(kinds))
            kinds.append(kind)
            starts.append(start)
            ends.append(end)
        kinds.append(END)
        starts.append(len(text))
        ends.append(len(text))
        return tokens

    def _rare(self, group: str, start: int, end: int) -> str:
        """The terminal of a number or of what another language writes; "" for what is no token."""
        if group == "number":
            return self._number(start, end)
        if group == "foreign":
            return self._foreign(start, end)
        self._illegal(start, end)
        return ""

    def _foreign_word(self, start: int, end: int, kind: str) -> tuple[int, str]:
        """Where a word with letters outside ASCII ends, and its terminal; what borders on a sign is left as it was."""
        match = _WORD.match(self.source.text, start)
        if match is None or match.end() <= end:
            return end, kind
        word = shorten(match[0], 20)
        self._add("E005", f"`{word}` is no name", start, match.end(), "names are ASCII letters, digits and `_`")
        return match.end(), "NAME"

    def _other_word(self, group: str, start: int, end: int) -> str:
        """The terminal of a word or sign that is none of the language's own; "" for a sign."""
        if group == "sign":
            self._illegal(start, end)
            return ""
        return self._word(self.source.text[start:end], start, end)

    def _word(self, word: str, start: int, end: int) -> str:
        if word in self.refused:
            return "RESERVED"
        if end - start > MAX_NAME:
            message = f"a name has at most {MAX_NAME} characters, this one has {end - start:,}"
            self._add("E009", message, start, end, "choose a shorter name")
        return "NAME"

    def _number(self, start: int, end: int) -> str:
        digits = self.source.text[start:end]
        whole, point, fraction = digits.rstrip("kMG").partition(".")
        is_whole = not point and digits[-1].isdigit()
        if len(whole) > MAX_DIGITS or len(fraction) > MAX_FRACTION:
            message = f"a number has at most {MAX_DIGITS} digits and {MAX_FRACTION} after the point"
            self._add("E008", message, start, end, "`k`, `M` and `G` stand for powers of 1,000")
        elif not is_whole and not self.decimals:
            self._add("E008", f"`{shorten(digits)}` is not a whole number", start, end, "spaces count in whole numbers")
        return "INT" if is_whole or not self.decimals else "DECIMAL"

    def _string(self, start: int, end: int) -> int:
        """Check the string; return where it ends (a broken one ends where a block seems to begin, or with its line)."""
        value = self.source.text[start:end]
        if len(value) < 2 or value[-1] != '"' or _escaped(value):
            self._add("E006", "the string has no closing quote on its line", start, end, 'end the string with `"`')
            block = value.find(" {")
            return start + max(1, block if block > 0 else len(value.rstrip(" \t\r;{}")))
        if len(value) - 2 > MAX_TEXT:
            self._too_long("a string", len(value) - 2, start, end)
        if "\\" in value:
            for match in re.finditer(r"\\(.)", value[:-1]):
                if match[1] not in '"\\':
                    at = start + match.start()
                    hint = 'write `\\\\` for a backslash and `\\"` for a quote'
                    self._add("E007", f"`{match[0]}` is not an escape", at, at + 2, hint)
        self._check_characters(start, end)
        return end

    def _too_long(self, what: str, length: int, start: int, end: int) -> None:
        message = f"{what} has at most {MAX_TEXT:,} characters, this one has {length:,}"
        self._add("E019", message, start, end, "shorten it or split it")

    def _comment(self, start: int, end: int, before: int, *, alone: bool, blank: bool) -> Comment:
        end = start + len(self.source.text[start:end].rstrip())
        if end - start > MAX_TEXT:
            self._too_long("a comment", end - start, start, end)
        self._check_characters(start, end)
        return Comment(start, end, before, alone, blank)

    def _check_characters(self, start: int, end: int) -> None:
        found = _BAD_IN_TEXT.search(self.source.text, start, end)
        if found:
            self._illegal(found.start(), found.end())

    def _illegal(self, start: int, end: int) -> None:
        text = self.source.text[start:end]
        shown = f"`{shorten(text, 20)}`" if text[0].isprintable() else f"the character U+{ord(text[0]):04X}"
        self._add(
            "E005", f"{shown} has no meaning here", start, end, "remove it; names are ASCII letters, digits and `_`"
        )

    def _foreign(self, start: int, end: int) -> str:
        """Report a spelling of other languages; return the terminal it stands for here, or "" for a comment."""
        text = self.source.text[start:end]
        sign = text[0]
        meant, hint = {
            "'": ("STRING", "strings stand in double quotes"),
            "\u201c": ("STRING", "strings stand in plain double quotes"),
            "\u201d": ("STRING", "strings stand in plain double quotes"),
            "#": ("", "`//` starts a comment"),
            "/": ("", "`//` starts a comment, which ends with its line"),
        }.get(sign, ("", "did you mean `<=`?" if sign in "<\u2264" else "did you mean `>=`?"))
        self._add("E005", f"`{shorten(text, 20)}` has no meaning here", start, end, hint)
        return meant or self.literals.get({"<": "<=", "\u2264": "<=", ">": ">=", "\u2265": ">="}.get(sign, ""), "")

    def _add(self, code: str, message: str, start: int, end: int, hint: str) -> None:
        if len(self.source.diagnostics) <= MAX_ERRORS:
            self.source.add(code, message, start, end, hint=hint)


def _escaped(value: str) -> bool:
    """Whether the last character, a quote, is escaped: an odd number of backslashes stands before it."""
    stripped = value[:-1].rstrip("\\")
    return (len(value) - 1 - len(stripped)) % 2 == 1
