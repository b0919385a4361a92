"""What the parser does where a token does not fit: report it once, then repair the token stream or skip a statement.

A repair (a missing sign, a misspelt word, a stray token) is made only where the following tokens then fit. Otherwise
the statement is given up: tokens are skipped up to its `;`, or up to the `}` of the block around it, and the parser
returns to a state in which a statement can begin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lapt_dsl.diagnostics.diagnostic import Fix, Note
from lapt_dsl.language.forms.keywords import block_headers, item_terminals
from lapt_dsl.language.forms.vocabulary import MAX_NESTING
from lapt_dsl.language.parsing.header import say_no_header
from lapt_dsl.language.parsing.parse_table import END
from lapt_dsl.language.parsing.token_names import Describer, shorten

if TYPE_CHECKING:
    from lapt_dsl.language.parsing.lalr import LalrParser
    from lapt_dsl.language.parsing.source_text import SourceText

LOOKAHEAD = 3
SIGNS = ("COLON", "COMMA", "EQUAL", "LPAR", "RPAR", "LBRACE")


class Recovery:
    """Reports what is wrong at the machine's position and brings the machine to where it can go on."""

    def __init__(self, machine: LalrParser, source: SourceText) -> None:
        self.machine = machine
        self.source = source
        self.tokens = machine.tokens
        self.table = machine.table
        self.describer = Describer(machine.table)
        self.items = item_terminals(machine.table.language)
        self._seen = -1

    def recover(self) -> bool:
        """Report the error and repair it. Returns False where nothing is left to read."""
        position = self.machine.position
        kind = self.tokens.kinds[position]
        if position == self._seen:
            # The repair did not help: continue behind the token, which has been reported.
            self.machine.position += kind != END
            return kind != END and self._back_to(None)
        self._seen = position
        # What is complete is reduced even though the token does not fit after it.
        self.machine.settle("RBRACE")
        self.machine.settle(END)
        if position == 0:
            return self._no_header()
        expected = self.machine.expected()
        if expected == {END} and kind != "RBRACE":
            self._unexpected(kind, expected)
            self.machine.position = len(self.tokens.kinds) - 1
            return True
        repaired = (
            self._close(kind, expected)
            or self._stray_brace(kind)
            or self._misspelt(kind, expected)
            or self._preference(kind)
            or self._missing_sign(kind, expected)
            or self._reserved(kind, expected)
            or self._stray(kind, expected)
        )
        if not repaired:
            self._unexpected(kind, expected)
            self._skip()
        return self.tokens.kinds[self.machine.position] != END or self._can_end()

    def too_deep(self) -> None:
        """Report that nesting ends here."""
        hint = "take the inner blocks out"
        self._add("E012", f"blocks and conditions are nested more than {MAX_NESTING} deep", self.machine.position, hint)

    # --- repairs ---

    def _no_header(self) -> bool:
        kinds, tokens = self.tokens.kinds, self.tokens
        words = {self.table.language.upper(), *self.items}
        near = self.describer.near(self._word(0), words) if kinds[0] == "NAME" else None
        if near == self.table.language:
            return self._misspelt("NAME", {self.table.language.upper()}, certain=True)
        say_no_header(self.source, tokens.starts[0], tokens.ends[0])
        if kinds[0] not in self.items:
            self._skip()
            return kinds[self.machine.position] != END
        if self.table.language == "principles":
            for kind in ("PRINCIPLES", "NAME", "FOR", "ANY", "SEMICOLON"):
                self.machine.feed(kind, 0)
            return True
        return False

    def _close(self, kind: str, expected: set[str]) -> bool:
        """A missing `;`, and missing `}` where the file ends or an item begins inside a block."""
        begins = kind in self.items or kind == END
        opened = self._opened()
        for count in range(len(opened) + 1 if begins else 1):
            for missing in (["SEMICOLON"], []):
                wanted = missing + ["RBRACE"] * count
                ahead = self._ahead(1 if kind == "RBRACE" else 2)
                if not wanted or wanted[0] not in expected or not self.machine.accepts([*wanted, *ahead]):
                    continue
                # A text that ends inside a statement was cut off: nobody knows how it went on.
                cut = bool(missing) and bool(count) and kind == END
                if missing:
                    self._missing_semicolon(certain=not cut)
                if count:
                    self._unclosed(kind, opened, count, certain=not cut)
                for sign in wanted:
                    self.machine.feed(sign, self.machine.position)
                return True
        return False

    def _missing_semicolon(self, *, certain: bool) -> None:
        position = self.machine.position
        at = self.tokens.ends[position - 1]
        found = self.describer.found(self.tokens.kinds[position], self._word(position))
        where = self.source.span(at, at)
        self.source.add(
            "E002",
            f"a `;` is missing before {found}",
            at,
            at,
            hint="end the statement with `;`",
            fix=Fix(where, ";") if certain else None,
        )

    def _unclosed(self, kind: str, opened: list[int], count: int, *, certain: bool) -> None:
        from lapt_dsl.language.parsing.missing_braces import closing

        position = self.machine.position
        what = "the file ends" if kind == END else f"`{self._word(position)}` begins"
        at = position - 1 if kind == END else position
        starts, ends = self.tokens.starts, self.tokens.ends
        brace = opened[-1]
        note = Note("the block begins here", self.source.span(starts[brace], ends[brace]))
        hint = "close the block with `}`"
        fix = closing(self.source, self.tokens, opened[-count:], position) if certain else None
        self.source.add("E003", f"{what} inside a block", starts[at], ends[at], hint=hint, notes=(note,), fix=fix)

    def _stray_brace(self, kind: str) -> bool:
        if kind != "RBRACE" or self._opened():
            return False
        self._add("E004", "this `}` closes nothing", self.machine.position, "remove it, or look for a `}` too early")
        self.machine.position += 1
        return True

    def _misspelt(self, kind: str, expected: set[str], *, certain: bool = False) -> bool:
        position = self.machine.position
        word = self._word(position)
        if not word.isidentifier():
            return False
        near = self.describer.near(word, expected)
        if near is None or near == word:
            return False
        meant = self.table.literals[near]
        if not certain and not self.machine.accepts([meant, *self._ahead(2, position + 1)]):
            return False
        message = f"expected `{near}`, found `{shorten(word)}`"
        if near == word.lower():
            span = self.source.span(self.tokens.starts[position], self.tokens.ends[position])
            self._add("E023", message, position, f"write `{near}`", Fix(span, near))
        else:
            # Which word was meant is a guess, however near, so it is no fix.
            self._add("E011", message, position, f"did you mean `{near}`?")
        self.tokens.replace(position, meant, near)
        return True

    def _reserved(self, kind: str, expected: set[str]) -> bool:
        position = self.machine.position
        word = self._word(position)
        keyword = kind == "RESERVED" or (word in self.table.literals and word.isalpha())
        if "NAME" not in expected or not keyword:
            return False
        self._add(
            "E010",
            f"expected a name, found the reserved word `{word}`",
            position,
            "choose another name" if self.machine.accepts(("NAME", *self._ahead(1, position + 1))) else "write a name",
        )
        if self.machine.accepts(("NAME", *self._ahead(2, position + 1))):
            self.tokens.kinds[position] = "NAME"
        else:
            self._skip()
        return True

    def _preference(self, kind: str) -> bool:
        if kind != "PREFER":
            return False
        position = self.machine.position
        if self.tokens.kinds[position - 1] != "COLON":
            return False
        message = "`prefer` cannot stand inside `if` or `one of`"
        self._add("E018", message, position, "make it a statement of its own; a preference is neither true nor false")
        self._skip()
        return True

    def _missing_sign(self, kind: str, expected: set[str]) -> bool:
        for sign in SIGNS:
            if sign in expected and self.machine.accepts([sign, *self._ahead(LOOKAHEAD)]):
                self._unexpected(kind, {sign})
                self.machine.feed(sign, self.machine.position)
                return True
        return False

    def _stray(self, kind: str, expected: set[str]) -> bool:
        position = self.machine.position
        if kind in ("LBRACE", "RBRACE", "SEMICOLON", END):
            return False
        if not self.machine.accepts(self._ahead(2, position + 1)):
            return False
        self._unexpected(kind, expected)
        self.machine.position += 1
        return True

    # --- giving a statement up ---

    def _skip(self) -> None:
        machine, kinds = self.machine, self.tokens.kinds
        depth = 0
        position = machine.position
        while (kind := kinds[position]) != END:
            if kind == "LBRACE":
                if depth == 0 and self._enter(position):
                    return
                depth += 1
            elif kind == "RBRACE" and depth == 0:
                break
            elif kind == "RBRACE":
                depth -= 1
                # A block ends its statement; the braces of `one of {a, b}` in a space do not.
                if depth == 0 and self.table.language == "principles":
                    position += 1
                    break
            elif kind == "SEMICOLON" and depth == 0 and kinds[position + 1] != "THEN":
                position += 1
                break
            elif kind in self.items and depth == 0 and position > machine.position and self._back_to(kind):
                break
            position += 1
        machine.position = position
        self._back_to(None)

    def _enter(self, position: int) -> bool:
        """Read the block that opens at `position` although its header did not fit."""
        machine = self.machine
        base = self._base(None)
        size = 0 if base is None else base
        if size >= len(machine.firsts):
            return False
        first = machine.firsts[size]
        header = block_headers(self.table.language).get(self.tokens.kinds[first])
        if header is None:
            return False
        machine.pop(len(machine.firsts) - size)
        if not machine.accepts((*header, "LBRACE")):
            return False
        for offset, kind in enumerate(header):
            token = min(first + offset, position - 1)
            machine.feed(kind, token)
            machine.position = token + 1
        machine.position = position
        return True

    def _base(self, item: str | None) -> int | None:
        """The height of the stack at the innermost state where a statement (or `item`) can begin."""
        machine = self.machine
        for height in range(len(machine.states) - 1, -1, -1):
            state = machine.states[height]
            if state in self.table.blocks and (item is None or self.table.actions[state].get(item, -1) >= 0):
                return height
        return None

    def _back_to(self, item: str | None) -> bool:
        base = self._base(item)
        if base is None:
            return self._past_header() if item is None else False
        self.machine.pop(len(self.machine.firsts) - base)
        return True

    def _past_header(self) -> bool:
        """The file's own header did not fit: read on as if it had."""
        machine = self.machine
        machine.pop(len(machine.firsts))
        header = {
            "principles": ("PRINCIPLES", "NAME", "FOR", "ANY", "SEMICOLON"),
            "space": ("SPACE", "NAME", "LBRACE"),
        }
        for kind in header[self.table.language]:
            machine.feed(kind, 0)
        return True

    # --- looking and saying ---

    def _can_end(self) -> bool:
        """Whether the end of the file still has something to close or to be read."""
        return self.machine.states[-1] == self.table.accept or self.machine.accepts((END,)) or bool(self._opened())

    def _opened(self) -> list[int]:
        """The tokens `{` that are open."""
        kinds = self.tokens.kinds
        return [first for first in self.machine.firsts if kinds[first] == "LBRACE"]

    def _ahead(self, count: int, position: int | None = None) -> list[str]:
        """The next terminals, up to the first `;`."""
        start = self.machine.position if position is None else position
        found: list[str] = []
        for kind in self.tokens.kinds[start : start + count]:
            found.append(kind)
            if kind == "SEMICOLON":
                break
        return found

    def _word(self, position: int) -> str:
        return self.source.text[self.tokens.starts[position] : self.tokens.ends[position]]

    def _unexpected(self, kind: str, expected: set[str]) -> None:
        position = self.machine.position
        found = self.describer.found(kind, self._word(position))
        wanted = self.describer.expected(expected)
        self._add("E001", f"expected {wanted}, found {found}", position, self.describer.advice(expected))

    def _add(self, code: str, message: str, position: int, hint: str | None, fix: Fix | None = None) -> None:
        start, end = self.tokens.starts[position], self.tokens.ends[position]
        self.source.add(code, message, start, end, hint=hint, fix=fix)
