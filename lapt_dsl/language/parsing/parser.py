"""Text to tree, with every error of the text in one run."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from lapt_dsl.diagnostics.diagnostic import Diagnostic, LaptError
from lapt_dsl.language.forms.vocabulary import MAX_CHARACTERS, MAX_ERRORS, MAX_NESTING
from lapt_dsl.language.parsing.header import language_of
from lapt_dsl.language.parsing.lalr import LalrParser
from lapt_dsl.language.parsing.lexer import Lexer
from lapt_dsl.language.parsing.parse_table import ParseTable, load
from lapt_dsl.language.parsing.principle_builder import PrincipleBuilder
from lapt_dsl.language.parsing.recovery import Recovery
from lapt_dsl.language.parsing.source_text import SourceText
from lapt_dsl.language.parsing.space_builder import SpaceBuilder
from lapt_dsl.language.tree import PrincipleFile, SpaceFile

if TYPE_CHECKING:
    from lapt_dsl.language.tree import File


def parse(
    text: str, file: str = "<text>", *, offset: int = 0, line: int = 1
) -> tuple[PrincipleFile | SpaceFile | None, list[Diagnostic]]:
    """Parse a principle file or a space file; its first word says which it is.

    Args:
        text: The text, at most 4 MiB of characters and 100,000 tokens and comments, nested at most 100 deep.
        file: Its name in spans.
        offset: Where the text begins within the file, in characters, for a block of a larger text.
        line: The line at which the text begins within the file; the text begins at that line's first column.

    Returns:
        The tree, and the diagnostics in the order of the text. With diagnostics the tree holds what could be read, or
        is None; it is complete only if there is no error among them. Never raises on bad input.
    """
    if len(text) > MAX_CHARACTERS:
        source = SourceText(text[:1], file, offset, line)
        message = f"the text has {len(text):,} characters, more than the {MAX_CHARACTERS:,} that are read"
        source.add("E013", message, 0, 1, hint="split the file")
        return None, source.diagnostics
    source = SourceText(text, file, offset, line)
    language = language_of(source)
    if language is None:
        return None, source.diagnostics
    table = _table(language)
    tokens = Lexer(source, table).run()
    if any(item.code == "E013" for item in source.diagnostics):
        return None, _in_order(source.diagnostics)
    builder = PrincipleBuilder(source, tokens) if language == "principles" else SpaceBuilder(source, tokens)
    machine = LalrParser(table, tokens, builder)
    recovery = Recovery(machine, source)
    while (state := machine.run(MAX_NESTING)) == "stuck":
        if len(source.diagnostics) > MAX_ERRORS or not recovery.recover():
            break
    if state == "deep":
        recovery.too_deep()
    tree = machine.values[0] if state == "accepted" else None
    return tree if isinstance(tree, PrincipleFile | SpaceFile) else None, _findings(source)


def parse_or_raise(text: str, file: str = "<text>") -> File:
    """Parse a text that must be right. Raises LaptError with every diagnostic where it is not."""
    tree, diagnostics = parse(text, file)
    if tree is None or any(item.severity == "error" for item in diagnostics):
        raise LaptError(diagnostics)
    return tree


@cache
def _table(language: str) -> ParseTable:
    return load(language)


def _findings(source: SourceText) -> list[Diagnostic]:
    """What is wrong with a text; a text with nothing wrong does not pay for looking at what its errors mean."""
    if not source.diagnostics:
        return []
    from lapt_dsl.language.parsing.autofix import autofix

    return _in_order(autofix(source))


def _in_order(diagnostics: list[Diagnostic]) -> list[Diagnostic]:
    """The diagnostics in the order of the text, at most `MAX_ERRORS` and a note that there are more."""
    ordered = sorted(diagnostics, key=lambda item: (item.span.start, item.code))
    if len(ordered) <= MAX_ERRORS:
        return ordered
    last = ordered[MAX_ERRORS].span
    note = Diagnostic("E014", "note", f"more than {MAX_ERRORS} errors; the rest is not shown", last, "fix these first")
    return [*ordered[:MAX_ERRORS], note]
