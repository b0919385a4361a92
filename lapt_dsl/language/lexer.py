"""Text to tokens. What is no token is reported and left out, so that the parser sees the rest of the file."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lapt_dsl.language.describe import shorten
from lapt_dsl.language.source import Source
from lapt_dsl.language.tables import END, Table
from lapt_dsl.language.vocabulary import MAX_DIGITS, MAX_ERRORS, MAX_FRACTION, MAX_NAME, MAX_TEXT, MAX_TOKENS, RESERVED

# One pattern for both languages. A string ends at its quote, or broken at the line's end; a run of characters that no
# token can hold is one finding, not many.
_TOKEN = re.compile(
    r"""[ \t\r\n]*(?:
    (?P<word>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<sign><=|>=|\.\.|[{}():;,=+])
  | (?P<number>[0-9]+(?:\.[0-9]+)?[kMG]?)
  | (?P<string>"[^"\\\n]*(?:\\[^\n][^"\\\n]*)*"?)
  | (?P<comment>//[^\n]*)
  | (?P<end>\Z)
  | (?P<foreign>'[^'\n]*'|\#[^\n]*|/\*(?:[^*\n]|\*(?!/))*(?:\*/)?|[<>\u2264\u2265]
      |[\u201c\u201d][^\n\u201c\u201d]*[\u201c\u201d])
  | (?P<other>[^ \t\r\nA-Za-z0-9_{}();:,=+."/<>'\#\u2264\u2265\u201c\u201d]+|.)
    )""",
    re.VERBOSE,
)
_BAD_IN_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


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
    """Reads one source; findings go to `source.diagnostics`."""

    def __init__(self, source: Source, table: Table) -> None:
        self.source = source
        self.literals = table.literals
        # A word that only the other language reserves is no terminal of this table; the parser calls it reserved.
        self.refused = RESERVED["principles"] - table.literals.keys() if table.language == "space" else frozenset()
        self.decimals = table.language == "principles"

    def run(self) -> Tokens:
        """Read all tokens, at most `MAX_TOKENS`."""
        text = self.source.text
        tokens = Tokens()
        kinds, starts, ends = tokens.kinds, tokens.starts, tokens.ends
        literals = self.literals
        position = 1 if text.startswith("\ufeff") else 0
        while match := _TOKEN.match(text, position):
            group = match.lastgroup
            start, end = match.span(group or 0)
            lines = text.count("\n", position, start) if start - position > 1 else 0
            if group == "word":
                word = text[start:end]
                kind = literals.get(word) or self._word(word, start, end)
            elif group == "sign":
                sign = text[start:end]
                kind = literals.get(sign, "")
                if not kind:
                    self._illegal(start, end)
                    position = end
                    continue
            elif group == "comment":
                alone = not kinds or text.find("\n", position, start) >= 0
                self._comment(tokens, start, end, alone=alone, blank=lines > 1)
                position = end
                continue
            elif group == "number":
                kind = self._number(start, end)
            elif group == "string":
                kind = "STRING"
                end = self._string(start, end)
            elif group == "end":
                break
            elif group == "foreign" and (meant := self._foreign(start, end)):
                kind = meant
            else:
                if group == "other":
                    self._illegal(start, end)
                position = end
                continue
            if lines > 1:
                tokens.after_blank.add(len(kinds))
            kinds.append(kind)
            starts.append(start)
            ends.append(end)
            position = end
            if len(kinds) >= MAX_TOKENS:
                hint = "split the file"
                self.source.add("E013", f"the text has more than {MAX_TOKENS:,} tokens", start, end, hint=hint)
                break
        kinds.append(END)
        starts.append(len(text))
        ends.append(len(text))
        return tokens

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
        if len(whole) > MAX_DIGITS or len(fraction) > MAX_FRACTION:
            message = f"a number has at most {MAX_DIGITS} digits and {MAX_FRACTION} after the point"
            self._add("E008", message, start, end, "`k`, `M` and `G` stand for powers of 1,000")
        if not point and digits[-1].isdigit():
            return "INT"
        if not self.decimals:
            self._add("E008", f"`{shorten(digits)}` is not a whole number", start, end, "spaces count in whole numbers")
            return "INT"
        return "DECIMAL"

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

    def _comment(self, tokens: Tokens, start: int, end: int, *, alone: bool, blank: bool) -> None:
        text = self.source.text
        end = start + len(text[start:end].rstrip())
        if end - start > MAX_TEXT:
            self._too_long("a comment", end - start, start, end)
        self._check_characters(start, end)
        tokens.comments.append(Comment(start, end, len(tokens.kinds), alone, blank))

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
